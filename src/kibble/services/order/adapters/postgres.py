"""Order's store on PostgreSQL: orders, carts and promotions, so that they change together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from datetime import date, datetime
from typing import Any

import msgspec

from kibble.kernel.ids import CartId, CustomerId, OrderId, PaymentId, ProductId, SubscriptionId
from kibble.kernel.money import Money
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.postgres import (
    INTEGER,
    JSON,
    MONEY,
    TEXT,
    TIME,
    UUID,
    Clause,
    Lookup,
    Postgres,
    PostgresStore,
    Rows,
    Table,
    Write,
)
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.order.adapters.postgres_sales import PostgresSales, conditions_of
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

PARTED = ("orders", "order_items", "order_history")
"""The tables that have a partition a month."""

_ORDERS = Table(
    "orders",
    "order_id",
    customer_id=UUID,
    order_date=TIME,
    status=TEXT,
    total_amount=MONEY,
    currency=TEXT,
    discount=MONEY,
    shipping=MONEY,
    tax=MONEY,
    email=TEXT,
    shipping_address=JSON,
    shipping_method=TEXT,
    payment_method=TEXT,
    payment_status=TEXT,
    payment_id=UUID,
    refunded=MONEY,
    promotion_code=TEXT,
    cart_id=UUID,
    allocations=JSON,
    parcels=JSON,
    hold_expires_at=TIME,
    updated_at=TIME,
    subscription_id=UUID,
)
_ITEMS = Rows(
    "order_items",
    item_id=UUID,
    order_id=UUID,
    product_id=UUID,
    quantity=INTEGER,
    price=MONEY,
    name=TEXT,
    weight_grams=INTEGER,
)
_HISTORY = Rows("order_history", order_id=UUID, position=INTEGER, type=TEXT, at=TIME, details=JSON)
_WORDS = Rows("order_words", word=TEXT, order_id=UUID)
_FORGET_WORDS = Clause(
    "DELETE FROM order_words AS w USING {rows}"
    " WHERE w.word = row.word AND w.order_id = row.order_id",
    [("word", "text"), ("order_id", "uuid")],
    counted=False,
)
_CART_ORDERS = Rows("cart_orders", cart_id=UUID, order_id=UUID)
_INTENTS = Table("intents", "order_id", key=TEXT, created_at=TIME)
_CARTS = Table(
    "carts",
    "cart_id",
    customer_id=UUID,
    lines=JSON,
    order_id=UUID,
    created_at=TIME,
    updated_at=TIME,
)
_PROMOTIONS = Table(
    "promotions",
    "code",
    TEXT,
    kind=TEXT,
    description=TEXT,
    starts_at=TIME,
    ends_at=TIME,
    basis_points=INTEGER,
    amount=MONEY,
    currency=TEXT,
    buy_product=UUID,
    buy_quantity=INTEGER,
    get_product=UUID,
    get_quantity=INTEGER,
    minimum=MONEY,
    max_uses=INTEGER,
    max_uses_per_customer=INTEGER,
    uses=INTEGER,
    audience=TEXT,
)
_SUBSCRIPTIONS = Table(
    "subscriptions",
    "subscription_id",
    customer_id=UUID,
    name=TEXT,
    status=TEXT,
    reason=TEXT,
    time_zone=TEXT,
    address=JSON,
    shipping_method=TEXT,
    payment_method=TEXT,
    payment_token=TEXT,
    items=JSON,
    cycle=JSON,
    resumes_on=TEXT,
    hurry=TIME,
    look_again_at=TIME,
    not_before=TIME,
    tries=INTEGER,
    stale_holds=JSON,
    orders_paid=INTEGER,
    last_order_id=UUID,
    act_at=TIME,
    created_at=TIME,
    updated_at=TIME,
)
_REDEMPTION = [("code", "text"), ("order_id", "uuid"), ("customer", "text")]
# The promotion's row is locked by the count, so its limit holds. The customer's count is read from
# before the statement: of two uses that race, the second finds its number taken.
_REDEEM = Clause(
    "INSERT INTO redemptions (code, order_id, customer, nth)"
    " SELECT code, order_id, customer, CASE WHEN most IS NULL THEN NULL ELSE use END FROM ("
    "SELECT row.code, row.order_id, row.customer, p.max_uses_per_customer AS most,"
    " row_number() OVER (PARTITION BY row.code, row.customer ORDER BY row.nth)"
    " + (SELECT count(*) FROM redemptions r WHERE r.code = p.code AND r.customer = row.customer)"
    " AS use FROM {rows} JOIN promotions p ON p.code = row.code"
    ") AS asked WHERE most IS NULL OR customer IS NULL OR use <= most RETURNING 1 AS served",
    _REDEMPTION,
)
_COUNT_USE = Clause(
    "UPDATE promotions AS p SET uses = p.uses + asked.uses"
    " FROM (SELECT row.code, count(*)::int AS uses FROM {rows} GROUP BY row.code) AS asked"
    " WHERE p.code = asked.code AND (p.max_uses IS NULL OR p.uses + asked.uses <= p.max_uses)"
    " RETURNING asked.uses AS served",
    _REDEMPTION,
)
_FORGET_REDEEMER = Clause(
    "UPDATE redemptions AS r SET customer = row.customer FROM {rows}"
    " WHERE r.code = row.code AND r.order_id = row.order_id RETURNING 1 AS served",
    _REDEMPTION,
)
# Asked for by a join, not by = ANY: a join looks for each id in the partition of its month alone.
_ASKED_ORDERS = "FROM unnest($1::uuid[]) AS asked (id) JOIN orders ON order_id = asked.id"
_SELECT_ORDER = (
    f"SELECT {_ORDERS.columns}, (SELECT json_agg(json_build_array(item_id, product_id, quantity,"
    " (price * 100)::bigint, name, weight_grams) ORDER BY item_id) FROM order_items i"
    " WHERE i.order_id = orders.order_id) AS items"
)
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


class PostgresOrderStore(PostgresSales, PostgresStore):
    """Implements the ports in ``repository``."""

    def __init__(self, postgres: Postgres, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            postgres,
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
        self._orders = Lookup(postgres, f"{_SELECT_ORDER} {_ASKED_ORDERS}")
        self._intents = Lookup(
            postgres,
            f"SELECT key AS asked, {_INTENTS.columns} FROM intents WHERE key = ANY($1::text[])",
        )
        self._carts = Lookup(
            postgres, f"SELECT {_CARTS.columns} FROM carts WHERE cart_id = ANY($1::uuid[])"
        )

    async def order(self, order_id: OrderId) -> Order | None:
        """See ``OrderRepository.order``."""
        row = await self._orders.one(order_id)
        return _order(row) if row else None

    async def orders(self, wanted: OrderFilter, limit: int, cursor: str | None) -> Page[Order]:
        """See ``OrderRepository.orders``."""
        values: list[object] = [decode_cursor(cursor, str)[0] if cursor else _LAST, limit + 1]
        conditions = ["order_id < $1"]
        for sql, given in conditions_of(wanted):
            marks = [f"${number}" for number, _ in enumerate(given, start=len(values) + 1)]
            conditions.append(sql.format(*marks))
            values += given
        rows = await self.postgres.fetch(
            f"{_SELECT_ORDER} FROM orders WHERE {' AND '.join(conditions)}"
            " ORDER BY order_id DESC LIMIT $2",
            *values,
        )
        return page_of(
            [_order(row) for row in rows], limit, lambda last: encode_cursor(last.order_id)
        )

    async def orders_of_customer(self, customer_id: CustomerId) -> list[Order]:
        """See ``OrderRepository.orders_of_customer``."""
        rows = await self.postgres.fetch(
            f"{_SELECT_ORDER} FROM orders WHERE customer_id = $1 ORDER BY order_id", customer_id
        )
        return [_order(row) for row in rows]

    async def timeline(self, order_id: OrderId) -> list[Entry]:
        """See ``OrderRepository.timeline``."""
        rows = await self.postgres.fetch(
            "SELECT type, at, details FROM order_history WHERE order_id = $1 ORDER BY position",
            order_id,
        )
        return [Entry(row[0], row[1], msgspec.json.decode(row[2])) for row in rows]

    async def intent(self, key: str) -> Intent | None:
        """See ``OrderRepository.intent``."""
        row = await self._intents.one(key)
        return _intent(row["order_id"], key, row["created_at"], row["version"]) if row else None

    async def intents_before(self, moment: datetime) -> list[Intent]:
        """See ``OrderRepository.intents_before``."""
        rows = await self.postgres.fetch(
            f"SELECT {_INTENTS.columns} FROM intents WHERE created_at < $1 ORDER BY created_at",
            moment,
        )
        return [_intent(*row.values()) for row in rows]

    async def is_intended(self, order_id: OrderId) -> bool:
        """See ``OrderRepository.is_intended``."""
        return bool(
            await self.postgres.fetch("SELECT 1 FROM intents WHERE order_id = $1", order_id)
        )

    async def cart(self, cart_id: CartId) -> Cart | None:
        """See ``CartRepository.cart``."""
        row = await self._carts.one(cart_id)
        return _cart(row) if row else None

    async def carts_of_customer(self, customer_id: CustomerId) -> list[Cart]:
        """See ``CartRepository.carts_of_customer``."""
        rows = await self.postgres.fetch(
            f"SELECT {_CARTS.columns} FROM carts WHERE customer_id = $1", customer_id
        )
        return [_cart(row) for row in rows]

    async def promotion(self, code: str) -> Promotion | None:
        """See ``PromotionRepository.promotion``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE code = $1", code
        )
        return _promotion(rows[0]) if rows else None

    async def promotions(self) -> list[Promotion]:
        """See ``PromotionRepository.promotions``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PROMOTIONS.columns} FROM promotions ORDER BY code"
        )
        return [_promotion(row) for row in rows]

    async def promotions_for(self, audience: Audience) -> list[Promotion]:
        """See ``PromotionRepository.promotions_for``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE audience = $1 ORDER BY code",
            audience.value,
        )
        return [_promotion(row) for row in rows]

    async def uses_by(self, code: str, customer: str) -> int:
        """See ``PromotionRepository.uses_by``."""
        rows = await self.postgres.fetch(
            "SELECT count(*) FROM redemptions WHERE code = $1 AND customer = $2", code, customer
        )
        return int(rows[0][0])

    async def redemptions_of(self, customer_id: CustomerId) -> list[Redemption]:
        """See ``PromotionRepository.redemptions_of``."""
        rows = await self.postgres.fetch(
            "SELECT code, order_id::text, customer FROM redemptions WHERE customer = $1",
            customer_id,
        )
        return [Redemption(code, OrderId(order), who, 1) for code, order, who in rows]

    async def subscription(self, subscription_id: SubscriptionId) -> Subscription | None:
        """See ``SubscriptionRepository.subscription``."""
        rows = await self.postgres.fetch(
            f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions WHERE subscription_id = $1",
            subscription_id,
        )
        return _subscription(rows[0]) if rows else None

    async def subscriptions(
        self,
        customer_id: CustomerId | None,
        status: SubscriptionStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Subscription]:
        """See ``SubscriptionRepository.subscriptions``."""
        values: list[object] = [decode_cursor(cursor, str)[0] if cursor else _LAST, limit + 1]
        conditions = ["subscription_id < $1"]
        for column, value in (("customer_id", customer_id), ("status", status and status.value)):
            if value is not None:
                values.append(value)
                conditions.append(f"{column} = ${len(values)}")
        rows = await self.postgres.fetch(
            f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions WHERE {' AND '.join(conditions)}"
            " ORDER BY subscription_id DESC LIMIT $2",
            *values,
        )
        return page_of(
            [_subscription(row) for row in rows],
            limit,
            lambda last: encode_cursor(last.subscription_id),
        )

    async def subscriptions_of_customer(self, customer_id: CustomerId) -> list[Subscription]:
        """See ``SubscriptionRepository.subscriptions_of_customer``."""
        rows = await self.postgres.fetch(
            f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions WHERE customer_id = $1",
            customer_id,
        )
        return [_subscription(row) for row in rows]

    async def due_subscriptions(self, now: datetime, limit: int) -> list[SubscriptionId]:
        """See ``SubscriptionRepository.due_subscriptions``."""
        rows = await self.postgres.fetch(
            "SELECT subscription_id::text FROM subscriptions WHERE act_at <= $1"
            " ORDER BY act_at LIMIT $2",
            now,
            limit,
        )
        return [SubscriptionId(row[0]) for row in rows]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _save_order(order: Order, expected: int) -> Iterator[Write]:
    charges = order.charges
    values = (
        order.order_id,
        order.customer_id,
        order.created_at,
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
        order.hold_expires_at,
        order.updated_at,
        order.subscription_id,
    )
    yield _ORDERS.save(values, expected)
    if expected == 0:
        yield _ITEMS.add([_item(order, line) for line in order.lines])
        words = (*numbers_of(order.order_id), *person_words(order.shipping_address, order.email))
        yield _WORDS.add([(word, order.order_id) for word in dict.fromkeys(words)])
        yield _CART_ORDERS.add([(order.cart_id, order.order_id)] if order.cart_id else [])
    yield Write(_FORGET_WORDS, [(word, order.order_id) for word in order.forgotten])
    # Positions leave room for the entries of one save, so that no count is needed.
    yield _HISTORY.add(
        [
            (order.order_id, expected * 100 + i, entry.type, entry.at, _json(entry.details))
            for i, entry in enumerate(order.entries)
        ]
    )


