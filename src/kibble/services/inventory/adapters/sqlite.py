"""The stock ledger on SQLite: a change is decided in its transaction, so it never conflicts."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TypeVar

import msgspec

from kibble.contracts.inventory import AvailabilityChanged, ReservationExpired, StockUpdated
from kibble.kernel.clock import from_text, to_text
from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Publish
from kibble.platform.persistence.store import StoredReply
from kibble.services.inventory.model import (
    Book,
    Hold,
    HoldState,
    KnownProduct,
    Level,
    Movement,
    Stock,
    Take,
    Warehouse,
)
from kibble.services.inventory.repository import LOW_UNITS, RecordedMovement, StockTotals

T = TypeVar("T")
Figures = Mapping[WarehouseId, tuple[int, int]]
"""Units on hand and reserved, by warehouse."""

_WAREHOUSES = Table("warehouses", "warehouse_id", "code", "name", "address", "priority")
_SELECT_STOCK = (
    "SELECT p.rev, p.listed, i.warehouse_id, i.stock, i.reserved FROM products p"
    " LEFT JOIN inventory i USING (product_id) WHERE p.product_id = ?"
)

_TOTALS = (
    "SELECT count(*), count(*) FILTER (WHERE on_hand <= reserved),"
    " count(*) FILTER (WHERE on_hand - reserved BETWEEN 1 AND :low),"
    " coalesce(sum(on_hand), 0), coalesce(sum(reserved), 0)"
    " FROM (SELECT coalesce(sum(i.stock), 0) AS on_hand, coalesce(sum(i.reserved), 0) AS reserved"
    " FROM products p LEFT JOIN inventory i USING (product_id) WHERE p.listed GROUP BY product_id)"
)


class SqliteStockLedger(SqliteStore):
    """Implements ``StockLedger``."""

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            database, envelopes, {Warehouse: _save_warehouse, KnownProduct: _save_product}
        )
        self._clock = envelopes.clock

    async def change(
        self,
        decide: Callable[[Book], T],
        *,
        order_id: OrderId | None = None,
        product_ids: Sequence[ProductId] = (),
        seal: Callable[[T], StoredReply | None] | None = None,
    ) -> T:
        """See ``StockLedger.change``."""
        topics: set[str] = set()

        def work(connection: sqlite3.Connection) -> T:
            book = _load(connection, order_id, product_ids)
            kept = {id_: _figures(stock) for id_, stock in book.stocks.items()}
            value = decide(book)
            events = self._write_book(connection, book, kept)
            topics.update(publish.event.topic for publish in events)
            if seal and (reply := seal(value)):
                self.keep(connection, reply)
            return value

        return await self.database.write(work, then=lambda: self.signal.fire(topics))

    def _write_book(
        self, connection: sqlite3.Connection, book: Book, kept: Mapping[ProductId, Figures]
    ) -> list[Publish]:
        now = to_text(self._clock.now())
        if book.hold_changed and book.hold is not None:
            _save_hold(connection, book.hold)
        for product_id in book.changed:
            _save_stock(connection, book.stocks[product_id], kept[product_id], now)
        for movement in book.movements:
            _save_movement(connection, movement, now)
        events = _events(book)
        if events:
            self.publish(connection, self.seal(events))
        return events

    async def stock(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Stock]:
        """See ``StockLedger.stock``."""
        stocks = {}
        for product_id in product_ids:
            rows = self.database.read(_SELECT_STOCK, (product_id,))
            if rows and rows[0][1]:
                stocks[product_id] = _stock(product_id, rows)
        return stocks

    async def expired_orders(self, now: datetime, limit: int) -> list[OrderId]:
        """See ``StockLedger.expired_orders``."""
        rows = self.database.read(
            "SELECT order_id FROM holds WHERE state = 'HELD' AND expires_at <= ?"
            " ORDER BY expires_at LIMIT ?",
            (to_text(now), limit),
        )
        return [OrderId(order_id) for (order_id,) in rows]

    async def movements(
        self, product_id: ProductId, limit: int, cursor: str | None
    ) -> Page[RecordedMovement]:
        """See ``StockLedger.movements``."""
        before = decode_cursor(cursor, int)[0] if cursor else 2**62
        rows = self.database.read(
            "SELECT position, warehouse_id, delta, reason, reference, at FROM movements"
            " WHERE product_id = ? AND position < ? ORDER BY position DESC LIMIT ?",
            (product_id, before, limit + 1),
        )
        recorded = [
            RecordedMovement(row[0], Movement(product_id, *row[1:5]), from_text(row[5]))
            for row in rows
        ]
        return page_of(recorded, limit, lambda last: encode_cursor(last.position))

    async def totals(self) -> StockTotals:
        """See ``StockLedger.totals``; on a connection and a thread of its own."""
        return await asyncio.to_thread(self._count)

    def _count(self) -> StockTotals:
        with closing(self.database.connect()) as connection:
            return StockTotals(*connection.execute(_TOTALS, {"low": LOW_UNITS}).fetchone())

    async def warehouses(self) -> list[Warehouse]:
        """See ``StockLedger.warehouses``."""
        rows = self.database.read(
            f"SELECT {_WAREHOUSES.columns} FROM warehouses ORDER BY priority, warehouse_id"
        )
        return [_warehouse(row) for row in rows]

    async def warehouse(self, warehouse_id: WarehouseId) -> Warehouse | None:
        """See ``StockLedger.warehouse``."""
        row = self.database.read_one(
            f"SELECT {_WAREHOUSES.columns} FROM warehouses WHERE warehouse_id = ?", (warehouse_id,)
        )
        return _warehouse(row) if row else None


def _load(
    connection: sqlite3.Connection, order_id: OrderId | None, product_ids: Sequence[ProductId]
) -> Book:
    hold = _load_hold(connection, order_id) if order_id else None
    wanted: Iterable[ProductId] = product_ids
    if hold is not None:
        wanted = {*product_ids, *(take.product_id for take in hold.takes)}
    stocks = {}
    for product_id in wanted:
        rows = connection.execute(_SELECT_STOCK, (product_id,)).fetchall()
        if rows:
            stocks[product_id] = _stock(product_id, rows)
    priorities = dict(connection.execute("SELECT warehouse_id, priority FROM warehouses"))
    return Book(stocks, priorities, hold)


def _load_hold(connection: sqlite3.Connection, order_id: OrderId) -> Hold | None:
    row = connection.execute(
        "SELECT takes, expires_at, state FROM holds WHERE order_id = ?", (order_id,)
    ).fetchone()
    if row is None:
        return None
    takes = tuple(Take(*take) for take in msgspec.json.decode(row[0]))
    return Hold(order_id, takes, from_text(row[1]), HoldState(row[2]))


def _stock(product_id: ProductId, rows: Iterable[tuple[int, int, str | None, int, int]]) -> Stock:
    stock = Stock(product_id)
    for rev, listed, warehouse_id, on_hand, reserved in rows:
        stock.version, stock.listed = rev, bool(listed)
        if warehouse_id is not None:
            stock.levels[WarehouseId(warehouse_id)] = Level(on_hand, reserved)
    return stock


def _figures(stock: Stock) -> Figures:
    """Return a stock's figures as they are now."""
    return {id_: (level.on_hand, level.reserved) for id_, level in stock.levels.items()}


