"""Payment: what it publishes, and what its client answers. Amounts are in minor units."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from kibble.kernel.ids import CustomerId, OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.platform.messaging.event import Event
from kibble.platform.rpc import Ask, Neighbour, Procedure, Reach


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


class PaymentDisputed(PaymentEvent, frozen=True, kw_only=True):
    """The customer's bank wants ``amount`` back; ``status`` is OPEN, WON (by the shop) or LOST.

    ``reason_code`` is the provider's; ``fee`` is what it keeps for its trouble.
    """

    type: ClassVar[str] = "payment.disputed"

    dispute_id: str
    status: str
    reason_code: str
    fee: int


class PaymentState(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How far the latest payment of an order has come; ``status`` as Payment's API shows it."""

    payment_id: PaymentId
    status: str
    amount: int
    refunded: int
    currency: str


class AskPrepare(Ask, frozen=True, kw_only=True):
    """What an order is about to owe, and the token to charge; the token is a secret."""

    order_id: OrderId
    customer_id: CustomerId | None
    amount: Money
    method: str
    token: str | None
    off_session: bool = False

    def __repr__(self) -> str:
        """Describe the call without its token."""
        return f"AskPrepare({self.order_id}, {self.amount})"


class AskReconcile(Ask, frozen=True, kw_only=True):
    """Whether to mend what can be mended."""

    repair: bool = False


PREPARE: Procedure[AskPrepare, None] = Procedure("payment", "prepare", AskPrepare, None, Reach.SHOP)
RECONCILE: Procedure[AskReconcile, dict[str, Any]] = Procedure(
    "payment", "reconcile", AskReconcile, dict[str, Any], Reach.SHOP
)


class RemotePayment:
    """Payment in another process; each method raises ``Unavailable`` when it is away."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def prepare(
        self,
        order_id: OrderId,
        customer_id: CustomerId | None,
        amount: Money,
        method: str,
        token: str | None,
        *,
        off_session: bool = False,
    ) -> None:
        """Hand over what an order is about to owe, and its payment token; durable, repeatable.

        ``off_session``: nobody is there to approve it when the token is charged.
        """
        await self._neighbour.call(
            PREPARE,
            AskPrepare(
                order_id=order_id,
                customer_id=customer_id,
                amount=amount,
                method=method,
                token=token,
                off_session=off_session,
            ),
        )

    async def reconcile(self, *, repair: bool = False) -> dict[str, Any]:
        """Return the providers' charges and refunds beside ours, as JSON: for the command line."""
        return await self._neighbour.call(RECONCILE, AskReconcile(repair=repair))
