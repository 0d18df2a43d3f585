"""Any sequence of charges, lost answers, cancellations and racing refunds keeps the books.

The machine plays the store (versions, the unique index) and the provider (idempotent by id) around
the model: what it checks after every step is what must hold after any crash.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from kibble.kernel.errors import KibbleError
from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.services.payment.model import (
    Account,
    Dispute,
    DisputeStatus,
    Failure,
    NextAction,
    Payable,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Posting,
    RefundStatus,
)
from kibble.services.payment.model.ledger import balances
from kibble.services.payment.model.payment import IN_DOUBT, UNDECIDED

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=2)
ORDER = OrderId("o-1")
LATE = Failure("card_declined", "The card was declined.")


class PaymentsOfAnOrder(RuleBasedStateMachine):
    """One order, any number of attempts to pay it, and a provider whose answers may get lost."""

    def __init__(self) -> None:
        super().__init__()
        self.payments: dict[PaymentId, Payment] = {}
        self.ledger: list[Posting] = []
        self.charged: dict[PaymentId, Money] = {}
        self.sent_back: dict[str, tuple[PaymentId, Money]] = {}
        self.refund_ids = 0

    @initialize(cents=st.integers(min_value=0, max_value=100_000), paid=st.booleans())
    def place(self, cents: int, *, paid: bool) -> None:
        """Place the order, and pay it in half of the runs."""
        self.payable = Payable(ORDER, None, Money(cents), PaymentMethod.CREDIT_CARD, NOW)
        self.payable.place(Money(cents), PaymentMethod.CREDIT_CARD, NOW)
        if paid:
            self.pay()
            self.begin()
            self.charge("approved")

    def save(self, payment: Payment) -> bool:
        """Store a payment as the real store does; False when it is stale or not the only one."""
        stored = self.payments.get(payment.id)
        if payment.version != (stored.version if stored else 0):
            return False
        others = [other for other in self.payments.values() if other.id != payment.id]
        if payment.status is not PaymentStatus.FAILED and any(
            other.status is not PaymentStatus.FAILED for other in others
        ):
            return False
        kept = deepcopy(payment)
        self.ledger += kept.postings
        kept.postings = []
        kept.version += 1
        self.payments[kept.id] = kept
        return True

    def with_status(self, statuses: frozenset[PaymentStatus]) -> list[Payment]:
        """Return copies of the payments in one of ``statuses``."""
        return [deepcopy(one) for one in self.payments.values() if one.status in statuses]

    @rule()
    def pay(self) -> None:
        """Try to pay, whether or not there is a payment."""
        payment_id = PaymentId(f"p-{len(self.payments)}")
        try:
            payment = Payment.of(self.payable, payment_id, PaymentMethod.CREDIT_CARD, NOW)
        except KibbleError:
            return
        self.save(payment)

    @rule()
    def begin(self) -> None:
        """Let the worker take what is pending."""
        for payment in self.with_status(frozenset({PaymentStatus.PENDING})):
            payment.begin(NOW, SOON)
            self.save(payment)

    @rule(answer=st.sampled_from(["approved", "lost", "set aside", "declined", "action", "down"]))
    def charge(self, answer: str) -> None:
        """Ask the provider; it charges in two of the cases, and answers in four.

        What was set aside and is then declined was voided, or has expired.
        """
        for payment in self.with_status(IN_DOUBT):
            if payment.id in self.charged:
                payment.approve("ch", NOW)
            elif answer == "approved":
                self.charged[payment.id] = payment.amount
                payment.approve("ch", NOW)
            elif answer == "lost":
                self.charged[payment.id] = payment.amount
                payment.look_again(SOON)
            elif answer == "set aside":
                payment.authorize(NOW)
                payment.look_again(SOON)
            elif answer == "declined":
                payment.fail(LATE, NOW)
            elif answer == "action":
                payment.require_action(NextAction("redirect", "https://bank.example"), NOW, SOON)
            else:
                payment.look_again(SOON)
            self.save(payment)

    @rule(
        shares=st.lists(st.none() | st.integers(min_value=1, max_value=120), min_size=1, max_size=3)
    )
    def claim(self, shares: list[int | None]) -> None:
        """Claim refunds in per cent of the payment (None: the rest), then, stale, all again."""
        for payment in self.with_status(frozenset(PaymentStatus)):
            stale = deepcopy(payment)
            for share in shares:
                if self.claim_one(deepcopy(self.payments[payment.id]), share):
                    assert not self.claim_one(deepcopy(stale), share)

    def claim_one(self, payment: Payment, share: int | None) -> bool:
        """Claim a refund on what was read; tell whether it was stored."""
        self.refund_ids += 1
        amount = None if share is None else Money(payment.amount.minor * share // 100)
        try:
            payment.claim_refund(f"r-{self.refund_ids}", amount, None, NOW)
        except KibbleError:
            return False
        return self.save(payment)

    @precondition(lambda self: self.payments)
    @rule(answer=st.sampled_from(["sent", "lost", "refused"]))
    def send_back(self, answer: str) -> None:
        """Let the provider send the pending refunds back; the answer of some gets lost."""
        for stored in list(self.payments.values()):
            payment = deepcopy(stored)
            refund = payment.pending_refund
            if refund is None:
                continue
            if answer == "refused" and refund.id not in self.sent_back:
                payment.fail_refund(refund, "refused", NOW, SOON)
            else:
                self.sent_back[refund.id] = (payment.id, refund.amount)
                if answer == "lost":
                    continue
                payment.settle_refund(refund, NOW)
            self.save(payment)

    @precondition(lambda self: self.payments)
    @rule(
        name=st.sampled_from(["dp-1", "dp-2"]),
        status=st.sampled_from(DisputeStatus),
        share=st.integers(min_value=0, max_value=100),
        withdrawn=st.booleans(),
        fee=st.sampled_from([0, 1_500]),
    )
    def dispute(
        self, *, name: str, status: DisputeStatus, share: int, withdrawn: bool, fee: int
    ) -> None:
        """Let the provider tell of a dispute, in any order and twice; news is news once."""
        for payment in self.with_status(frozenset(PaymentStatus)):
            if not payment.paid:
                continue
            payment.look_for_disputes(NOW)
            amount = Money(payment.amount.minor * share // 100)
            out = amount if withdrawn else Money(0)
            told = Dispute(name, payment.id, status, amount, out, Money(fee), "fraudulent", NOW)
            payment.take_disputes([told], NOW)
            assert payment.take_disputes([told], NOW) == []
            self.save(payment)

    @precondition(lambda self: self.payments)
    @rule()
    def cancel_the_order(self) -> None:
        """Cancel the order: no new payment, and the live one is withdrawn."""
        try:
            self.payable.close()
        except KibbleError:
            return
        for payment in self.with_status(frozenset(PaymentStatus)):
            if payment.withdraw(NOW):
                assert self.save(payment)

    @invariant()
    def at_most_one_payment_has_not_failed(self) -> None:
        """An order is charged by one payment at most."""
        live = [one for one in self.payments.values() if one.status is not PaymentStatus.FAILED]
        assert len(live) <= 1
        assert len(self.charged) <= 1

    @invariant()
    def refunds_never_exceed_the_charge(self) -> None:
        """Neither what went back nor what is claimed is more than what was paid."""
        for payment in self.payments.values():
            assert payment.refunded <= payment.paid
            assert payment.left.minor >= 0
            back = [amount for of, amount in self.sent_back.values() if of == payment.id]
            assert sum(amount.minor for amount in back) <= payment.paid.minor

    @invariant()
    def the_ledger_agrees_with_the_payments(self) -> None:
        """The accounts sum to zero, and hold what the payments say."""
        held = balances(self.ledger)
        assert sum(held.values()) == 0
        payments = list(self.payments.values())
        waiting = [one for one in payments if one.authorized and one.status in UNDECIDED]
        assert held[Account.AUTHORIZED] == sum(one.amount.minor for one in waiting)
        disputes = [dispute for one in payments for dispute in one.disputes]
        fees = sum(one.fee.minor for one in disputes)
        kept = sum(one.kept_from_shop.minor for one in disputes)
        assert held[Account.CAPTURED] == (
            sum((one.paid - one.refunded).minor for one in payments) - kept - fees
        )
        assert held[Account.FEES] == fees
        assert held[Account.DISPUTED] == sum(
            one.withdrawn.minor for one in disputes if not one.is_decided
        )

    @invariant()
    def nothing_is_posted_twice(self) -> None:
        """A payment, refund or dispute has one posting of each kind at most."""
        posted = [(one.reference, one.transfer) for one in self.ledger]
        assert len(posted) == len(set(posted))

    @invariant()
    def no_charge_is_denied(self) -> None:
        """What the provider charged is paid with us, or still in doubt: never failed."""
        for payment_id, amount in self.charged.items():
            payment = self.payments[payment_id]
            assert payment.status is not PaymentStatus.FAILED
            assert payment.status in IN_DOUBT or payment.paid == amount

    @invariant()
    def whatever_waits_for_the_worker_is_due(self) -> None:
        """No payment is forgotten: the undecided, and those that owe, have a time to look."""
        for payment in self.payments.values():
            waits = payment.status in UNDECIDED or payment.pending_refund or payment.owes_refund
            assert not payment.dispute_due
            assert (payment.due_at is not None) == bool(waits)

    @invariant()
    def a_settled_refund_is_in_the_providers_books(self) -> None:
        """We never say that money went back when it did not."""
        for payment in self.payments.values():
            for refund in payment.refunds:
                if refund.status is RefundStatus.SUCCEEDED:
                    assert self.sent_back[refund.id] == (payment.id, refund.amount)


TestPaymentsOfAnOrder = PaymentsOfAnOrder.TestCase
TestPaymentsOfAnOrder.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