def _item(order: Order, line: OrderLine) -> tuple[object, ...]:
    return (
        line.item_id,
        order.order_id,
        line.product_id,
        line.quantity,
        line.price.minor,
        line.name,
        line.weight_grams,
    )


def _order(row: Any) -> Order:
    currency = row["currency"]
    return Order(
        order_id=OrderId(row["order_id"]),
        customer_id=CustomerId(row["customer_id"]) if row["customer_id"] else None,
        email=row["email"],
        lines=tuple(
            OrderLine(i[0], ProductId(i[1]), i[2], Money(i[3], currency), i[4], i[5])
            for i in msgspec.json.decode(row["items"] or "[]")
        ),
        charges=Charges(
            Money(row["total_amount"], currency),
            Money(row["discount"], currency),
            Money(row["shipping"], currency),
            Money(row["tax"], currency),
        ),
        shipping_address=msgspec.json.decode(row["shipping_address"]),
        shipping_method=row["shipping_method"],
        payment_method=row["payment_method"],
        promotion_code=row["promotion_code"],
        cart_id=CartId(row["cart_id"]) if row["cart_id"] else None,
        allocations=tuple(Allocated(*a) for a in msgspec.json.decode(row["allocations"])),
        hold_expires_at=row["hold_expires_at"],
        created_at=row["order_date"],
        updated_at=row["updated_at"],
        status=OrderStatus(row["status"]),
        payment_status=PaymentStatus(row["payment_status"]),
        payment_id=PaymentId(row["payment_id"]) if row["payment_id"] else None,
        refunded=Money(row["refunded"], currency),
        parcels=[Parcel(*p) for p in msgspec.json.decode(row["parcels"])],
        subscription_id=row["subscription_id"],
        version=row["version"],
    )


