"""Order's store on PostgreSQL: orders, carts and promotions, so that they change together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kibble.kernel.ids import CartId, CustomerId, OrderId
from kibble.kernel.paging import Page, encode_cursor, page_of
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
from kibble.platform.persistence.rows import AS_THEY_ARE
from kibble.services.order.adapters.postgres_pages import first_changed, newest
from kibble.services.order.adapters.postgres_sales import PostgresSales, conditions_of
from kibble.services.order.adapters.postgres_subscriptions import (
    PostgresSubscriptions,
    save_subscription,
)
from kibble.services.order.adapters.rows import OrderRows, change_cursor, change_place
from kibble.services.order.model.cart import Cart
from kibble.services.order.model.erasure import Trail
from kibble.services.order.model.order import IN_WORDS, Entry, Intent, Order
from kibble.services.order.model.promotion import Audience, Promotion, Redemption
from kibble.services.order.model.search import OrderFilter
from kibble.services.order.model.subscription import Subscription

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
_FORGET_WORDS_SAID = Clause(
    "UPDATE order_history AS h SET details = '{{}}' FROM {rows}"
    " WHERE h.order_id = row.order_id AND h.type = row.type",
    [("order_id", "uuid"), ("type", "text")],
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
_ROWS = OrderRows(AS_THEY_ARE)


class PostgresOrderStore(PostgresSubscriptions, PostgresSales, PostgresStore):
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
                Subscription: save_subscription,
            },
            removers={
                Intent: _remove_intent,
                Cart: _remove_cart,
                Promotion: _remove_promotion,
                Trail: _remove_trail,
            },
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
        return _ROWS.order(row) if row else None

    async def orders(self, wanted: OrderFilter, limit: int, cursor: str | None) -> Page[Order]:
        """See ``OrderRepository.orders``."""
        conditions = conditions_of(wanted)
        select = f"{_SELECT_ORDER} FROM orders"
        if wanted.updated_since is None:
            rows = await newest(
                self.postgres, select, "order_id", conditions, limit=limit + 1, cursor=cursor
            )
            return page_of(list(map(_ROWS.order, rows)), limit, lambda o: encode_cursor(o.order_id))
        after = change_place(wanted.updated_since, cursor)
        rows = await first_changed(self.postgres, select, after, conditions, limit=limit + 1)
        return page_of(list(map(_ROWS.order, rows)), limit, change_cursor)

    async def orders_of_customer(self, customer_id: CustomerId) -> list[Order]:
        """See ``OrderRepository.orders_of_customer``."""
        rows = await self.postgres.fetch(
            f"{_SELECT_ORDER} FROM orders WHERE customer_id = $1 ORDER BY order_id", customer_id
        )
        return [_ROWS.order(row) for row in rows]

    async def timeline(self, order_id: OrderId) -> list[Entry]:
        """See ``OrderRepository.timeline``."""
        rows = await self.postgres.fetch(
            "SELECT type, at, details FROM order_history WHERE order_id = $1 ORDER BY position",
            order_id,
        )
        return [_ROWS.entry(row) for row in rows]

    async def intent(self, key: str) -> Intent | None:
        """See ``OrderRepository.intent``."""
        row = await self._intents.one(key)
        return _ROWS.intent(row[1:]) if row else None  # the first column is what was asked for

    async def intents_before(self, moment: datetime) -> list[Intent]:
        """See ``OrderRepository.intents_before``."""
        rows = await self.postgres.fetch(
            f"SELECT {_INTENTS.columns} FROM intents WHERE created_at < $1 ORDER BY created_at",
            moment,
        )
        return [_ROWS.intent(row) for row in rows]

    async def is_intended(self, order_id: OrderId) -> bool:
        """See ``OrderRepository.is_intended``."""
        return bool(
            await self.postgres.fetch("SELECT 1 FROM intents WHERE order_id = $1", order_id)
        )

    async def cart(self, cart_id: CartId) -> Cart | None:
        """See ``CartRepository.cart``."""
        row = await self._carts.one(cart_id)
        return _ROWS.cart(row) if row else None

    async def carts_of_customer(self, customer_id: CustomerId) -> list[Cart]:
        """See ``CartRepository.carts_of_customer``."""
        rows = await self.postgres.fetch(
            f"SELECT {_CARTS.columns} FROM carts WHERE customer_id = $1", customer_id
        )
        return [_ROWS.cart(row) for row in rows]

    async def promotion(self, code: str) -> Promotion | None:
        """See ``PromotionRepository.promotion``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE code = $1", code
        )
        return _ROWS.promotion(rows[0]) if rows else None

    async def promotions(self) -> list[Promotion]:
        """See ``PromotionRepository.promotions``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PROMOTIONS.columns} FROM promotions ORDER BY code"
        )
        return [_ROWS.promotion(row) for row in rows]

    async def promotions_for(self, *audiences: Audience) -> list[Promotion]:
        """See ``PromotionRepository.promotions_for``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PROMOTIONS.columns} FROM promotions WHERE audience = any($1) ORDER BY code",
            [audience.value for audience in audiences],
        )
        return [_ROWS.promotion(row) for row in rows]

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


def _save_order(order: Order, expected: int) -> Iterator[Write]:
    yield _ORDERS.save(_ROWS.of_order(order), expected)
    if expected == 0:
        yield _ITEMS.add(_ROWS.of_lines(order))
        yield _WORDS.add(_ROWS.of_words(order))
        yield _CART_ORDERS.add([(order.cart_id, order.order_id)] if order.cart_id else [])
    yield Write(_FORGET_WORDS, _ROWS.of_forgotten(order))
    said = IN_WORDS if order.forgotten else ()
    yield Write(_FORGET_WORDS_SAID, [(order.order_id, kind) for kind in said])
    yield _HISTORY.add(_ROWS.of_entries(order, expected))


def _save_intent(intent: Intent, expected: int) -> Iterator[Write]:
    yield _INTENTS.save(_ROWS.of_intent(intent), expected)


def _remove_intent(intent: Intent, expected: int) -> Iterator[Write]:
    yield _INTENTS.remove(intent.order_id, expected)


def _save_cart(cart: Cart, expected: int) -> Iterator[Write]:
    yield _CARTS.save(_ROWS.of_cart(cart), expected)


def _remove_cart(cart: Cart, expected: int) -> Iterator[Write]:
    yield _CARTS.remove(cart.cart_id, expected)


def _save_promotion(promotion: Promotion, expected: int) -> Iterator[Write]:
    yield _PROMOTIONS.save(_ROWS.of_promotion(promotion), expected)


def _remove_trail(_: Trail, __: int) -> Iterator[Write]:
    """Write nothing: events leave this outbox for Kafka, which forgets them by itself."""
    return iter(())


def _remove_promotion(promotion: Promotion, expected: int) -> Iterator[Write]:
    yield _PROMOTIONS.remove(promotion.code, expected)


def _save_redemption(redemption: Redemption, expected: int) -> Iterator[Write]:
    rows = [(redemption.code, redemption.order_id, redemption.customer)]
    if expected:
        yield Write(_FORGET_REDEEMER, rows)
        return
    yield Write(_COUNT_USE, rows)
    yield Write(_REDEEM, rows)
