"""What Payment needs of others: a provider that moves money, and the holds of Inventory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import OrderId, PaymentId, SavedMethodId
from kibble.kernel.money import Money
from kibble.services.payment.model import (
    ChargeRecord,
    Dispute,
    Likeness,
    PaymentMethod,
    RefundRecord,
)


@dataclass(frozen=True, slots=True)
class Approved:
    """The customer was charged; ``reference`` is the provider's own name of the charge."""

    reference: str


@dataclass(frozen=True, slots=True)
class Authorized:
    """The customer agreed and the money is set aside; ``capture`` takes it, ``void`` frees it."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The provider said no for good; ``code`` is stable, ``message`` is for the customer."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ActionRequired:
    """The customer has to act first (SCA, a redirect): ``type`` of action, and where.

    ``reference`` is the provider's own name of what waits for the customer, if it has one.
    """

    type: str
    url: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider took a refund and has not decided it: ask again later, under the same id."""


ChargeResult: TypeAlias = Approved | Authorized | Declined | ActionRequired
RefundResult: TypeAlias = Approved | Declined | Pending


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge of ours that the provider was asked for with this payment's id.

    ``reference`` is the provider's own name of it, as far as we were told. ``off_session``: the
    customer is not there to act, as when a subscription falls due.
    """

    payment_id: PaymentId
    order_id: OrderId
    amount: Money
    token: str | None = None
    """The customer's payment token; None lets the provider take its default."""
    reference: str | None = None
    off_session: bool = False

    def __repr__(self) -> str:
        """Describe the charge without its token, which is a secret."""
        return f"Charge({self.payment_id}, {self.order_id}, {self.amount})"


@dataclass(frozen=True, slots=True)
class SignUp:
    """A way to pay that a customer wants to keep; its id is the provider's idempotency key.

    ``reference`` is the provider's own name of the sign-up, once it has answered.
    """

    id: SavedMethodId
    method: PaymentMethod
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The customer agreed: ``token`` charges it from now on, ``likeness`` is for their eyes."""

    token: str
    likeness: Likeness

    def __repr__(self) -> str:
        """Describe it without the token, which is a secret."""
        return f"Kept({self.likeness})"


SignUpResult: TypeAlias = Kept | ActionRequired | Declined


@dataclass(frozen=True, slots=True)
class SavedNotice:
    """A provider's word that something happened to a sign-up; what did, it is asked for."""

    saved_id: SavedMethodId


@dataclass(frozen=True, slots=True)
class Notice:
    """A provider's word that something happened to a payment; what did, it is asked for.

    ``disputed``: what happened is a dispute's.
    """

    payment_id: PaymentId
    reference: str | None = None
    disputed: bool = False


class Vault(Protocol):
    """Where a provider keeps customers' cards and accounts for the next time.

    The customer agrees on the provider's own page, so that no card number comes here. Every call
    may raise ``Unavailable`` and may be repeated.
    """

    async def begin(self, sign_up: SignUp) -> ActionRequired:
        """Open a page for the customer; the same sign-up again opens no second one."""
        ...

    async def find(self, sign_up: SignUp) -> SignUpResult:
        """Return what became of a sign-up: ``ActionRequired`` while the customer is at it."""
        ...

    async def forget(self, token: str) -> None:
        """Keep what ``token`` charges no more; one that is not there is no error."""
        ...


class DisputeDesk(Protocol):
    """Where a provider tells of disputes. Every call may raise ``Unavailable``."""

    async def of(self, charge: Charge) -> Sequence[Dispute]:
        """Return the disputes of a charge that went through, as they stand."""
        ...

    def since(self, moment: datetime | None) -> AsyncIterator[Dispute]:
        """Yield every dispute of our charges that was opened since then, in no order."""
        ...


class PaymentProvider(Protocol):
    """Moves money between a customer and the shop.

    Charges and refunds are idempotent by their id: the same id again answers what the first call
    decided, and never moves money twice. Every call may raise ``Unavailable``; ``TimedOut`` and
    any other ``Unavailable`` leave the outcome unknown: ask with ``find_charge``, or repeat the
    call with the same id. ``history`` is how far back the provider's books are compared with
    ours; None when they are always read from the start.
    """

    history: timedelta | None

    @property
    def vault(self) -> Vault:
        """Where ways to pay are kept for the next time."""
        ...

    @property
    def disputes(self) -> DisputeDesk:
        """Where disputes are told of."""
        ...

    @property
    def needs_token(self) -> bool:
        """Whether a charge without a token takes the customer to a page."""
        ...

    async def check(self) -> None:
        """Ask the provider whether it knows us; raises ``ValueError`` with what is wrong."""
        ...

    async def charge(self, charge: Charge) -> ChargeResult:
        """Have the money taken, or set aside, or learn what the customer has to do first."""
        ...

    async def find_charge(self, charge: Charge) -> ChargeResult | None:
        """Return what became of a charge; None when the provider never got it."""
        ...

    async def capture(self, charge: Charge) -> ChargeResult:
        """Take the money that is set aside under ``charge.reference``."""
        ...

    async def void(self, charge: Charge) -> ChargeResult:
        """Make sure that a charge that is not through never will be; return what it came to."""
        ...

    async def refund(self, refund_id: str, charge: Charge, amount: Money) -> RefundResult:
        """Give part or all of a charge back to the customer."""
        ...

    def charges(self, since: datetime | None) -> AsyncIterator[ChargeRecord]:
        """Yield every charge that went through since then, in no order."""
        ...

    def refunds(self, since: datetime | None) -> AsyncIterator[RefundRecord]:
        """Yield every refund that went through since then, in no order."""
        ...

    async def notices(
        self, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Notice | SavedNotice]:
        """Return what a webhook of the provider's says, its raw body as it came.

        None of it for events that mean nothing to us. Raises ``InvalidInput`` when it is not
        signed by the provider, or not within the last five minutes.
        """
        ...

    async def close(self) -> None:
        """End what was opened."""
        ...


class Providers:
    """The payment providers of the shop, by name, and which of them takes a method.

    Payments remember their provider's name, so that one is refunded by whoever was paid, also
    after the shop has changed its provider.
    """

    def __init__(
        self, by_name: Mapping[str, PaymentProvider], by_method: Mapping[PaymentMethod, str]
    ) -> None:
        self.by_name = by_name
        self._by_method = by_method

    @classmethod
    def only(cls, provider: PaymentProvider, name: str = "sandbox") -> Providers:
        """Return the providers of a shop that has one for every method."""
        return cls({name: provider}, dict.fromkeys(PaymentMethod, name))

    @property
    def methods(self) -> Mapping[PaymentMethod, str]:
        """The methods that are offered, and the name of the provider that takes each."""
        return self._by_method

    def named(self, name: str | None) -> PaymentProvider:
        """Return a provider; raises ``Unavailable`` for one that is not set up any more."""
        provider = self.by_name.get(name or "")
        if provider is None:
            raise Unavailable(f"The payment provider {name} is not set up here.")
        return provider


class StockHolds(Protocol):
    """The stock that Inventory holds for an order until it is paid."""

    async def extend(self, order_id: OrderId, until: datetime) -> bool:
        """Hold an order's stock until ``until`` at least; False when the hold is gone.

        Raises ``Unavailable`` when Inventory is away.
        """
        ...
