"""What the columns of orders, carts and promotions hold, on either engine.

Rows have the columns in the order in which the stores' tables name them, then the version. Money is
in minor units, and structures are JSON text; only moments differ.
"""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime

import msgspec

from kibble.kernel.clock import from_text, to_text
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CartId, CustomerId, OrderId, PaymentId, ProductId, is_id
from kibble.kernel.money import Money
from kibble.kernel.paging import decode_cursor, encode_cursor
from kibble.platform.persistence.rows import Moments, Row
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
from kibble.services.order.model.promotion import Audience, Promotion, PromotionKind
from kibble.services.order.model.words import numbers_of, person_words

FIRST, LAST = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""Ids that come before and after all others: where the first page of a list begins."""


def change_cursor(last: Order) -> str:
    """Return the cursor that continues after ``last``, in the order of the latest changes."""
    return encode_cursor(to_text(last.updated_at), last.order_id)


def change_place(since: datetime, cursor: str | None) -> tuple[datetime, str]:
    """Return the change and the order after which a page begins; raises ``InvalidInput``."""
    if cursor is None:
        return since, FIRST
    changed_at, order_id = map(str, decode_cursor(cursor, str, str))
    try:
        return from_text(changed_at).astimezone(UTC), _checked(order_id)
    except (ValueError, OverflowError) as error:
        raise InvalidInput.at("/cursor", "is not a cursor of this list") from error


def newest_place(cursor: str | None) -> str:
    """Return the id before which a page of what is newest begins; raises ``InvalidInput``."""
    return _checked(str(decode_cursor(cursor, str)[0])) if cursor else LAST


def _checked(id_: str) -> str:
    if not is_id(id_):
        raise InvalidInput.at("/cursor", "is not a cursor of this list")
    return id_


def to_json(value: object) -> str:
    """Return JSON text."""
    return msgspec.json.encode(value).decode()


class OrderRows:
    """Makes rows of aggregates, and aggregates of rows."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_order(self, order: Order) -> tuple[object, ...]:
        """Return the row of an order."""
        charges, keep = order.charges, self._moments.keep
        return (
            order.order_id,
            order.customer_id,
            keep(order.created_at),
            order.status.value,
            charges.items.minor,
            charges.items.currency,
            charges.discount.minor,
            charges.shipping.minor,
            charges.tax.minor,
            order.email,
            to_json(order.shipping_address),
            order.shipping_method,
            order.payment_method,
            order.payment_status.value,
            order.payment_id,
            order.refunded.minor,
            order.promotion_code,
            order.cart_id,
            to_json([(a.product_id, a.warehouse_id, a.quantity) for a in order.allocations]),
            to_json([astuple(parcel) for parcel in order.parcels]),
            keep(order.hold_expires_at),
            keep(order.updated_at),
            order.subscription_id,
        )

    def order(self, row: Row) -> Order:
        """Return the order of a row; its lines are JSON after the version."""
        currency, read = row[5], self._moments.read
        return Order(
            order_id=OrderId(row[0]),
            customer_id=CustomerId(row[1]) if row[1] else None,
            email=row[9],
            lines=tuple(
                OrderLine(i[0], ProductId(i[1]), i[2], Money(i[3], currency), i[4], i[5])
                for i in msgspec.json.decode(row[24] or "[]")
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
            cart_id=CartId(row[17]) if row[17] else None,
            allocations=tuple(Allocated(*a) for a in msgspec.json.decode(row[18])),
            hold_expires_at=read(row[20]),
            created_at=read(row[2]),
            updated_at=read(row[21]),
            status=OrderStatus(row[3]),
            payment_status=PaymentStatus(row[13]),
            payment_id=PaymentId(row[14]) if row[14] else None,
            refunded=Money(row[15], currency),
            parcels=[Parcel(*p) for p in msgspec.json.decode(row[19])],
            subscription_id=row[22],
            version=row[23],
        )

    @staticmethod
    def of_lines(order: Order) -> list[tuple[object, ...]]:
        """Return the rows of an order's lines."""
        return [
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
        ]

    @staticmethod
    def of_words(order: Order) -> list[tuple[object, ...]]:
        """Return the rows of the words by which staff find an order."""
        words = (*numbers_of(order.order_id), *person_words(order.shipping_address, order.email))
        return [(word, order.order_id) for word in dict.fromkeys(words)]

    @staticmethod
    def of_forgotten(order: Order) -> list[tuple[object, ...]]:
        """Return the rows of words by which the order is found no more."""
        return [(word, order.order_id) for word in order.forgotten]

    def of_entries(self, order: Order, expected: int) -> list[tuple[object, ...]]:
        """Return the rows of what a save adds to an order's history.

        Positions leave room for the entries of one save, so that no count is needed.
        """
        keep = self._moments.keep
        return [
            (order.order_id, expected * 100 + i, entry.type, keep(entry.at), to_json(entry.details))
            for i, entry in enumerate(order.entries)
        ]

    def entry(self, row: Row) -> Entry:
        """Return an entry by its type, moment and details."""
        return Entry(row[0], self._moments.read(row[1]), msgspec.json.decode(row[2]))

    def of_intent(self, intent: Intent) -> tuple[object, ...]:
        """Return the row of an intent."""
        return (intent.order_id, intent.key, self._moments.keep(intent.created_at))

    def intent(self, row: Row) -> Intent:
        """Return the intent of a row."""
        return Intent(OrderId(row[0]), row[1], self._moments.read(row[2]), row[3])

    def of_cart(self, cart: Cart) -> tuple[object, ...]:
        """Return the row of a cart."""
        lines = [
            (product_id, line.quantity, line.seen_price.minor, line.seen_price.currency)
            for product_id, line in cart.lines.items()
        ]
        keep = self._moments.keep
        return (
            cart.cart_id,
            cart.customer_id,
            to_json(lines),
            cart.order_id,
            keep(cart.created_at),
            keep(cart.updated_at),
        )

    def cart(self, row: Row) -> Cart:
        """Return the cart of a row."""
        lines = {
            ProductId(product_id): CartLine(quantity, Money(minor, currency))
            for product_id, quantity, minor, currency in msgspec.json.decode(row[2])
        }
        return Cart(
            CartId(row[0]),
            CustomerId(row[1]) if row[1] else None,
            self._moments.read(row[4]),
            self._moments.read(row[5]),
            lines,
            OrderId(row[3]) if row[3] else None,
            row[6],
        )

    def of_promotion(self, promotion: Promotion) -> tuple[object, ...]:
        """Return the row of a promotion."""
        p = promotion
        return (
            p.code,
            p.kind.value,
            p.description,
            self._moments.keep(p.starts_at),
            self._moments.keep_or_none(p.ends_at),
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

    def promotion(self, row: Row) -> Promotion:
        """Return the promotion of a row."""
        currency = row[7]
        return Promotion(
            code=row[0],
            kind=PromotionKind(row[1]),
            description=row[2],
            starts_at=self._moments.read(row[3]),
            ends_at=self._moments.read_or_none(row[4]),
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
