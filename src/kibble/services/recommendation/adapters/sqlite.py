"""The graph on SQLite. Every write is an upsert, so that nothing has to be read before it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from typing import LiteralString

from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.engines.sqlite import Database, SqliteStore
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.recommendation.adapters.rows import card_of
from kibble.services.recommendation.model import (
    Card,
    Erasure,
    ProductNumber,
    Profile,
    Purchase,
    Trace,
    View,
    Withdrawal,
)
from kibble.services.recommendation.model.arrays import Rows
from kibble.services.recommendation.model.edges import rows, seconds
from kibble.services.recommendation.repository import Bounds

_CARD = (
    "product_id, name, category, price, currency, image, species, regular_price,"
    " number, sequence, parent, (SELECT c.product_id FROM products c WHERE c.number = p.parent)"
)
_SOLD = f"SELECT {_CARD} FROM products p WHERE sold"


class SqliteGraph(SqliteStore):
    """Implements ``Graph``."""

    def __init__(
        self,
        database: Database,
        envelopes: EnvelopeMaker,
        bounds: Bounds = Bounds(),  # noqa: B008 - a frozen value
    ) -> None:
        self._bounds = bounds
        super().__init__(
            database,
            envelopes,
            {
                Card: _save_card,
                Withdrawal: _save_withdrawal,
                Purchase: _save_purchase,
                View: _save_view,
                Erasure: _save_erasure,
            },
        )

    async def card(self, product_id: ProductId) -> Card | None:
        """See ``Graph.card``."""
        row = self.database.read_one(f"{_SOLD} AND product_id = ?", (product_id,))
        return card_of(row) if row else None

    async def cards(self, products: Collection[ProductNumber]) -> dict[ProductNumber, Card]:
        """See ``Graph.cards``."""
        marks = ", ".join("?" * len(products))
        found = self.database.read(f"{_SOLD} AND number IN ({marks})", tuple(products))
        return {ProductNumber(row[8]): card_of(row) for row in found}

    async def newest(self, category: str | None, count: int) -> list[Card]:
        """See ``Graph.newest``."""
        wanted = "" if category is None else "AND category = ? "
        found = self.database.read(
            f"{_SOLD} AND parent IS NULL {wanted}ORDER BY number DESC LIMIT ?",
            (count,) if category is None else (category, count),
        )
        return [card_of(row) for row in found]

    async def profile(self, customer_id: CustomerId) -> Profile:
        """See ``Graph.profile``."""
        customer = self.database.read_one(
            "SELECT number FROM customers WHERE customer_id = ?", (customer_id,)
        )
        if customer is None:
            return Profile()
        bought = self.database.read(
            "SELECT b.product, b.orders, p.species, p.parent FROM bought b JOIN products p"
            " ON p.number = b.product WHERE b.customer = ? ORDER BY b.bought_at DESC LIMIT ?",
            (customer[0], self._bounds.bought),
        )
        viewed = self.database.read(
            "SELECT coalesce(p.parent, p.number), p.species FROM viewed v"
            " JOIN products p ON p.number = v.product WHERE v.customer = ?"
            " ORDER BY v.viewed_at DESC LIMIT ?",
            (customer[0], self._bounds.viewed),
        )
        return Profile.of(bought, viewed)

    async def trace(self, customer_id: CustomerId) -> Trace:
        """See ``Graph.trace``."""
        return Trace(
            self._edges("bought", "bought_at", customer_id),
            self._edges("viewed", "viewed_at", customer_id),
        )

    def _edges(
        self, kind: LiteralString, at: LiteralString, customer_id: CustomerId
    ) -> tuple[tuple[ProductId, datetime], ...]:
        found = self.database.read(
            f"SELECT p.product_id, e.{at} FROM customers c JOIN {kind} e ON e.customer = c.number"
            f" JOIN products p ON p.number = e.product WHERE c.customer_id = ?"
            f" ORDER BY e.{at} DESC, p.number",
            (customer_id,),
        )
        return tuple(
            (ProductId(product), datetime.fromtimestamp(when, UTC)) for product, when in found
        )

    def lines(self) -> AsyncIterator[Rows]:
        """See ``Graph.lines``."""
        return self._chunks(
            "SELECT l.order_number, coalesce(o.customer, 0), l.product, o.bought_at"
            " FROM purchases l CROSS JOIN orders o ON o.number = l.order_number"
            " WHERE (l.order_number, l.product) > (?, ?)"
            " ORDER BY l.order_number, l.product LIMIT ?",
            width=4,
            key=(0, 2),
        )

    def views(self) -> AsyncIterator[Rows]:
        """See ``Graph.views``."""
        return self._chunks(
            "SELECT customer, product, viewed_at FROM viewed WHERE (customer, product) > (?, ?)"
            " ORDER BY customer, product LIMIT ?",
            width=3,
            key=(0, 1),
        )

    def families(self) -> AsyncIterator[Rows]:
        """See ``Graph.families``."""
        return self._chunks(
            "SELECT number, parent FROM products WHERE (number, parent) > (?, ?)"
            " AND parent IS NOT NULL ORDER BY number, parent LIMIT ?",
            width=2,
            key=(0, 1),
        )

    async def _chunks(self, query: str, width: int, key: tuple[int, int]) -> AsyncIterator[Rows]:
        """Yield a query's rows chunk by chunk; ``key`` are the two columns that it is sorted by."""
        after = (0, 0)
        while chunk := self.database.read(query, (*after, self._bounds.chunk_rows)):
            after = (chunk[-1][key[0]], chunk[-1][key[1]])
            yield rows(chunk, width)
            await _let_others_run()

    async def sold(self) -> AsyncIterator[list[tuple[int, str]]]:
        """See ``Graph.sold``."""
        after = 0
        while chunk := self.database.read(
            "SELECT number, category FROM products WHERE number > ? AND sold"
            " ORDER BY number LIMIT ?",
            (after, self._bounds.chunk_rows),
        ):
            after = chunk[-1][0]
            yield [(number, category) for number, category in chunk]
            await _let_others_run()


