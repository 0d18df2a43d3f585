"""A payment: one attempt to take an order's money, and what went back of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money, total
from kibble.kernel.state_machine import StateMachine
from kibble.services.payment.errors import NotRefundable, RefundTooLarge
from kibble.services.payment.model.dispute import Dispute
from kibble.services.payment.model.ledger import Posting, Transfer
from kibble.services.payment.model.payable import Payable, PaymentMethod
from kibble.services.payment.model.refund import Refund, RefundStatus


class PaymentStatus(Enum):
    """How far a payment has come."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    PAID = "PAID"
    FAILED = "FAILED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


_S = PaymentStatus

PAYMENT_MOVES = StateMachine(
    "payment",
    {
        _S.PENDING: frozenset({_S.PROCESSING, _S.PAID, _S.FAILED}),
        _S.PROCESSING: frozenset({_S.REQUIRES_ACTION, _S.PAID, _S.FAILED}),
        _S.REQUIRES_ACTION: frozenset({_S.PAID, _S.FAILED}),
        _S.PAID: frozenset({_S.PARTIALLY_REFUNDED, _S.REFUNDED}),
        _S.PARTIALLY_REFUNDED: frozenset({_S.PARTIALLY_REFUNDED, _S.REFUNDED}),
        _S.REFUNDED: frozenset(),
        _S.FAILED: frozenset(),
    },
    _S.PENDING,
)
UNDECIDED = frozenset({_S.PENDING, _S.PROCESSING, _S.REQUIRES_ACTION})
IN_DOUBT = frozenset({_S.PROCESSING, _S.REQUIRES_ACTION})
HOLDS_MONEY = frozenset({_S.PAID, _S.PARTIALLY_REFUNDED})

ACT_WITHIN = timedelta(minutes=30)
"""How long a customer has on the provider's page; the order's stock is held meanwhile."""

ORDER_CANCELLED = "order_cancelled"
HOLD_EXPIRED = "hold_expired"
ACTION_EXPIRED = "action_expired"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed: a stable code, and a sentence for the customer."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the customer has to do first, and where."""

    type: str
    url: str