def _save_intent(intent: Intent, expected: int) -> Iterator[Write]:
    yield _INTENTS.save((intent.order_id, intent.key, intent.created_at), expected)


def _remove_intent(intent: Intent, expected: int) -> Iterator[Write]:
    yield _INTENTS.remove(intent.order_id, expected)


def _intent(order_id: str, key: str | None, created_at: datetime, version: int) -> Intent:
    return Intent(OrderId(order_id), key, created_at, version)


def _save_cart(cart: Cart, expected: int) -> Iterator[Write]:
    lines = [
        (product_id, line.quantity, line.seen_price.minor, line.seen_price.currency)
        for product_id, line in cart.lines.items()
    ]
    values = (
        cart.cart_id,
        cart.customer_id,
        _json(lines),
        cart.order_id,
        cart.created_at,
        cart.updated_at,
    )
    yield _CARTS.save(values, expected)


def _remove_cart(cart: Cart, expected: int) -> Iterator[Write]:
    yield _CARTS.remove(cart.cart_id, expected)


def _cart(row: Any) -> Cart:
    lines = {
        ProductId(product_id): CartLine(quantity, Money(minor, currency))
        for product_id, quantity, minor, currency in msgspec.json.decode(row["lines"])
    }
    return Cart(
        CartId(row["cart_id"]),
        CustomerId(row["customer_id"]) if row["customer_id"] else None,
        row["created_at"],
        row["updated_at"],
        lines,
        OrderId(row["order_id"]) if row["order_id"] else None,
        row["version"],
    )