async def _let_others_run() -> None:
    await asyncio.sleep(0)  # allow(clock): gives way to what waits, and takes no time


def _save_card(connection: sqlite3.Connection, card: Card, _: int) -> None:
    connection.execute(
        "INSERT INTO products (product_id, name, category, price, currency, image, species,"
        " regular_price, sold, parent, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)"
        " ON CONFLICT (product_id) DO UPDATE SET"
        " name = excluded.name, category = excluded.category, price = excluded.price,"
        " currency = excluded.currency, image = excluded.image, species = excluded.species,"
        " regular_price = excluded.regular_price, sold = 1,"
        " parent = coalesce(excluded.parent, parent), sequence = excluded.sequence"
        " WHERE sequence < excluded.sequence",
        (
            card.product_id,
            card.name,
            card.category,
            card.price.minor,
            card.price.currency,
            card.image,
            card.species,
            card.regular_price.minor if card.regular_price else None,
            _product(connection, card.parent_id) if card.parent_id else None,
            card.version,
        ),
    )


def _save_withdrawal(connection: sqlite3.Connection, withdrawal: Withdrawal, _: int) -> None:
    connection.execute(
        "INSERT INTO products (product_id, sequence) VALUES (?, ?) ON CONFLICT (product_id)"
        " DO UPDATE SET sold = 0, sequence = excluded.sequence WHERE sequence < excluded.sequence",
        (withdrawal.product_id, withdrawal.version),
    )


def _save_purchase(connection: sqlite3.Connection, purchase: Purchase, _: int) -> None:
    order, customer = _order(connection, purchase)
    bought_at = seconds(purchase.bought_at)
    for product_id, quantity in purchase.quantities.items():
        product = _product(connection, product_id)
        added = connection.execute(
            "INSERT INTO purchases VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (order, product, quantity),
        ).rowcount
        if added and customer is not None:
            connection.execute(
                "INSERT INTO bought VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET"
                " orders = orders + 1, bought_at = max(bought_at, excluded.bought_at)",
                (customer, product, bought_at),
            )


def _order(connection: sqlite3.Connection, purchase: Purchase) -> tuple[int, int | None]:
    """Return the numbers of the order and of its customer, as they were first saved."""
    find = "SELECT number, customer FROM orders WHERE order_id = ?"
    found = connection.execute(find, (purchase.order_id,)).fetchone()
    if found is None:
        customer = _customer(connection, purchase.customer_id) if purchase.customer_id else None
        found = connection.execute(
            "INSERT INTO orders (order_id, customer, bought_at) VALUES (?, ?, ?)"
            " RETURNING number, customer",
            (purchase.order_id, customer, seconds(purchase.bought_at)),
        ).fetchone()
    numbers: tuple[int, int | None] = found
    return numbers


def _save_view(connection: sqlite3.Connection, view: View, _: int) -> None:
    customer = _customer(connection, view.customer_id)
    if customer is not None:
        connection.execute(
            "INSERT INTO viewed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " viewed_at = max(viewed_at, excluded.viewed_at)",
            (customer, _product(connection, view.product_id), seconds(view.viewed_at)),
        )


def _save_erasure(connection: sqlite3.Connection, erasure: Erasure, _: int) -> None:
    customer = _customer(connection, erasure.customer_id)
    if customer is not None:
        connection.execute("DELETE FROM viewed WHERE customer = ?", (customer,))
        connection.execute("UPDATE customers SET customer_id = NULL WHERE number = ?", (customer,))
        connection.execute(
            "INSERT INTO customers (customer_id, erased) VALUES (?, 1)", (erasure.customer_id,)
        )


def _customer(connection: sqlite3.Connection, customer_id: CustomerId) -> int | None:
    """Return a customer's number, given now if need be; None for one who was erased."""
    connection.execute(
        "INSERT INTO customers (customer_id) VALUES (?) ON CONFLICT DO NOTHING", (customer_id,)
    )
    number, erased = connection.execute(
        "SELECT number, erased FROM customers WHERE customer_id = ?", (customer_id,)
    ).fetchone()
    return None if erased else number


def _product(connection: sqlite3.Connection, product_id: ProductId) -> int:
    """Return a product's number, given now if need be."""
    connection.execute(
        "INSERT INTO products (product_id) VALUES (?) ON CONFLICT DO NOTHING", (product_id,)
    )
    number: int = connection.execute(
        "SELECT number FROM products WHERE product_id = ?", (product_id,)
    ).fetchone()[0]
    return number
