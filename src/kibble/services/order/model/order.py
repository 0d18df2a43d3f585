"""An order and its life: one table of moves, everything else raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kibble.kernel.ids import (
    CartId,
    CustomerId,
    OrderId,
    PaymentId,
    ProductId,
    SubscriptionId,
    WarehouseId,
)
from kibble.kernel.money import Money
from kibble.kernel.personal import Personal
from kibble.kernel.state_machine import StateMachine
from kibble.services.order.model.words import person_words


class OrderStatus(Enum):
    """Where an order is."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"
    REFUNDED = "REFUNDED"


class PaymentStatus(Enum):
    """Where the money of an order is."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    PAID = "PAID"
    FAILED = "FAILED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


_S = OrderStatus
ORDERS = StateMachine(
    "order",
    {
        _S.PENDING: frozenset({_S.CONFIRMED, _S.CANCELLED}),
        _S.CONFIRMED: frozenset({_S.SHIPPED, _S.CANCELLED, _S.REFUNDED}),
        _S.SHIPPED: frozenset({_S.DELIVERED, _S.REFUNDED}),
        _S.DELIVERED: frozenset({_S.RETURNED, _S.REFUNDED}),
        _S.RETURNED: frozenset({_S.REFUNDED}),
        _S.CANCELLED: frozenset(),
        _S.REFUNDED: frozenset(),
    },
    _S.PENDING,
)

BY_STAFF = frozenset({_S.SHIPPED, _S.DELIVERED, _S.CANCELLED})
"""What staff may set; CONFIRMED and REFUNDED come from events alone."""

_P = PaymentStatus
STAFF_NOTE = "staff.note"
"""The timeline's lines that staff wrote for each other."""

IN_WORDS = (STAFF_NOTE, "order.cancelled", "order.returned", "payment.failed")
"""The timeline's lines with words that somebody wrote: forgotten with the customer."""

UNPAID = frozenset({_P.PENDING, _P.PROCESSING, _P.REQUIRES_ACTION, _P.FAILED})
"""Where the money is before it is in."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """So many units of a product at the price that the customer agreed to."""

    item_id: str
    product_id: ProductId
    quantity: int
    price: Money
    name: str
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """So many units of a product that are held in one warehouse."""

    product_id: ProductId
    warehouse_id: WarehouseId
    quantity: int


@dataclass(frozen=True, slots=True)
class Charges:
    """What an order costs, part by part."""

    items: Money
    discount: Money
    shipping: Money
    tax: Money

    @property
    def due(self) -> Money:
        """What the customer pays."""
        return self.items - self.discount + self.shipping + self.tax


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an order's timeline; ``details`` are JSON-ready."""

    type: str
    at: datetime
    details: Personal[dict[str, object]]


@dataclass(slots=True)
class Parcel:
    """A shipment as Shipping tells of it; ``sequence`` is that of the latest news."""

    shipment_id: str
    tracking_number: str
    carrier: str
    status: str
    sequence: int = 0


