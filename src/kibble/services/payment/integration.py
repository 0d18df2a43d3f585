"""What Payment needs of others: a provider that moves money, and the holds of Inventory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.services.payment.model import ChargeRecord, RefundRecord


@dataclass(frozen=True, slots=True)
class Approved:
    """The customer was charged; ``reference`` is the provider's own name of the charge."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The provider said no for good; ``code`` is stable, ``message`` is for the customer."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The customer has to act first (SCA, a redirect): ``type`` of action, and where."""

    type: str
    url: str


ChargeResult: TypeAlias = Approved | Declined | ActionRequired
RefundResult: TypeAlias = Approved | Declined


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge of ours that the provider was asked for with this payment's id."""

    payment_id: PaymentId
    order_id: OrderId
    amount: Money
    token: str | None = None
    """The customer's payment token; None lets the provider take its default."""

    def __repr__(self) -> str:
        """Describe the charge without its token, which is a secret."""
        return f"Charge({self.payment_id}, {self.order_id}, {self.amount})"


class PaymentProvider(Protocol):
    """Moves money between a customer and the shop.

    Charges and refunds are idempotent by their id: the same id again answers what the first call
    decided, and never moves money twice. Every call may raise ``Unavailable``; ``TimedOut`` and
    any other ``Unavailable`` leave the outcome unknown: ask with ``find_charge``, or repeat the
    call with the same id.
    """

    async def charge(self, charge: Charge) -> ChargeResult:
        """Take the money: authorize and capture in one step."""
        ...

    async def find_charge(self, payment_id: PaymentId) -> ChargeResult | None:
        """Return what became of a charge; None when the provider never got it."""
        ...

    async def refund(self, refund_id: str, payment_id: PaymentId, amount: Money) -> RefundResult:
        """Give part or all of a charge back to the customer."""
        ...

    def charges(self) -> AsyncIterator[ChargeRecord]:
        """Yield every charge that went through, oldest first."""
        ...

    def refunds(self) -> AsyncIterator[RefundRecord]:
        """Yield every refund that went through, oldest first."""
        ...


class StockHolds(Protocol):
    """The stock that Inventory holds for an order until it is paid."""

    async def extend(self, order_id: OrderId, until: datetime) -> bool:
        """Hold an order's stock until ``until`` at least; False when the hold is gone.

        Raises ``Unavailable`` when Inventory is away.
        """
        ...
