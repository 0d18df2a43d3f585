"""Payment: what it publishes, and what its client answers. Amounts are in minor units."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kibble.kernel.ids import OrderId, PaymentId
from kibble.platform.messaging.event import Event


class PaymentEvent(Event, frozen=True, kw_only=True):
    """An event about one payment, kept in order with its order's others."""

    topic: ClassVar[str] = "payment_events"
    subject_field: ClassVar[str] = "payment_id"
    key_field: ClassVar[str | None] = "order_id"

    payment_id: PaymentId
    order_id: OrderId
    amount: int
    currency: str


class PaymentProcessed(PaymentEvent, frozen=True, kw_only=True):
    """The order's money is in."""

    type: ClassVar[str] = "payment.processed"


class PaymentFailed(PaymentEvent, frozen=True, kw_only=True):
    """The provider said no; ``code`` is stable, ``message`` is for the customer."""

    type: ClassVar[str] = "payment.failed"

    code: str
    message: str


class RefundInitiated(PaymentEvent, frozen=True, kw_only=True):
    """``amount`` is on its way back to the customer."""

    type: ClassVar[str] = "payment.refund_initiated"

    refund_id: str


class PaymentRefunded(PaymentEvent, frozen=True, kw_only=True):
    """``amount`` went back to the customer; ``refunded_total`` of ``paid_total`` so far."""

    type: ClassVar[str] = "payment.refunded"

    refund_id: str
    refunded_total: int
    paid_total: int


class PaymentState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far the latest payment of an order has come; ``status`` as Payment's API shows it."""

    payment_id: PaymentId
    status: str
    amount: int
    refunded: int
    currency: str