def _save_stock(connection: sqlite3.Connection, stock: Stock, kept: Figures, now: str) -> None:
    """Write the levels that are no more as they were ``kept``."""
    connection.execute(
        "UPDATE products SET rev = ? WHERE product_id = ?", (stock.version, stock.product_id)
    )
    connection.executemany(
        "INSERT INTO inventory VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " stock = excluded.stock, reserved = excluded.reserved, updated_at = excluded.updated_at",
        [
            (stock.product_id, warehouse_id, on_hand, reserved, now)
            for warehouse_id, (on_hand, reserved) in _figures(stock).items()
            if kept.get(warehouse_id) != (on_hand, reserved)
        ],
    )


def _save_hold(connection: sqlite3.Connection, hold: Hold) -> None:
    takes = [(take.product_id, take.warehouse_id, take.quantity) for take in hold.takes]
    connection.execute(
        "INSERT INTO holds VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " state = excluded.state, expires_at = excluded.expires_at, takes = excluded.takes",
        (
            hold.order_id,
            hold.state.value,
            to_text(hold.expires_at),
            msgspec.json.encode(takes).decode(),
        ),
    )


def _save_movement(connection: sqlite3.Connection, movement: Movement, now: str) -> None:
    connection.execute(
        "INSERT INTO movements (product_id, warehouse_id, delta, reason, reference, at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            movement.product_id,
            movement.warehouse_id,
            movement.delta,
            movement.reason,
            movement.reference,
            now,
        ),
    )


def _events(book: Book) -> list[Publish]:
    """Return what to tell: each changed product's state, and the order whose hold ran out."""
    events: list[Publish] = []
    for product_id, before in book.changed.items():
        stock = book.stocks[product_id]
        available = stock.available
        updated = StockUpdated(
            product_id=product_id,
            on_hand=stock.on_hand,
            reserved=stock.reserved,
            available=available,
        )
        events.append(Publish(updated, stock.version))
        if (before > 0) != (available > 0):
            changed = AvailabilityChanged(product_id=product_id, available=available)
            events.append(Publish(changed, stock.version))
    if book.hold is not None and (book.expired or book.sold_out):
        over = ReservationExpired(order_id=book.hold.order_id, sold_out=book.sold_out)
        events.append(Publish(over, 1))
    return events


def _save_warehouse(connection: sqlite3.Connection, warehouse: Warehouse, expected: int) -> None:
    values = (
        warehouse.warehouse_id,
        warehouse.code,
        warehouse.name,
        msgspec.json.encode(warehouse.address).decode(),
        warehouse.priority,
    )
    _WAREHOUSES.save(connection, values, expected)


def _warehouse(row: tuple[str, str, str, str, int, int]) -> Warehouse:
    return Warehouse(
        WarehouseId(row[0]),
        row[1],
        row[2],
        msgspec.json.decode(row[3], type=dict[str, str]),
        row[4],
        row[5],
    )


def _save_product(connection: sqlite3.Connection, product: KnownProduct, _: int) -> None:
    connection.execute(
        "INSERT INTO products (product_id, listed) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET listed = listed AND excluded.listed",
        (product.product_id, product.listed),
    )
