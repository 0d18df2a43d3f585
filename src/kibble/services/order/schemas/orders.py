"""Orders at the border."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec

from kibble.contracts.address import Address
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId
from kibble.kernel.personal import Personal
from kibble.platform.web.json import Amount, Instant
from kibble.services.order.model.order import (
    Entry,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
)
from kibble.services.order.model.search import OrderFilter
from kibble.services.order.model.words import terms_of
from kibble.services.order.schemas.common import (
    Answer,
    Code,
    Id,
    PageQuery,
    PaymentMethod,
    Quantity,
    Request,
    ShortText,
)


class OrderedItem(Request, frozen=True):
    """A line, at the price that the customer saw."""

    product_id: Id
    quantity: Quantity
    price: Amount


class PlaceOrder(Request, frozen=True):
    """An order to place; ``total_amount`` must be what the lines come to."""

    user_id: Id
    items: Annotated[list[OrderedItem], msgspec.Meta(min_length=1, max_length=100)]
    total_amount: Amount
    shipping_address: Address
    payment_method: PaymentMethod
    payment_token: ShortText | None = None
    shipping_method: ShortText | None = None
    promotion_code: Code | None = None


class SetStatus(Request, frozen=True):
    """The status that staff set."""

    status: ShortText


class Reason(Request, frozen=True):
    """Why, if there is something to say."""

    reason: Personal[ShortText | None] = None


class OrdersQuery(PageQuery, frozen=True):
    """Which orders; ``q`` begins an id, an order number, a name, an e-mail or a ZIP code."""

    user_id: Id | None = None
    status: OrderStatus | None = None
    payment_status: PaymentStatus | None = None
    q: Personal[Annotated[str, msgspec.Meta(max_length=200)]] = ""
    since: Instant | None = None
    before: Instant | None = None
    updated_since: (
        Annotated[
            Instant,
            msgspec.Meta(
                description="Orders that changed since, in the order of their latest change. To"
                " follow changes, ask again from a minute before the last updatedAt: an order that"
                " comes twice with one updatedAt is the same."
            ),
        ]
        | None
    ) = None
    amount_min: Amount | None = None
    amount_max: Amount | None = None

    def wanted(self, customer_id: CustomerId | None) -> OrderFilter:
        """Return the search; raises ``InvalidInput`` for bounds that cross or lack a time zone."""
        least = self.amount_min.minor if self.amount_min else None
        most = self.amount_max.minor if self.amount_max else None
        if least is not None and most is not None and least > most:
            raise InvalidInput.at("/amountMin", "must not be more than amountMax")
        return OrderFilter(
            customer_id=customer_id,
            status=self.status,
            payment_status=self.payment_status,
            terms=terms_of(self.q),
            since=self.since,
            before=self.before,
            updated_since=self.updated_since,
            least=least,
            most=most,
        )


class NewNote(Request, frozen=True):
    """What staff note on an order; customers do not see it."""

    text: Personal[Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]]


class ItemView(Answer, frozen=True):
    """A line of an order."""

    id: str
    product_id: str
    quantity: int
    price: Amount
    name: str

    @classmethod
    def of(cls, line: OrderLine) -> ItemView:
        """Return the view of ``line``."""
        return cls(
            id=line.item_id,
            product_id=line.product_id,
            quantity=line.quantity,
            price=Amount.of(line.price),
            name=line.name,
        )


class ParcelView(Answer, frozen=True):
    """A parcel of an order."""

    tracking_number: str
    carrier: str
    status: str


class OrderView(Answer, frozen=True, omit_defaults=True):
    """An order, and what it costs in parts.

    ``hold_expires_at`` is there while it is PENDING.
    """

    id: str
    user_id: str | None
    total_amount: Amount
    discount: Amount
    shipping_cost: Amount
    tax: Amount
    amount_due: Amount
    currency: str
    status: OrderStatus
    payment_status: PaymentStatus
    created_at: Instant
    updated_at: Instant
    items: list[ItemView]
    shipping_address: dict[str, str]
    shipping_method: str
    payment_method: str
    refunded_amount: Amount
    parcels: list[ParcelView]
    hold_expires_at: Instant | None = None
    promotion_code: str | None = None
    email: str | None = None
    access_token: str | None = None
    subscription_id: str | None = None

    @classmethod
    def of(cls, order: Order, access_token: str | None = None) -> OrderView:
        """Return the view of ``order``; a guest's answer carries the token to come back with."""
        charges = order.charges
        pending = order.status is OrderStatus.PENDING
        return cls(
            id=order.order_id,
            user_id=order.customer_id,
            total_amount=Amount.of(charges.items),
            discount=Amount.of(charges.discount),
            shipping_cost=Amount.of(charges.shipping),
            tax=Amount.of(charges.tax),
            amount_due=Amount.of(charges.due),
            currency=charges.items.currency,
            status=order.status,
            payment_status=order.payment_status,
            created_at=order.created_at,
            updated_at=order.updated_at,
            items=[ItemView.of(line) for line in order.lines],
            shipping_address=order.shipping_address,
            shipping_method=order.shipping_method,
            payment_method=order.payment_method,
            refunded_amount=Amount.of(order.refunded),
            parcels=[
                ParcelView(tracking_number=p.tracking_number, carrier=p.carrier, status=p.status)
                for p in order.parcels
            ],
            hold_expires_at=order.hold_expires_at if pending else None,
            promotion_code=order.promotion_code,
            email=order.email,
            access_token=access_token,
            subscription_id=order.subscription_id,
        )


_AMOUNTS = frozenset({"amountDue", "amount", "refunded"})
"""The details of a timeline that are money: kept as text, told as amounts."""


class EntryView(Answer, frozen=True):
    """A line of an order's timeline; amounts in its ``details`` are in the order's currency."""

    type: str
    at: Instant
    details: Personal[dict[str, Any]]

    @classmethod
    def of(cls, entry: Entry) -> EntryView:
        """Return the view of ``entry``."""
        details = {
            name: Decimal(str(told)) if name in _AMOUNTS else told
            for name, told in entry.details.items()
        }
        return cls(type=entry.type, at=entry.at, details=details)
