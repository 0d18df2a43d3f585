"""Order's store on SQLite: orders, carts and promotions, so that they change together."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from kibble.kernel.clock import to_text
from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CartId, CustomerId, OrderId
from kibble.kernel.paging import Page, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.rows import AS_TEXT
from kibble.services.order.adapters.rows import OrderRows, change_cursor, change_place
from kibble.services.order.adapters.sqlite_erasure import forget_words_said, remove_trail
from kibble.services.order.adapters.sqlite_pages import first_changed, newest
from kibble.services.order.adapters.sqlite_sales import SqliteSales, conditions_of
from kibble.services.order.adapters.sqlite_subscriptions import (
    SqliteSubscriptions,
    save_subscription,
)
from kibble.services.order.model.cart import Cart
from kibble.services.order.model.erasure import Trail
from kibble.services.order.model.order import Entry, Intent, Order
from kibble.services.order.model.promotion import Audience, Promotion, Redemption
from kibble.services.order.model.search import OrderFilter
from kibble.services.order.model.subscription import Subscription

_ORDERS = Table(
    "orders",
    "order_id",
    "customer_id",
    "order_date",
    "status",
    "total_amount",
    "currency",
    "discount",
    "shipping",
    "tax",
    "email",
    "shipping_address",
    "shipping_method",
    "payment_method",
    "payment_status",
    "payment_id",
    "refunded",
    "promotion_code",
    "cart_id",
    "allocations",
    "parcels",
    "hold_expires_at",
    "updated_at",
    "subscription_id",
)
_INTENTS = Table("intents", "order_id", "key", "created_at")
_CARTS = Table("carts", "cart_id", "customer_id", "lines", "order_id", "created_at", "updated_at")
_PROMOTIONS = Table(
    "promotions",
    "code",
    "kind",
    "description",
    "starts_at",
    "ends_at",
    "basis_points",
    "amount",
    "currency",
    "buy_product",
    "buy_quantity",
    "get_product",
    "get_quantity",
    "minimum",
    "max_uses",
    "max_uses_per_customer",
    "uses",
    "audience",
)
_SELECT_ORDER = (
    f"SELECT {_ORDERS.columns}, (SELECT json_group_array(json_array(item_id, product_id, quantity,"
    " price, name, weight_grams)) FROM (SELECT * FROM order_items i"
    " WHERE i.order_id = orders.order_id ORDER BY item_id)) FROM orders"
)
_COUNT_USE = (
    "UPDATE promotions SET uses = uses + 1 WHERE code = ?2"
    " AND (max_uses IS NULL OR uses < max_uses)"
    " AND (max_uses_per_customer IS NULL OR max_uses_per_customer >"
    " (SELECT count(*) FROM redemptions r WHERE r.code = ?2 AND r.customer = ?1))"
)
_ROWS = OrderRows(AS_TEXT)


class SqliteOrderStore(SqliteSubscriptions, SqliteSales, SqliteStore):
    """Implements the ports in ``repository``."""

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            database,
            envelopes,
            savers={
                Order: _save_order,
                Intent: _save_intent,
                Cart: _save_cart,
                Promotion: _save_promotion,
                Redemption: _save_redemption,
                Subscription: save_subscription,
            },
            removers={
                Intent: _remove_intent,
                Cart: _remove_cart,
                Promotion: _remove_promotion,
                Trail: remove_trail,
            },
        )

    async def order(self, order_id: OrderId) -> Order | None:
        """See ``OrderRepository.order``."""
        row = self.database.read_one(f"{_SELECT_ORDER} WHERE order_id = ?", (order_id,))
        return _ROWS.order(row) if row else None

    async def orders(self, wanted: OrderFilter, limit: int, cursor: str | None) -> Page[Order]:
        """See ``OrderRepository.orders``."""
        conditions = conditions_of(wanted)
        if wanted.updated_since is None:
            rows = newest(
                self.database, _SELECT_ORDER, "order_id", conditions, limit=limit + 1, cursor=cursor
            )
            return page_of(list(map(_ROWS.order, rows)), limit, lambda o: encode_cursor(o.order_id))
        after = change_place(wanted.updated_since, cursor)
        rows = first_changed(self.database, _SELECT_ORDER, after, conditions, limit=limit + 1)
        return page_of(list(map(_ROWS.order, rows)), limit, change_cursor)

    async def orders_of_customer(self, customer_id: CustomerId) -> list[Order]:
        """See ``OrderRepository.orders_of_customer``."""
        rows = self.database.read(f"{_SELECT_ORDER} WHERE customer_id = ?", (customer_id,))
        return [_ROWS.order(row) for row in rows]

    async def timeline(self, order_id: OrderId) -> list[Entry]:
        """See ``OrderRepository.timeline``."""
        rows = self.database.read(
            "SELECT type, at, details FROM order_history WHERE order_id = ? ORDER BY position",
            (order_id,),
        )
        return [_ROWS.entry(row) for row in rows]

    async def intent(self, key: str) -> Intent | None:
        """See ``OrderRepository.intent``."""
        row = self.database.read_one(
            f"SELECT {_INTENTS.columns} FROM intents WHERE key = ?", (key,)
        )
        return _ROWS.intent(row) if row else None

    async def intents_before(self, moment: datetime) -> list[Intent]:
        """See ``OrderRepository.intents_before``."""
        rows = self.database.read(
            f"SELECT {_INTENTS.columns} FROM intents WHERE created_at < ? ORDER BY created_at",
            (to_text(moment),),
        )
        return [_ROWS.intent(row) for row in rows]

    async def is_intended(self, order_id: OrderId) -> bool:
        """See ``OrderRepository.is_intended``."""
        row = self.database.read_one("SELECT 1 FROM intents WHERE order_id = ?", (order_id,))
        return row is not None

    async def cart(self, cart_id: CartId) -> Cart | None:
        """See ``CartRepository.cart``."""
        row = self.database.read_one(
            f"SELECT {_CARTS.columns} FROM carts WHERE cart_id = ?", (cart_id,)
        )
        return _ROWS.cart(row) if row else None

    async def carts_of_customer(self, customer_id: CustomerId) -> list[Cart]:
        """See ``CartRepository.carts_of_customer``."""
        rows = self.database.read(
            f"SELECT {_CARTS.columns} FROM carts WHERE customer_id = ?", (customer_id,)
        )
        return [_ROWS.cart(row) for row in rows]

    async def promotion(self, code: str) -> Promotion | None:
        """See ``PromotionRepository.promotion``."""
        row = self.database.read_one(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE code = ?", (code,)
        )
        return _ROWS.promotion(row) if row else None

    async def promotions(self) -> list[Promotion]:
        """See ``PromotionRepository.promotions``."""
        rows = self.database.read(f"SELECT {_PROMOTIONS.columns} FROM promotions ORDER BY code")
        return [_ROWS.promotion(row) for row in rows]

    async def promotions_for(self, *audiences: Audience) -> list[Promotion]:
        """See ``PromotionRepository.promotions_for``."""
        marks = ", ".join("?" * len(audiences))
        rows = self.database.read(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE audience IN ({marks})"
            " ORDER BY code",
            [audience.value for audience in audiences],
        )
        return [_ROWS.promotion(row) for row in rows]

    async def uses_by(self, code: str, customer: str) -> int:
        """See ``PromotionRepository.uses_by``."""
        row = self.database.read_one(
            "SELECT count(*) FROM redemptions WHERE code = ? AND customer = ?", (code, customer)
        )
        return row[0] if row else 0

    async def redemptions_of(self, customer_id: CustomerId) -> list[Redemption]:
        """See ``PromotionRepository.redemptions_of``."""
        rows = self.database.read(
            "SELECT code, order_id, customer FROM redemptions WHERE customer = ?", (customer_id,)
        )
        return [Redemption(code, OrderId(order), who, 1) for code, order, who in rows]


def _save_order(connection: sqlite3.Connection, order: Order, expected: int) -> None:
    _ORDERS.save(connection, _ROWS.of_order(order), expected)
    if expected == 0:
        lines, words = _ROWS.of_lines(order), _ROWS.of_words(order)
        connection.executemany("INSERT INTO order_items VALUES (?, ?, ?, ?, ?, ?, ?)", lines)
        connection.executemany("INSERT INTO order_words VALUES (?, ?)", words)
    connection.executemany(
        "DELETE FROM order_words WHERE word = ? AND order_id = ?", _ROWS.of_forgotten(order)
    )
    if order.forgotten:
        forget_words_said(connection, order)
    entries = _ROWS.of_entries(order, expected)
    connection.executemany("INSERT INTO order_history VALUES (?, ?, ?, ?, ?)", entries)


def _save_intent(connection: sqlite3.Connection, intent: Intent, expected: int) -> None:
    _INTENTS.save(connection, _ROWS.of_intent(intent), expected)


def _remove_intent(connection: sqlite3.Connection, intent: Intent, expected: int) -> None:
    _INTENTS.delete(connection, intent.order_id, expected)


def _save_cart(connection: sqlite3.Connection, cart: Cart, expected: int) -> None:
    _CARTS.save(connection, _ROWS.of_cart(cart), expected)


def _remove_cart(connection: sqlite3.Connection, cart: Cart, expected: int) -> None:
    _CARTS.delete(connection, cart.cart_id, expected)


def _save_promotion(connection: sqlite3.Connection, promotion: Promotion, expected: int) -> None:
    _PROMOTIONS.save(connection, _ROWS.of_promotion(promotion), expected)


def _remove_promotion(connection: sqlite3.Connection, promotion: Promotion, expected: int) -> None:
    _PROMOTIONS.delete(connection, promotion.code, expected)


def _save_redemption(connection: sqlite3.Connection, redemption: Redemption, expected: int) -> None:
    values = (redemption.customer, redemption.code, redemption.order_id)
    if expected:
        connection.execute(
            "UPDATE redemptions SET customer = ? WHERE code = ? AND order_id = ?", values
        )
        return
    if not connection.execute(_COUNT_USE, values[:2]).rowcount:
        raise StaleVersion("The promotion was used up meanwhile.")
    connection.execute(
        "INSERT INTO redemptions (customer, code, order_id) VALUES (?, ?, ?)", values
    )