@dataclass(slots=True)
class Order:
    """An order. ``customer_id`` is None for a guest, who has an ``email``.

    ``subscription_id`` names the subscription that placed it, if one did.
    ``entries`` are the timeline's new lines, to be saved with it; ``forgotten`` are the words that
    it is no longer to be found by.
    """

    order_id: OrderId
    customer_id: CustomerId | None
    email: Personal[str | None]
    lines: tuple[OrderLine, ...]
    charges: Charges
    shipping_address: Personal[dict[str, str]]
    shipping_method: str
    payment_method: str
    promotion_code: str | None
    cart_id: CartId | None
    allocations: tuple[Allocated, ...]
    hold_expires_at: datetime
    created_at: datetime
    updated_at: datetime
    status: OrderStatus = OrderStatus.PENDING
    payment_status: PaymentStatus = PaymentStatus.PENDING
    payment_id: PaymentId | None = None
    refunded: Money = Money(0)
    parcels: list[Parcel] = field(default_factory=list)
    subscription_id: SubscriptionId | None = None
    version: int = 0
    entries: list[Entry] = field(default_factory=list)
    forgotten: Personal[tuple[str, ...]] = ()

    @property
    def units(self) -> int:
        """How many units were ordered."""
        return sum(line.quantity for line in self.lines)

    def note(self, what: str, at: datetime, **details: object) -> None:
        """Add a line to the timeline."""
        self.entries.append(Entry(what, at, details))
        self.updated_at = at

    def _move(self, target: OrderStatus, at: datetime, **details: object) -> None:
        self.status = ORDERS.move(self.status, target)
        self.note(f"order.{target.value.lower()}", at, **details)

    def remark(self, text: str, by: str, at: datetime) -> Entry:
        """Add a note by staff to the timeline, which customers do not see; return it."""
        self.note(STAFF_NOTE, at, text=text, by=by)
        return self.entries[-1]

    def place(self, at: datetime) -> None:
        """Start the timeline."""
        self.note("order.placed", at, amountDue=str(self.charges.due.decimal))

    def pay(self, payment_id: PaymentId, at: datetime) -> bool:
        """Take the news that the money is in; tell whether that confirms the order.

        Money that arrives for an order that is no longer pending is noted: Payment sends it back.
        """
        known = payment_id == self.payment_id and self.payment_status not in UNPAID
        if known or self.payment_status is PaymentStatus.PAID:
            return False
        self.payment_id = payment_id
        if not self.refunded:  # a refund of it may have been heard of before
            self.payment_status = PaymentStatus.PAID
        self.note("payment.processed", at, paymentId=payment_id)
        if self.status is not OrderStatus.PENDING or self.payment_status is PaymentStatus.REFUNDED:
            return False
        self._move(OrderStatus.CONFIRMED, at)
        return True

    def fail_payment(self, payment_id: PaymentId, code: str, message: str, at: datetime) -> bool:
        """Take the news that a payment failed; tell whether the customer is to be told.

        Only the latest payment counts (ids ascend), and only while the order waits for one.
        """
        stale = self.payment_id is not None and payment_id <= self.payment_id
        if stale or self.payment_status not in UNPAID or self.status is not OrderStatus.PENDING:
            return False
        self.payment_id = payment_id
        self.payment_status = PaymentStatus.FAILED
        self.note("payment.failed", at, paymentId=payment_id, code=code, message=message)
        return True

    def start_refund(self, refund_id: str, amount: Money, at: datetime) -> None:
        """Note that money is on its way back."""
        self.note("payment.refund_initiated", at, refundId=refund_id, amount=str(amount.decimal))

    def refund(self, refund_id: str, refunded: Money, paid: Money, at: datetime) -> bool:
        """Take the news of a refund: ``refunded`` of ``paid`` so far; tell whether it is news.

        A partial refund changes the payment status alone; a full one ends the order, unless it
        has ended otherwise.
        """
        if refunded <= self.refunded:
            return False
        self.refunded = refunded
        whole = refunded >= paid
        self.payment_status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
        self.note("payment.refunded", at, refundId=refund_id, refunded=str(refunded.decimal))
        if whole and ORDERS.allows(self.status, OrderStatus.REFUNDED):
            self._move(OrderStatus.REFUNDED, at)
        return True

    def cancel(self, reason: str | None, at: datetime) -> None:
        """Cancel; raises ``Conflict`` once the order has shipped or ended."""
        self._move(OrderStatus.CANCELLED, at, **said(reason))

    def expire(self, at: datetime, *, sold_out: bool) -> bool:
        """Take the news that the stock hold is gone; tell whether that cancels the order.

        A paid order goes on, for Inventory takes its stock anew, unless it is ``sold_out``: then
        it cannot be shipped, label or not.
        """
        if self.status is OrderStatus.PENDING:
            self._move(OrderStatus.CANCELLED, at, reason="not paid in time")
            return True
        if self.status is OrderStatus.CONFIRMED and sold_out:
            self._move(OrderStatus.CANCELLED, at, reason="sold out before it was paid")
            return True
        return False

    def ship(self, at: datetime) -> bool:
        """Mark as shipped; tell whether it was not before. Raises ``Conflict``."""
        if self.status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
            return False
        self._move(OrderStatus.SHIPPED, at)
        return True

    def deliver(self, at: datetime) -> bool:
        """Mark as delivered; tell whether it was not before. Raises ``Conflict``."""
        if self.status is OrderStatus.DELIVERED:
            return False
        self._move(OrderStatus.DELIVERED, at)
        return True

    def send_back(self, reason: str | None, at: datetime) -> None:
        """Take a delivered order back; raises ``Conflict`` for any other."""
        self._move(OrderStatus.RETURNED, at, **said(reason))

    def track(self, parcel: Parcel, at: datetime) -> bool:
        """Take news of a parcel; tell whether it is news, which what came before is not."""
        known = next((p for p in self.parcels if p.shipment_id == parcel.shipment_id), None)
        if known is None:
            self.parcels.append(parcel)
        elif known.sequence < parcel.sequence:
            known.status, known.sequence = parcel.status, parcel.sequence
        else:
            return False
        self.note(
            "shipment.updated",
            at,
            shipmentId=parcel.shipment_id,
            trackingNumber=parcel.tracking_number,
            carrier=parcel.carrier,
            status=parcel.status,
        )
        return True

    def forget_person(self, at: datetime) -> None:
        """Drop what names the customer; the figures stay."""
        self.forgotten = person_words(self.shipping_address, self.email)
        self.updated_at = at
        self.customer_id = None
        self.email = None
        kept = ("state", "zipCode", "country")
        self.shipping_address = {k: v for k, v in self.shipping_address.items() if k in kept}


def said(reason: str | None) -> dict[str, str]:
    """Return the reason as a detail, if anybody gave one."""
    return {"reason": reason} if reason else {}


@dataclass(slots=True)
class Intent:
    """That an order is about to be placed: what a repeated request resumes, and what is cleaned up.

    ``key`` is the caller's scoped idempotency key, or names the cart; None when there is neither,
    and once it was given up.
    """

    order_id: OrderId
    key: str | None
    created_at: datetime
    version: int = 0
