"""Order's store on SQLite: orders, carts and promotions, so that they change together."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime
from typing import Any

import msgspec

from kibble.kernel.clock import from_text, from_text_or_none, to_text, to_text_or_none
from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CartId, CustomerId, OrderId, PaymentId, ProductId, SubscriptionId
from kibble.kernel.money import Money
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.order.adapters.sqlite_sales import SqliteSales, conditions_of
from kibble.services.order.adapters.subscription_json import (
    address_of,
    cycle_of,
    holds_of,
    items_of,
)
from kibble.services.order.model.cart import Cart, CartLine
from kibble.services.order.model.order import (
    Allocated,
    Charges,
    Entry,
    Intent,
    Order,
    OrderLine,
    OrderStatus,
    Parcel,
    PaymentStatus,
)
from kibble.services.order.model.promotion import Audience, Promotion, PromotionKind, Redemption
from kibble.services.order.model.search import OrderFilter
from kibble.services.order.model.subscription import Subscription, SubscriptionStatus
from kibble.services.order.model.words import numbers_of, person_words

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
_SUBSCRIPTIONS = Table(
    "subscriptions",
    "subscription_id",
    "customer_id",
    "name",
    "status",
    "reason",
    "time_zone",
    "address",
    "shipping_method",
    "payment_method",
    "payment_token",
    "items",
    "cycle",
    "resumes_on",
    "hurry",
    "look_again_at",
    "not_before",
    "tries",
    "stale_holds",
    "orders_paid",
    "last_order_id",
    "act_at",
    "created_at",
    "updated_at",
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
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


class SqliteOrderStore(SqliteSales, SqliteStore):
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
                Subscription: _save_subscription,
            },
            removers={Intent: _remove_intent, Cart: _remove_cart, Promotion: _remove_promotion},
        )

    async def order(self, order_id: OrderId) -> Order | None:
        """See ``OrderRepository.order``."""
        row = self.database.read_one(f"{_SELECT_ORDER} WHERE order_id = ?", (order_id,))
        return _order(row) if row else None

    async def orders(self, wanted: OrderFilter, limit: int, cursor: str | None) -> Page[Order]:
        """See ``OrderRepository.orders``."""
        start = decode_cursor(cursor, str)[0] if cursor else _LAST
        conditions = [("order_id < ?", start), *conditions_of(wanted)]
        where = " AND ".join(str(sql) for sql, *_ in conditions)
        values = [value for _, *given in conditions for value in given]
        rows = self.database.read(
            f"{_SELECT_ORDER} WHERE {where} ORDER BY order_id DESC LIMIT ?", (*values, limit + 1)
        )
        return page_of(
            [_order(row) for row in rows], limit, lambda last: encode_cursor(last.order_id)
        )

    async def orders_of_customer(self, customer_id: CustomerId) -> list[Order]:
        """See ``OrderRepository.orders_of_customer``."""
        rows = self.database.read(f"{_SELECT_ORDER} WHERE customer_id = ?", (customer_id,))
        return [_order(row) for row in rows]

    async def timeline(self, order_id: OrderId) -> list[Entry]:
        """See ``OrderRepository.timeline``."""
        rows = self.database.read(
            "SELECT type, at, details FROM order_history WHERE order_id = ? ORDER BY position",
            (order_id,),
        )
        return [Entry(row[0], from_text(row[1]), msgspec.json.decode(row[2])) for row in rows]

    async def intent(self, key: str) -> Intent | None:
        """See ``OrderRepository.intent``."""
        row = self.database.read_one(
            f"SELECT {_INTENTS.columns} FROM intents WHERE key = ?", (key,)
        )
        return _intent(row) if row else None

    async def intents_before(self, moment: datetime) -> list[Intent]:
        """See ``OrderRepository.intents_before``."""
        rows = self.database.read(
            f"SELECT {_INTENTS.columns} FROM intents WHERE created_at < ? ORDER BY created_at",
            (to_text(moment),),
        )
        return [_intent(row) for row in rows]

    async def is_intended(self, order_id: OrderId) -> bool:
        """See ``OrderRepository.is_intended``."""
        row = self.database.read_one("SELECT 1 FROM intents WHERE order_id = ?", (order_id,))
        return row is not None

    async def cart(self, cart_id: CartId) -> Cart | None:
        """See ``CartRepository.cart``."""
        row = self.database.read_one(
            f"SELECT {_CARTS.columns} FROM carts WHERE cart_id = ?", (cart_id,)
        )
        return _cart(row) if row else None

    async def carts_of_customer(self, customer_id: CustomerId) -> list[Cart]:
        """See ``CartRepository.carts_of_customer``."""
        rows = self.database.read(
            f"SELECT {_CARTS.columns} FROM carts WHERE customer_id = ?", (customer_id,)
        )
        return [_cart(row) for row in rows]

    async def promotion(self, code: str) -> Promotion | None:
        """See ``PromotionRepository.promotion``."""
        row = self.database.read_one(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE code = ?", (code,)
        )
        return _promotion(row) if row else None

    async def promotions(self) -> list[Promotion]:
        """See ``PromotionRepository.promotions``."""
        rows = self.database.read(f"SELECT {_PROMOTIONS.columns} FROM promotions ORDER BY code")
        return [_promotion(row) for row in rows]

    async def promotions_for(self, audience: Audience) -> list[Promotion]:
        """See ``PromotionRepository.promotions_for``."""
        rows = self.database.read(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE audience = ? ORDER BY code",
            (audience.value,),
        )
        return [_promotion(row) for row in rows]

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

    async def subscription(self, subscription_id: SubscriptionId) -> Subscription | None:
        """See ``SubscriptionRepository.subscription``."""
        row = self.database.read_one(
            f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions WHERE subscription_id = ?",
            (subscription_id,),
        )
        return _subscription(row) if row else None

    async def subscriptions(
        self,
        customer_id: CustomerId | None,
        status: SubscriptionStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Subscription]:
        """See ``SubscriptionRepository.subscriptions``."""
        conditions = ["subscription_id < ?"]
        values = [decode_cursor(cursor, str)[0] if cursor else _LAST]
        if customer_id is not None:
            conditions.append("customer_id = ?")
            values.append(customer_id)
        if status is not None:
            conditions.append("status = ?")
            values.append(status.value)
        rows = self.database.read(
            f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions WHERE {' AND '.join(conditions)}"
            " ORDER BY subscription_id DESC LIMIT ?",
            (*values, limit + 1),
        )
        return page_of(
            [_subscription(row) for row in rows],
            limit,
            lambda last: encode_cursor(last.subscription_id),
        )

    async def subscriptions_of_customer(self, customer_id: CustomerId) -> list[Subscription]:
        """See ``SubscriptionRepository.subscriptions_of_customer``."""
        rows = self.database.read(
            f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions WHERE customer_id = ?",
            (customer_id,),
        )
        return [_subscription(row) for row in rows]

    async def due_subscriptions(self, now: datetime, limit: int) -> list[SubscriptionId]:
        """See ``SubscriptionRepository.due_subscriptions``."""
        rows = self.database.read(
            "SELECT subscription_id FROM subscriptions WHERE act_at <= ? ORDER BY act_at LIMIT ?",
            (to_text(now), limit),
        )
        return [SubscriptionId(row[0]) for row in rows]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _save_order(connection: sqlite3.Connection, order: Order, expected: int) -> None:
    charges = order.charges
    values = (
        order.order_id,
        order.customer_id,
        to_text(order.created_at),
        order.status.value,
        charges.items.minor,
        charges.items.currency,
        charges.discount.minor,
        charges.shipping.minor,
        charges.tax.minor,
        order.email,
        _json(order.shipping_address),
        order.shipping_method,
        order.payment_method,
        order.payment_status.value,
        order.payment_id,
        order.refunded.minor,
        order.promotion_code,
        order.cart_id,
        _json([(a.product_id, a.warehouse_id, a.quantity) for a in order.allocations]),
        _json([astuple(parcel) for parcel in order.parcels]),
        to_text(order.hold_expires_at),
        to_text(order.updated_at),
        order.subscription_id,
    )
    _ORDERS.save(connection, values, expected)
    if expected == 0:
        _insert_items(connection, order)
        _insert_words(connection, order)
    connection.executemany(
        "DELETE FROM order_words WHERE word = ? AND order_id = ?",
        [(word, order.order_id) for word in order.forgotten],
    )
    # Positions leave room for the entries of one save, so that no count is needed.
    connection.executemany(
        "INSERT INTO order_history VALUES (?, ?, ?, ?, ?)",
        [
            (
                order.order_id,
                expected * 100 + i,
                entry.type,
                to_text(entry.at),
                _json(entry.details),
            )
            for i, entry in enumerate(order.entries)
        ],
    )


def _insert_words(connection: sqlite3.Connection, order: Order) -> None:
    words = (*numbers_of(order.order_id), *person_words(order.shipping_address, order.email))
    connection.executemany(
        "INSERT OR IGNORE INTO order_words VALUES (?, ?)",
        [(word, order.order_id) for word in words],
    )


def _insert_items(connection: sqlite3.Connection, order: Order) -> None:
    connection.executemany(
        "INSERT INTO order_items VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                line.item_id,
                order.order_id,
                line.product_id,
                line.quantity,
                line.price.minor,
                line.name,
                line.weight_grams,
            )
            for line in order.lines
        ],
    )


def _order(row: Sequence[Any]) -> Order:
    currency = row[5]
    items = msgspec.json.decode(row[24])
    return Order(
        order_id=OrderId(row[0]),
        customer_id=CustomerId(row[1]) if row[1] else None,
        email=row[9],
        lines=tuple(
            OrderLine(i[0], ProductId(i[1]), i[2], Money(i[3], currency), i[4], i[5]) for i in items
        ),
        charges=Charges(
            Money(row[4], currency),
            Money(row[6], currency),
            Money(row[7], currency),
            Money(row[8], currency),
        ),
        shipping_address=msgspec.json.decode(row[10]),
        shipping_method=row[11],
        payment_method=row[12],
        promotion_code=row[16],
        cart_id=row[17],
        allocations=tuple(Allocated(*a) for a in msgspec.json.decode(row[18])),
        hold_expires_at=from_text(row[20]),
        created_at=from_text(row[2]),
        updated_at=from_text(row[21]),
        status=OrderStatus(row[3]),
        payment_status=PaymentStatus(row[13]),
        payment_id=PaymentId(row[14]) if row[14] else None,
        refunded=Money(row[15], currency),
        parcels=[Parcel(*p) for p in msgspec.json.decode(row[19])],
        subscription_id=row[22],
        version=row[23],
    )


def _save_intent(connection: sqlite3.Connection, intent: Intent, expected: int) -> None:
    values = (intent.order_id, intent.key, to_text(intent.created_at))
    _INTENTS.save(connection, values, expected)


def _remove_intent(connection: sqlite3.Connection, intent: Intent, expected: int) -> None:
    _INTENTS.delete(connection, intent.order_id, expected)


def _intent(row: Sequence[Any]) -> Intent:
    return Intent(OrderId(row[0]), row[1], from_text(row[2]), row[3])


def _save_cart(connection: sqlite3.Connection, cart: Cart, expected: int) -> None:
    lines = [
        (product_id, line.quantity, line.seen_price.minor, line.seen_price.currency)
        for product_id, line in cart.lines.items()
    ]
    values = (
        cart.cart_id,
        cart.customer_id,
        _json(lines),
        cart.order_id,
        to_text(cart.created_at),
        to_text(cart.updated_at),
    )
    _CARTS.save(connection, values, expected)


def _remove_cart(connection: sqlite3.Connection, cart: Cart, expected: int) -> None:
    _CARTS.delete(connection, cart.cart_id, expected)


def _cart(row: Sequence[Any]) -> Cart:
    lines = {
        ProductId(product_id): CartLine(quantity, Money(minor, currency))
        for product_id, quantity, minor, currency in msgspec.json.decode(row[2])
    }
    return Cart(
        CartId(row[0]),
        CustomerId(row[1]) if row[1] else None,
        from_text(row[4]),
        from_text(row[5]),
        lines,
        OrderId(row[3]) if row[3] else None,
        row[6],
    )


def _save_promotion(connection: sqlite3.Connection, promotion: Promotion, expected: int) -> None:
    p = promotion
    values = (
        p.code,
        p.kind.value,
        p.description,
        to_text(p.starts_at),
        to_text_or_none(p.ends_at),
        p.basis_points,
        p.amount.minor,
        p.amount.currency,
        p.buy_product,
        p.buy_quantity,
        p.get_product,
        p.get_quantity,
        p.minimum.minor,
        p.max_uses,
        p.max_uses_per_customer,
        p.uses,
        p.audience.value,
    )
    _PROMOTIONS.save(connection, values, expected)


def _remove_promotion(connection: sqlite3.Connection, promotion: Promotion, expected: int) -> None:
    _PROMOTIONS.delete(connection, promotion.code, expected)


def _promotion(row: Sequence[Any]) -> Promotion:
    currency = row[7]
    return Promotion(
        code=row[0],
        kind=PromotionKind(row[1]),
        description=row[2],
        starts_at=from_text(row[3]),
        ends_at=from_text_or_none(row[4]),
        basis_points=row[5],
        amount=Money(row[6], currency),
        buy_product=row[8],
        buy_quantity=row[9],
        get_product=row[10],
        get_quantity=row[11],
        minimum=Money(row[12], currency),
        max_uses=row[13],
        max_uses_per_customer=row[14],
        uses=row[15],
        audience=Audience(row[16]),
        version=row[17],
    )


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


def _save_subscription(
    connection: sqlite3.Connection, subscription: Subscription, expected: int
) -> None:
    s = subscription
    values = (
        s.subscription_id,
        s.customer_id,
        s.name,
        s.status.value,
        s.reason,
        s.time_zone,
        _json(s.address) if s.address else None,
        s.shipping_method,
        s.payment_method,
        s.payment_token,
        _json(s.items),
        _json(s.cycle),
        s.resumes_on.isoformat() if s.resumes_on else None,
        to_text_or_none(s.hurry),
        to_text_or_none(s.look_again_at),
        to_text_or_none(s.not_before),
        s.tries,
        _json(s.stale_holds),
        s.orders_paid,
        s.last_order_id,
        to_text_or_none(s.act_at),
        to_text(s.created_at),
        to_text(s.updated_at),
    )
    _SUBSCRIPTIONS.save(connection, values, expected)


def _subscription(row: Sequence[Any]) -> Subscription:
    return Subscription(
        subscription_id=row[0],
        customer_id=row[1],
        name=row[2],
        status=SubscriptionStatus(row[3]),
        reason=row[4],
        time_zone=row[5],
        address=address_of(row[6]),
        shipping_method=row[7],
        payment_method=row[8],
        payment_token=row[9],
        items=items_of(row[10]),
        cycle=cycle_of(row[11]),
        resumes_on=date.fromisoformat(row[12]) if row[12] else None,
        hurry=from_text_or_none(row[13]),
        look_again_at=from_text_or_none(row[14]),
        not_before=from_text_or_none(row[15]),
        tries=row[16],
        stale_holds=holds_of(row[17]),
        orders_paid=row[18],
        last_order_id=row[19],
        created_at=from_text(row[21]),
        updated_at=from_text(row[22]),
        version=row[23],
    )