def _save_promotion(promotion: Promotion, expected: int) -> Iterator[Write]:
    p = promotion
    values = (
        p.code,
        p.kind.value,
        p.description,
        p.starts_at,
        p.ends_at,
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
    yield _PROMOTIONS.save(values, expected)


def _remove_promotion(promotion: Promotion, expected: int) -> Iterator[Write]:
    yield _PROMOTIONS.remove(promotion.code, expected)


def _promotion(row: Any) -> Promotion:
    currency = row["currency"]
    return Promotion(
        code=row["code"],
        kind=PromotionKind(row["kind"]),
        description=row["description"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        basis_points=row["basis_points"],
        amount=Money(row["amount"], currency),
        buy_product=row["buy_product"],
        buy_quantity=row["buy_quantity"],
        get_product=row["get_product"],
        get_quantity=row["get_quantity"],
        minimum=Money(row["minimum"], currency),
        max_uses=row["max_uses"],
        max_uses_per_customer=row["max_uses_per_customer"],
        uses=row["uses"],
        audience=Audience(row["audience"]),
        version=row["version"],
    )


def _save_redemption(redemption: Redemption, expected: int) -> Iterator[Write]:
    rows = [(redemption.code, redemption.order_id, redemption.customer)]
    if expected:
        yield Write(_FORGET_REDEEMER, rows)
        return
    yield Write(_COUNT_USE, rows)
    yield Write(_REDEEM, rows)


def _save_subscription(subscription: Subscription, expected: int) -> Iterator[Write]:
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
        s.hurry,
        s.look_again_at,
        s.not_before,
        s.tries,
        _json(s.stale_holds),
        s.orders_paid,
        s.last_order_id,
        s.act_at,
        s.created_at,
        s.updated_at,
    )
    yield _SUBSCRIPTIONS.save(values, expected)


def _subscription(row: Any) -> Subscription:
    return Subscription(
        subscription_id=row["subscription_id"],
        customer_id=row["customer_id"],
        name=row["name"],
        status=SubscriptionStatus(row["status"]),
        reason=row["reason"],
        time_zone=row["time_zone"],
        address=address_of(row["address"]),
        shipping_method=row["shipping_method"],
        payment_method=row["payment_method"],
        payment_token=row["payment_token"],
        items=items_of(row["items"]),
        cycle=cycle_of(row["cycle"]),
        resumes_on=date.fromisoformat(row["resumes_on"]) if row["resumes_on"] else None,
        hurry=row["hurry"],
        look_again_at=row["look_again_at"],
        not_before=row["not_before"],
        tries=row["tries"],
        stale_holds=holds_of(row["stale_holds"]),
        orders_paid=row["orders_paid"],
        last_order_id=row["last_order_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )
