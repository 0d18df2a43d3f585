"""Inventory's state on Cassandra as rows, and back.

An order's record becomes its hold, and a hold the first version of a record whose effects are in
the products. Positions of movements are counted anew: they stay far below those that a product's
next rev gives.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.ids import OrderId
from kibble.platform.engines.cassandra import Session, Statement
from kibble.platform.engines.cassandra.archive import (
    Replies,
    keeping,
    keys,
    micros,
    parked,
    parking,
)
from kibble.platform.engines.cassandra.replies import ReadMark
from kibble.platform.persistence.archive import IDEMPOTENCY, PARKED_EVENTS, Row, Shape
from kibble.services.inventory.adapters import archive
from kibble.services.inventory.adapters.cassandra_orders import (
    Body,
    Held,
    Record,
    bucket_of,
    record_of,
    reminding,
)
from kibble.services.inventory.model import HoldState

NAME = "inventory"
PARTITIONS = 100
"""How many partitions are read at a time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHELF = "all"
_TABLES = ("inventory", "reservations", "movements", "warehouses", "replies", "parked_events")


class CassandraArchive:
    """Implements ``Archive``; ``read_mark`` tells which answers under idempotency keys count."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        read_mark: ReadMark,
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.name = NAME
        self.shapes = archive.SHAPES
        self._session = session
        self._clock = clock
        self._replies = Replies(session, read_mark)
        self._close = close

    async def unfinished(self) -> int:
        """See ``Archive.unfinished``: what is announced, and what products lack of a record."""
        ((announced,),) = await self._session.read("SELECT count(*) FROM intents")
        held = Counter[tuple[str, str]]()
        undone = 0
        async for record in self._records():
            undone += not record.is_taking and record.is_open and bool(record.effects())
            if record.is_taking:
                held.update({(p, w): units for p, w, units in record.body.held.takes})
        async for levels in self._levels():
            for row in levels:
                place = (row["product_id"], row["warehouse_id"])
                undone += row["reserved"] != held.pop(place, 0)
        return int(announced) + undone + len(held)

    async def is_empty(self) -> bool:
        """See ``Archive.is_empty``."""
        for table in _TABLES:
            rows = await self._session.read(f"SELECT * FROM {table} LIMIT 1")
            if rows:
                return False
        return True

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``."""
        if table is archive.WAREHOUSES:
            yield await self._warehouses()
        elif table is PARKED_EVENTS:
            yield await parked(self._session)
        else:
            read = {
                archive.PRODUCTS: self._products,
                archive.LEVELS: self._levels,
                archive.HOLDS: self._holds,
                archive.MOVEMENTS: self._movements,
                IDEMPOTENCY: self._answers,
            }[table]
            async for rows in read():
                yield rows

    async def _warehouses(self) -> list[Row]:
        rows = await self._session.read(
            "SELECT warehouse_id, code, name, address, priority, version FROM warehouses"
            " WHERE shelf = ?",
            _SHELF,
        )
        return [
            {
                "warehouse_id": str(warehouse_id),
                "code": code,
                "name": name,
                "address": msgspec.json.decode(address),
                "priority": priority,
                "version": version,
            }
            for warehouse_id, code, name, address, priority, version in rows
            if warehouse_id is not None
        ]

    async def _products(self) -> AsyncIterator[Sequence[Row]]:
        async for products in keys(self._session, "inventory", "product_id", PARTITIONS):
            rows = await self._session.read(
                "SELECT product_id, rev, listed FROM inventory WHERE product_id IN ?"
                " PER PARTITION LIMIT 1",
                products,
            )
            yield [
                {"product_id": str(product), "rev": rev, "listed": listed}
                for product, rev, listed in rows
                if rev is not None
            ]

    async def _levels(self) -> AsyncIterator[Sequence[Row]]:
        async for products in keys(self._session, "inventory", "product_id", PARTITIONS):
            rows = await self._session.read(
                "SELECT product_id, warehouse_id, stock, reserved, WRITETIME(stock) FROM inventory"
                " WHERE product_id IN ?",
                products,
            )
            yield [
                {
                    "product_id": str(product),
                    "warehouse_id": str(warehouse),
                    "stock": stock,
                    "reserved": reserved,
                    "updated_at": to_text(_EPOCH + timedelta(microseconds=written)),
                }
                for product, warehouse, stock, reserved, written in rows
                if warehouse is not None
            ]

    async def _records(self) -> AsyncIterator[Record]:
        async for buckets in keys(self._session, "reservations", "bucket", PARTITIONS):
            rows = await self._session.read(
                "SELECT order_id, version, state, body, closed FROM reservations WHERE bucket IN ?",
                buckets,
            )
            for row in rows:
                if row[1] is not None:
                    yield record_of(row)

    async def _holds(self) -> AsyncIterator[Sequence[Row]]:
        async for record in self._records():
            if hold := record.hold:
                held = Held.of(hold)
                yield [
                    {
                        "order_id": record.order_id,
                        "state": held.state,
                        "expires_at": held.expires_at,
                        "takes": held.takes,
                    }
                ]

    async def _movements(self) -> AsyncIterator[Sequence[Row]]:
        async for products in keys(self._session, "inventory", "product_id", PARTITIONS):
            for product in products:
                yield await self._movements_of(product)

    async def _movements_of(self, product: object) -> Sequence[Row]:
        rows = await self._session.read(
            "SELECT position, body FROM movements WHERE product_id = ?", product
        )
        fresh = await self._session.read(
            "SELECT fresh FROM inventory WHERE product_id = ? LIMIT 1", product
        )
        bodies: dict[int, str] = dict(rows)
        bodies |= (fresh[0][0] if fresh else None) or {}
        return [
            _movement(str(product), place, bodies[position])
            for place, position in enumerate(sorted(bodies), start=1)
        ]

    async def _answers(self) -> AsyncIterator[Sequence[Row]]:
        async for found in keys(self._session, "replies", "key", PARTITIONS):
            yield await self._replies.rows(found)

    async def begin(self) -> None:
        """See ``Archive.begin``: every write is repeatable."""

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``."""
        write: Callable[[Row], Sequence[Statement]] = {
            archive.WAREHOUSES: _put_warehouse,
            archive.PRODUCTS: _put_product,
            archive.LEVELS: _put_level,
            archive.HOLDS: self._put_hold,
            archive.MOVEMENTS: _put_movement,
            IDEMPOTENCY: lambda row: [keeping(row)],
            PARKED_EVENTS: lambda row: [parking(row)],
        }[table]
        await self._session.write(*(statement for row in rows for statement in write(row)))

    def _put_hold(self, row: Row) -> Sequence[Statement]:
        order_id = OrderId(row["order_id"])
        order, due = uuid.UUID(order_id), from_text(row["expires_at"])
        held = Held(row["state"], [tuple(take) for take in row["takes"]], row["expires_at"])
        body = msgspec.json.encode(Body(held, came_from=None, writer="moved")).decode()
        is_held = row["state"] == HoldState.HELD.value
        statements: list[Statement] = [
            (
                (
                    "INSERT INTO reservations (bucket, order_id, version, state, body, closed)"
                    " VALUES (?, ?, 1, ?, ?, ?)"
                ),
                (bucket_of(order_id), order, row["state"], body, 0 if is_held else 1),
            )
        ]
        if is_held:
            statements.append(reminding(order_id, max(due, self._clock.now())))
            statements += [
                (
                    (
                        "UPDATE inventory SET holds = holds + ? WHERE product_id = ?"
                        " AND warehouse_id = ?"
                    ),
                    ({order: (units, due)}, uuid.UUID(product), uuid.UUID(warehouse)),
                )
                for product, warehouse, units in held.takes
            ]
        return statements

    async def finish(self) -> None:
        """See ``Archive.finish``: what products have told was written with them."""

    async def close(self) -> None:
        """See ``Archive.close``."""
        await self._close()


def _put_warehouse(row: Row) -> Sequence[Statement]:
    return [
        (
            (
                "INSERT INTO warehouses (shelf, rev, warehouse_id, code, name, address, priority,"
                " version) VALUES (?, 1, ?, ?, ?, ?, ?, ?)"
            ),
            (
                _SHELF,
                uuid.UUID(row["warehouse_id"]),
                row["code"],
                row["name"],
                msgspec.json.encode(row["address"]).decode(),
                row["priority"],
                row["version"],
            ),
        )
    ]


def _put_product(row: Row) -> Sequence[Statement]:
    return [
        (
            "INSERT INTO inventory (product_id, rev, listed, told_rev) VALUES (?, ?, ?, ?)",
            (uuid.UUID(row["product_id"]), row["rev"], row["listed"], row["rev"]),
        )
    ]


def _put_level(row: Row) -> Sequence[Statement]:
    """Write a level as of the moment at which it changed, and that there is some, if so."""
    product = uuid.UUID(row["product_id"])
    statements: list[Statement] = [
        (
            (
                "INSERT INTO inventory (product_id, warehouse_id, stock, reserved)"
                " VALUES (?, ?, ?, ?) USING TIMESTAMP ?"
            ),
            (
                product,
                uuid.UUID(row["warehouse_id"]),
                row["stock"],
                row["reserved"],
                micros(row["updated_at"]),
            ),
        ),
        (
            "UPDATE inventory SET changed_at = ? WHERE product_id = ?",
            (row["updated_at"], product),
        ),
    ]
    if row["stock"] > row["reserved"]:
        statements.append(
            ("UPDATE inventory SET told_in_stock = true WHERE product_id = ?", (product,))
        )
    return statements


def _movement(product_id: str, place: int, body: str) -> Row:
    warehouse_id, delta, reason, reference, at = msgspec.json.decode(body)
    return {
        "product_id": product_id,
        "place": place,
        "warehouse_id": warehouse_id,
        "delta": delta,
        "reason": reason,
        "reference": reference,
        "at": at,
    }


def _put_movement(row: Row) -> Sequence[Statement]:
    body = (row["warehouse_id"], row["delta"], row["reason"], row["reference"], row["at"])
    return [
        (
            "INSERT INTO movements (product_id, position, body) VALUES (?, ?, ?)",
            (
                uuid.UUID(row["product_id"]),
                row["place"],
                msgspec.json.encode(body).decode(),
            ),
        )
    ]