@dataclass(slots=True)
class Payment:
    """One attempt to take an order's money.

    ``due_at`` is when the worker has to look at it next (None: when something happens to it);
    ``looks`` counts the looks that decided nothing. ``held_until`` is a time until which the
    order's stock is held for sure. ``request_key`` names the request that asked for it (None: the
    order did). ``unwanted``: its order was cancelled or returned, what it holds goes back.
    ``authorized``: its money was set aside. ``dispute_due``: the provider is to be asked for
    disputes.
    ``postings`` are the ledger's rows that were not stored yet.
    """

    id: PaymentId
    order_id: OrderId
    amount: Money
    method: PaymentMethod
    created_at: datetime
    updated_at: datetime
    request_key: str | None = None
    held_until: datetime | None = None
    due_at: datetime | None = None
    looks: int = 0
    status: PaymentStatus = PaymentStatus.PENDING
    reference: str | None = None
    failure: Failure | None = None
    next_action: NextAction | None = None
    provider: str | None = None
    act_by: datetime | None = None
    unwanted: bool = False
    authorized: bool = False
    dispute_due: bool = False
    refunds: list[Refund] = field(default_factory=list[Refund])
    disputes: list[Dispute] = field(default_factory=list[Dispute])
    postings: list[Posting] = field(default_factory=list[Posting])
    version: int = 0

    @classmethod
    def of(
        cls, payable: Payable, payment_id: PaymentId, method: PaymentMethod, now: datetime
    ) -> Payment:
        """Start the next payment of ``payable``: due at once, or PAID when nothing is owed.

        Raises ``OrderClosed`` when its order is gone.
        """
        payable.attempt()
        payment = cls(payment_id, payable.order_id, payable.amount, method, now, now)
        payment.held_until = payable.hold_expires_at
        payment.due_at = now
        if not payable.amount:
            payment.approve(None, now)
        return payment

    def forget_person(self) -> bool:
        """Drop the words that refunds were explained with; tell whether there were any."""
        told = [refund for refund in self.refunds if refund.reason is not None]
        for refund in told:
            refund.reason = None
        return bool(told)

    @property
    def paid(self) -> Money:
        """What the customer was charged."""
        is_charged = self.status in HOLDS_MONEY or self.status is PaymentStatus.REFUNDED
        return self.amount if is_charged else Money(0, self.amount.currency)

    @property
    def refunded(self) -> Money:
        """What went back to the customer."""
        done = RefundStatus.SUCCEEDED
        return self._sum(refund for refund in self.refunds if refund.status is done)

    @property
    def left(self) -> Money:
        """What may still be claimed for a refund: nothing of what is disputed, or was lost."""
        left = self.paid - self._sum(refund for refund in self.refunds if refund.is_claimed)
        for dispute in self.disputes:
            left -= dispute.kept_from_shop
        return max(left, Money(0, self.amount.currency))

    @property
    def owes_refund(self) -> bool:
        """Tell whether money has to be claimed for a customer whose order is gone."""
        return self.unwanted and bool(self.left)

    @property
    def pending_refund(self) -> Refund | None:
        """The oldest refund that the provider has not decided."""
        pending = (refund for refund in self.refunds if refund.status is RefundStatus.PENDING)
        return next(pending, None)

    def hold(self, until: datetime | None) -> None:
        """Note until when the order's stock is held for sure."""
        self.held_until = until

    def begin(self, now: datetime, due_at: datetime, provider: str = "sandbox") -> None:
        """Mark that the provider may be charging from now on; look again at ``due_at``."""
        self._move(PaymentStatus.PROCESSING, now)
        self.provider = provider
        self.due_at = due_at

    def is_called_off(self, now: datetime) -> bool:
        """Tell whether the customer need not act any more: too late, or not wanted."""
        return self.unwanted or (self.act_by is not None and now >= self.act_by)

    def call_off(self, now: datetime) -> None:
        """Stop waiting for the customer, who wants to pay otherwise."""
        self.act_by = now
        self.due_at = now

    def learn(self, reference: str | None) -> bool:
        """Keep the provider's own name of the charge; tell whether it is news."""
        is_news = reference is not None and self.reference is None
        self.reference = self.reference or reference
        return is_news

    def look_now(self, now: datetime) -> bool:
        """Have the provider asked at once, if there is something to ask; tell whether there is.

        A FAILED payment counts: should its money have come all the same, it goes back.
        """
        asks = self.status in IN_DOUBT or self.status is PaymentStatus.FAILED
        if not (asks and self.provider) and not self.pending_refund:
            return False
        self.looks = 0
        self.due_at = now
        return True

    def look_for_disputes(self, now: datetime) -> bool:
        """Have the provider asked for disputes, if money was taken; tell whether it was."""
        if not self.paid or not self.provider:
            return False
        self.dispute_due = True
        self.looks = 0
        self.due_at = now
        return True

    def take_disputes(self, told: Iterable[Dispute], now: datetime) -> list[Dispute]:
        """Keep what the provider tells of this payment's disputes; return those that are news."""
        self.dispute_due = False
        news = []
        known = {dispute.id: dispute for dispute in self.disputes}
        for dispute in told:
            before = known.get(dispute.id)
            after = dispute.after(before)
            if after == before:
                continue
            self.postings.extend(after.postings(before))
            known[after.id] = after
            news.append(after)
        self.disputes = list(known.values())
        if news:
            self.updated_at = now
        self.due_at = self._next(now)
        return news

    def put_off(self, due_at: datetime) -> None:
        """Note that nobody could look; ``due_at`` is when somebody can."""
        self.due_at = due_at

    def look_again(self, due_at: datetime) -> None:
        """Note a look that decided nothing; the next is at ``due_at``."""
        self.looks += 1
        self.due_at = due_at

    def rest(self, now: datetime) -> None:
        """Wait for what happens to it, unless a refund or a question for disputes is pending."""
        self.due_at = now if self.pending_refund or self.dispute_due else None

    def authorize(self, now: datetime) -> bool:
        """Record that the money is set aside; tell whether that is news."""
        if self.authorized or self.status not in IN_DOUBT:
            return False
        self.authorized = True
        self.updated_at = now
        self._post(Transfer.AUTHORIZE, self.id, self.amount)
        return True

    def approve(self, reference: str | None, now: datetime) -> None:
        """Record that the money is in; ``reference`` is the provider's name of the charge."""
        self._move(PaymentStatus.PAID, now)
        self.reference = reference or self.reference
        self.next_action = None
        self.due_at = now if self.owes_refund else None
        if self.amount:
            if not self.authorized:
                self._post(Transfer.AUTHORIZE, self.id, self.amount)
            self.authorized = True
            self._post(Transfer.CAPTURE, self.id, self.amount)

    def fail(self, failure: Failure, now: datetime) -> None:
        """Record that no money will come in: what was set aside is free again, or has lapsed."""
        self._move(PaymentStatus.FAILED, now)
        if self.authorized:
            self._post(Transfer.VOID, self.id, self.amount)
        self.failure = failure
        self.next_action = None
        self.due_at = None

    def require_action(self, action: NextAction, now: datetime, due_at: datetime) -> None:
        """Record that the customer has to act first; the same action again changes nothing."""
        if self.status is not PaymentStatus.REQUIRES_ACTION:
            self._move(PaymentStatus.REQUIRES_ACTION, now)
            self.act_by = now + ACT_WITHIN
        self.next_action = action
        self.look_again(due_at)

    def withdraw(self, now: datetime) -> bool:
        """Let the money go back, whenever it comes: the order was cancelled or returned.

        A payment that was not begun fails; one in doubt is refunded if it turns out to be paid.
        Tells whether that changed anything.
        """
        if self.status is PaymentStatus.FAILED or self.unwanted:
            return False
        self.unwanted = True
        if self.status is PaymentStatus.PENDING:
            self.fail(Failure(ORDER_CANCELLED, "The order was cancelled before it was paid."), now)
        elif self.owes_refund:
            self.due_at = now
        return True

    def claim_refund(
        self, refund_id: str, amount: Money | None, reason: str | None, now: datetime
    ) -> Refund:
        """Set ``amount`` (None: all that is left) aside for the customer.

        Raises ``InvalidInput`` for an amount that is not above zero, ``NotRefundable`` when the
        payment holds no money, ``RefundTooLarge`` when it is more than what is left.
        """
        if amount is not None and amount.minor <= 0:
            raise InvalidInput.at("/amount", "must be above 0")
        if self.status not in HOLDS_MONEY or not self.left:
            raise NotRefundable(self.status.value, self.left)
        claimed = amount or self.left
        if claimed > self.left:
            raise RefundTooLarge(self.status.value, self.left)
        refund = Refund(refund_id, claimed, reason, now, now)
        self.refunds.append(refund)
        self.looks = 0
        self.due_at = now
        self.updated_at = now
        return refund

    def settle_refund(self, refund: Refund, now: datetime) -> None:
        """Record that the provider sent the money back."""
        refund.succeed(now)
        whole = self.refunded == self.amount
        self._move(PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED, now)
        self._post(Transfer.REFUND, refund.id, refund.amount)
        self.due_at = self._next(now)

    def fail_refund(self, refund: Refund, code: str, now: datetime, retry_at: datetime) -> None:
        """Record that the provider refused the refund; its amount may be claimed again.

        What a cancelled order still owes is claimed anew at ``retry_at``.
        """
        refund.fail(code, now)
        self.updated_at = now
        self.looks = 0
        retry = retry_at if self.owes_refund else None
        self.due_at = now if self.pending_refund or self.dispute_due else retry

    def _next(self, now: datetime) -> datetime | None:
        """Return when to look again at money that is in: at once while anything is to be done."""
        waits = self.pending_refund or self.owes_refund or self.dispute_due
        return now if waits else None

    def _move(self, target: PaymentStatus, now: datetime) -> None:
        self.status = PAYMENT_MOVES.move(self.status, target)
        self.updated_at = now
        self.looks = 0

    def _post(self, transfer: Transfer, reference: str, amount: Money) -> None:
        self.postings.append(Posting(transfer, reference, amount))

    def _sum(self, refunds: Iterable[Refund]) -> Money:
        return total((refund.amount for refund in refunds), self.amount.currency)
