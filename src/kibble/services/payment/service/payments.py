"""What customers, staff and Order ask of Payment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderCancelled, OrderPlaced, OrderReturned
from kibble.kernel.clock import Clock, to_text
from kibble.kernel.ids import CustomerId, IdSource, OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.payment.errors import (
    MethodNotOffered,
    OrderNotPlaced,
    PaymentExists,
    ProviderNotSetUp,
    UnknownOrder,
    UnknownPayment,
)
from kibble.services.payment.integration import Notice, Providers, SavedNotice
from kibble.services.payment.model import (
    Payable,
    PayableStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    PaymentToken,
    Refund,
)
from kibble.services.payment.repository import PaymentRepository
from kibble.services.payment.service.conclusions import announce_refund, conclude
from kibble.services.payment.service.wallet import Wallet

T = TypeVar("T")

ANSWER_WITHIN_SECONDS = 10.0
"""How long a caller waits for what happens in the background."""
RETURN_WITHIN_SECONDS = 3.0
"""How long a returning customer waits for the provider's answer before the page shows."""
POLL_SECONDS = 0.02
ABANDONED_AFTER = timedelta(days=7)
ABANDONED_BATCH = 500
IN_THE_WORKS = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING})


class PaymentService:
    """Takes the money of an order once, and gives it back on demand.

    Nothing here calls the provider: that is left to the background, which ``wake`` calls.
    """

    def __init__(
        self,
        *,
        repository: PaymentRepository,
        clock: Clock,
        ids: IdSource,
        wake: Callable[[PaymentId], None],
        providers: Providers,
        wallet: Wallet,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._ids = ids
        self._wake = wake
        self._providers = providers
        self._wallet = wallet

    # What Order asks for.

    async def prepare(
        self,
        order_id: OrderId,
        customer_id: CustomerId | None,
        amount: Money,
        method: PaymentMethod,
        token: str | None,
        *,
        off_session: bool = False,
    ) -> Outcome[None]:
        """Learn what an order is about to owe, and the token to charge; repeatable.

        ``token`` may be the id of a saved way to pay. ``off_session``: the customer will not be
        there when it is charged; without one their default is. A repeat without a token keeps the
        one that is there. Once the order was placed, nothing changes any more. Raises
        ``InvalidInput`` for a card number and for what is not saved, ``MethodNotOffered``.
        """
        self._require_offered(method)
        changes = Changes()
        payable = await self._repository.find_payable(order_id)
        if payable is not None and payable.status is not PayableStatus.PREPARED:
            return unchanged(None)
        token = await self._wallet.token_for(customer_id, method, token, off_session=off_session)
        if payable is None:
            now = self._clock.now()
            changes.save(Payable(order_id, customer_id, amount, method, now))
        elif payable.revise(amount, method):
            changes.save(payable)
        await self._keep_token(changes, order_id, token, off_session=off_session)
        return Outcome(None, changes)

    def _require_offered(self, method: PaymentMethod) -> None:
        if method not in self._providers.methods:
            raise MethodNotOffered([offered.value for offered in self._providers.methods])

    async def _keep_token(
        self, changes: Changes, order_id: OrderId, value: str | None, *, off_session: bool = False
    ) -> None:
        if value is None:
            return
        fresh = PaymentToken.of(order_id, value, off_session=off_session)
        kept = await self._repository.find_token(order_id)
        if kept is None:
            changes.save(fresh)
        elif (kept.value, kept.off_session) != (value, off_session):
            kept.value, kept.off_session = value, off_session
            changes.save(kept)

    # What customers and staff ask for.

    async def payable(self, order_id: OrderId) -> Payable:
        """Return what an order owes; raises ``UnknownOrder``."""
        payable = await self._repository.find_payable(order_id)
        if payable is None:
            raise UnknownOrder(order_id)
        return payable

    async def payment(self, payment_id: PaymentId) -> Payment:
        """Return a payment; raises ``UnknownPayment``."""
        payment = await self._repository.find_payment(payment_id)
        if payment is None:
            raise UnknownPayment(payment_id)
        return payment

    async def payments_of(self, order_id: OrderId) -> list[Payment]:
        """Return all payments of an order, newest first."""
        return await self._repository.payments_of(order_id)

    async def pay(
        self, order_id: OrderId, method: PaymentMethod, token: str | None, request_key: str | None
    ) -> Payment:
        """Pay an order and return the payment once it is decided, or waits for the customer.

        After ten seconds it is returned as it is. The same ``request_key`` again returns its
        payment. One that waits for the customer is returned when the same is asked for again; by
        another method, or with a token, it is called off first. ``token`` may be the id of a way to
        pay that the order's customer has saved. Raises ``UnknownOrder``, ``OrderClosed``,
        ``OrderNotPlaced``, ``MethodNotOffered``, ``InvalidInput`` for what is not saved, and
        ``PaymentExists`` while there is another payment that is not FAILED.
        """
        self._require_offered(method)
        give_up_at = self._clock.monotonic() + ANSWER_WITHIN_SECONDS
        payable = await self._until(
            lambda: self.payable(order_id),
            lambda payable: payable.status is not PayableStatus.PREPARED,
            give_up_at,
        )
        token = await self._wallet.token_for(payable.customer_id, method, token)
        await self._call_off(order_id, method, token, give_up_at)
        started = await commit_outcome(
            self._repository, lambda: self._start(order_id, method, token, request_key)
        )
        return await self._until(
            lambda: self.payment(started.id),
            lambda payment: payment.status not in IN_THE_WORKS,
            give_up_at,
        )

    async def _call_off(
        self, order_id: OrderId, method: PaymentMethod, token: str | None, give_up_at: float
    ) -> None:
        """End a payment that waits for a customer who now wants to pay otherwise."""
        waiting = await self._waiting(order_id)
        if waiting is None or (waiting.method is method and token is None):
            return
        await commit_outcome(self._repository, lambda: self._end_waiting(waiting.id))
        await self._until(
            lambda: self.payment(waiting.id),
            lambda payment: payment.status is not PaymentStatus.REQUIRES_ACTION,
            give_up_at,
        )

    async def _waiting(self, order_id: OrderId) -> Payment | None:
        for payment in await self._repository.payments_of(order_id):
            if payment.status is PaymentStatus.REQUIRES_ACTION:
                return payment
        return None

    async def _end_waiting(self, payment_id: PaymentId) -> Outcome[None]:
        payment = await self.payment(payment_id)
        changes = Changes()
        if payment.status is PaymentStatus.REQUIRES_ACTION:
            payment.call_off(self._clock.now())
            changes.save(payment)
            changes.then(lambda: self._wake(payment_id))
        return Outcome(None, changes)

    async def _start(
        self, order_id: OrderId, method: PaymentMethod, token: str | None, request_key: str | None
    ) -> Outcome[Payment]:
        payable = await self.payable(order_id)
        payments = await self._repository.payments_of(order_id)
        for payment in payments:
            if request_key is not None and payment.request_key == request_key:
                return unchanged(payment)
        for payment in payments:
            if payment.status is PaymentStatus.REQUIRES_ACTION:
                return unchanged(payment)
            if payment.status is not PaymentStatus.FAILED:
                raise PaymentExists(_described(payment))
        if payable.status is PayableStatus.PREPARED:
            raise OrderNotPlaced
        payment = Payment.of(payable, self._new_id(), method, self._clock.now())
        payment.request_key = request_key
        changes = Changes()
        await self._keep_token(changes, order_id, token)
        changes.save(payable)
        changes.save(payment)
        changes.then(lambda: self._wake(payment.id))
        return Outcome(payment, changes)

    async def _until(
        self, read: Callable[[], Awaitable[T]], is_so: Callable[[T], bool], give_up_at: float
    ) -> T:
        """Return what ``read`` returns, as soon as it ``is_so`` or it is time to give up."""
        while True:
            value = await read()
            if is_so(value) or self._clock.monotonic() >= give_up_at:
                return value
            await self._clock.sleep(POLL_SECONDS)

    async def refund(
        self, payment_id: PaymentId, amount_minor: int | None, reason: str | None
    ) -> Outcome[Refund]:
        """Claim a refund of ``amount_minor`` (None: all that is left); it is sent later.

        Raises ``UnknownPayment``, ``InvalidInput``, ``NotRefundable``, ``RefundTooLarge``.
        """
        payment = await self.payment(payment_id)
        amount = None if amount_minor is None else Money(amount_minor, payment.amount.currency)
        refund = payment.claim_refund(self._ids.new(), amount, reason, self._clock.now())
        changes = Changes()
        announce_refund(changes, payment, refund)
        changes.then(lambda: self._wake(payment_id))
        return Outcome(refund, changes)

    # What Payment does on events.

    async def charge(self, event: OrderPlaced, _: Received) -> Outcome[None]:
        """Make the first payment of an order that was placed."""
        now = self._clock.now()
        amount = Money(event.amount_due, event.currency)
        method = PaymentMethod(event.payment_method)
        payable = await self._repository.find_payable(event.order_id)
        payable = payable or Payable(event.order_id, event.customer_id, amount, method, now)
        if payable.status is not PayableStatus.PREPARED:
            return unchanged(None)
        payable.place(amount, method, event.hold_expires_at)
        payment = Payment.of(payable, self._new_id(), method, now)
        changes = Changes()
        changes.save(payable)
        if payment.status is PaymentStatus.PAID:
            await conclude(self._repository, changes, payment)
        else:
            changes.save(payment)
            changes.then(lambda: self._wake(payment.id))
        return Outcome(None, changes)

    async def withdraw(self, event: OrderCancelled | OrderReturned, _: Received) -> Outcome[None]:
        """Take no more money for an order that is gone, and give back what is there."""
        payable = await self._repository.find_payable(event.order_id)
        if payable is None or payable.status is PayableStatus.CLOSED:
            return unchanged(None)
        payable.close()
        changes = Changes()
        changes.save(payable)
        for payment in await self._repository.payments_of(event.order_id):
            if payment.withdraw(self._clock.now()):
                await self._save_withdrawn(changes, payment)
        return Outcome(None, changes)

    async def _save_withdrawn(self, changes: Changes, payment: Payment) -> None:
        if payment.status is PaymentStatus.FAILED:
            await conclude(self._repository, changes, payment)
        else:
            changes.save(payment)
            changes.then(lambda: self._wake(payment.id))

    async def payables_of(self, customer_id: CustomerId) -> list[Payable]:
        """Return what all orders of a customer owe or owed."""
        return await self._repository.payables_of(customer_id)

    async def forget_customer(self, event: CustomerErased, _: Received) -> Outcome[None]:
        """Forget whose orders an erased customer's were, and what they saved; the figures stay."""
        changes = Changes()
        await self._wallet.drop_all(event.customer_id, changes)
        for payable in await self._repository.payables_of(event.customer_id):
            payable.customer_id = None
            changes.save(payable)
            for payment in await self._repository.payments_of(payable.order_id):
                if payment.forget_person():
                    changes.save(payment)
        return Outcome(None, changes)

    # What providers and returning customers tell.

    @property
    def methods(self) -> Mapping[PaymentMethod, str]:
        """The payment methods that the shop takes, and the name of the provider that takes each."""
        return self._providers.methods

    async def read_notices(
        self, name: str, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Notice | SavedNotice]:
        """Return what a provider's webhook says.

        Raises ``ProviderNotSetUp``, and ``InvalidInput`` for what the provider did not sign.
        """
        provider = self._providers.by_name.get(name)
        if provider is None:
            raise ProviderNotSetUp(name)
        return await provider.notices(headers, body)

    async def notice(self, notice: Notice | SavedNotice) -> Outcome[None]:
        """Look at a payment, or a sign-up, at once: its provider says that something happened.

        What did is asked for, so that a notice which comes late, twice, out of order or never
        changes nothing but the time of that look.
        """
        changes = Changes()
        if isinstance(notice, SavedNotice):
            self._wallet.wake(notice.saved_id)
            return unchanged(None)
        payment = await self._repository.find_payment(notice.payment_id)
        if payment is not None and _looks(payment, notice, self._clock.now()):
            payment.learn(notice.reference)
            changes.save(payment)
            changes.then(lambda: self._wake(payment.id))
        return Outcome(None, changes)

    async def returned(self, payment_id: PaymentId) -> Payment:
        """Look at the payment of a customer who comes back from the provider's page.

        Waits a few seconds for what it came to. Raises ``UnknownPayment``.
        """
        payment = await self.payment(payment_id)
        if payment.status is not PaymentStatus.REQUIRES_ACTION:
            return payment
        await commit_outcome(self._repository, lambda: self.notice(Notice(payment_id)))
        return await self._until(
            lambda: self.payment(payment_id),
            lambda seen: seen.status is not PaymentStatus.REQUIRES_ACTION,
            self._clock.monotonic() + RETURN_WITHIN_SECONDS,
        )

    # What Payment does from time to time.

    async def forget_abandoned(self) -> None:
        """Forget what was prepared for orders that were never placed, tokens above all."""
        before = self._clock.now() - ABANDONED_AFTER
        for payable in await self._repository.prepared_before(before, ABANDONED_BATCH):
            await commit_outcome(self._repository, partial(self._forget, payable.order_id))

    async def _forget(self, order_id: OrderId) -> Outcome[None]:
        changes = Changes()
        payable = await self._repository.find_payable(order_id)
        if payable is not None and payable.status is PayableStatus.PREPARED:
            changes.remove(payable)
            if token := await self._repository.find_token(order_id):
                changes.remove(token)
        return Outcome(None, changes)

    def _new_id(self) -> PaymentId:
        return PaymentId(self._ids.new())


def _looks(payment: Payment, notice: Notice, now: datetime) -> bool:
    """Make a payment due for what a notice is about; tell whether there is anything to ask."""
    return payment.look_for_disputes(now) if notice.disputed else payment.look_now(now)


def _described(payment: Payment) -> dict[str, object]:
    """Return an existing payment as an error's details show it."""
    return {
        "id": payment.id,
        "orderId": payment.order_id,
        "amount": payment.amount.decimal,
        "currency": payment.amount.currency,
        "status": payment.status.value,
        "paymentMethod": payment.method.value,
        "refundedAmount": payment.refunded.decimal,
        "createdAt": to_text(payment.created_at),
    }
