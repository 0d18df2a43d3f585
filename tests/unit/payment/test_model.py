"""Payment's model: what may happen to a payable, a payment and its refunds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kibble.kernel.errors import Conflict, InvalidInput
from kibble.kernel.ids import CustomerId, OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.services.payment.errors import NotRefundable, OrderClosed, RefundTooLarge
from kibble.services.payment.model import (
    Account,
    Failure,
    NextAction,
    Payable,
    PayableStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    PaymentToken,
    RefundStatus,
    Transfer,
)
from kibble.services.payment.model.ledger import balances

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ORDER = OrderId("0193c1a0-0000-7000-8000-000000000001")


def a_payable(cents: int = 4_599) -> Payable:
    """Return the payable of a placed order."""
    payable = Payable(ORDER, CustomerId("c-1"), Money(cents), PaymentMethod.CREDIT_CARD, NOW)
    payable.place(Money(cents), PaymentMethod.CREDIT_CARD, NOW + timedelta(minutes=15))
    return payable


def a_payment(cents: int = 4_599) -> Payment:
    """Return a payment that was just made."""
    return Payment.of(a_payable(cents), PaymentId("p-1"), PaymentMethod.CREDIT_CARD, NOW)


def a_charge_in_doubt() -> Payment:
    """Return a payment that the provider may be charging."""
    payment = a_payment()
    payment.begin(NOW, LATER)
    return payment


def a_paid_payment(cents: int = 4_599) -> Payment:
    """Return a payment whose money is in."""
    payment = a_payment(cents)
    payment.begin(NOW, LATER)
    payment.approve("ch_1", NOW)
    return payment


class TestPayable:
    """What an order owes."""

    def test_takes_over_what_the_placed_order_says(self) -> None:
        payable = Payable(ORDER, None, Money(1), PaymentMethod.PAYPAL, NOW)
        payable.place(Money(250), PaymentMethod.CREDIT_CARD, LATER)
        assert payable.amount == Money(250)
        assert payable.method is PaymentMethod.CREDIT_CARD
        assert payable.status is PayableStatus.OPEN

    def test_refuses_a_payment_when_its_order_is_gone(self) -> None:
        payable = a_payable()
        payable.close()
        with pytest.raises(OrderClosed):
            Payment.of(payable, PaymentId("p-2"), PaymentMethod.PAYPAL, NOW)

    def test_takes_news_only_until_it_is_placed(self) -> None:
        payable = Payable(ORDER, None, Money(1), PaymentMethod.PAYPAL, NOW)
        assert payable.revise(Money(2), PaymentMethod.PAYPAL)
        assert not payable.revise(Money(2), PaymentMethod.PAYPAL)
        payable.place(Money(3), PaymentMethod.PAYPAL, LATER)
        assert not payable.revise(Money(2), PaymentMethod.PAYPAL)
        assert payable.amount == Money(3)

    @pytest.mark.parametrize(
        "value", ["4242424242424242", "4242 4242 4242 4242", "378282246310005"]
    )
    def test_refuses_a_card_number_for_a_token(self, value: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            PaymentToken.of(ORDER, value)
        assert caught.value.errors[0].pointer == "/paymentToken"

    @pytest.mark.parametrize(
        "value", ["tok_ok", "4242424242424241", "42", "x4242424242424242", "²"]
    )
    def test_takes_any_other_text_for_a_token(self, value: str) -> None:
        assert PaymentToken.of(ORDER, value).value == value

    def test_a_token_never_shows_in_its_description(self) -> None:
        assert "tok_secret" not in repr(PaymentToken(ORDER, "tok_secret"))


class TestCharge:
    """Taking the money."""

    def test_a_new_payment_is_due_at_once(self) -> None:
        payment = a_payment()
        assert payment.status is PaymentStatus.PENDING
        assert payment.due_at == NOW
        assert payment.held_until == NOW + timedelta(minutes=15)

    def test_nothing_owed_is_paid_without_a_posting(self) -> None:
        payment = a_payment(0)
        assert payment.status is PaymentStatus.PAID
        assert payment.due_at is None
        assert payment.postings == []

    def test_an_approved_charge_authorizes_and_captures(self) -> None:
        payment = a_paid_payment()
        assert payment.paid == Money(4_599)
        assert [posting.transfer for posting in payment.postings] == [
            Transfer.AUTHORIZE,
            Transfer.CAPTURE,
        ]
        assert balances(payment.postings) == {
            Account.CUSTOMER: -4_599,
            Account.AUTHORIZED: 0,
            Account.CAPTURED: 4_599,
            Account.DISPUTED: 0,
            Account.FEES: 0,
        }

    def test_a_declined_charge_fails_with_the_reason_and_moves_nothing(self) -> None:
        payment = a_charge_in_doubt()
        payment.fail(Failure("card_declined", "The card was declined."), LATER)
        assert payment.status is PaymentStatus.FAILED
        assert payment.failure == Failure("card_declined", "The card was declined.")
        assert payment.postings == []
        assert payment.due_at is None

    def test_cannot_be_begun_twice(self) -> None:
        with pytest.raises(Conflict):
            a_paid_payment().begin(NOW, LATER)

    def test_cannot_be_paid_once_it_failed(self) -> None:
        payment = a_charge_in_doubt()
        payment.fail(Failure("card_declined", "no"), NOW)
        with pytest.raises(Conflict):
            payment.approve("ch_1", LATER)

    def test_waits_for_the_customer_with_the_next_action(self) -> None:
        payment = a_charge_in_doubt()
        action = NextAction("redirect", "https://bank.example/3ds")
        payment.require_action(action, NOW, LATER)
        payment.require_action(action, LATER, LATER + timedelta(seconds=5))
        assert payment.status is PaymentStatus.REQUIRES_ACTION
        assert payment.next_action == action
        assert payment.looks == 2

    def test_forgets_the_next_action_once_it_is_paid(self) -> None:
        payment = a_charge_in_doubt()
        payment.require_action(NextAction("redirect", "https://bank.example"), NOW, LATER)
        payment.approve("ch_1", LATER)
        assert payment.next_action is None


class TestWithdraw:
    """The order is gone."""

    def test_fails_a_payment_that_was_not_begun(self) -> None:
        payment = a_payment()
        assert payment.withdraw(LATER)
        assert payment.status is PaymentStatus.FAILED
        assert payment.failure is not None
        assert payment.failure.code == "order_cancelled"

    def test_leaves_a_charge_in_doubt_until_the_provider_answers(self) -> None:
        payment = a_charge_in_doubt()
        due_at = payment.due_at
        assert payment.withdraw(NOW)
        assert payment.status is PaymentStatus.PROCESSING
        assert payment.due_at == due_at

    def test_owes_a_refund_when_the_success_arrives_late(self) -> None:
        payment = a_charge_in_doubt()
        payment.withdraw(NOW)
        payment.approve("ch_1", LATER)
        assert payment.owes_refund
        assert payment.due_at == LATER

    def test_owes_what_is_left_of_a_paid_payment(self) -> None:
        payment = a_paid_payment()
        payment.settle_refund(payment.claim_refund("r-1", Money(1_000), None, NOW), NOW)
        payment.withdraw(LATER)
        assert payment.owes_refund
        assert payment.claim_refund("r-2", None, None, LATER).amount == Money(3_599)

    def test_changes_nothing_the_second_time(self) -> None:
        payment = a_paid_payment()
        assert payment.withdraw(NOW)
        assert not payment.withdraw(LATER)

    def test_changes_nothing_when_it_had_failed(self) -> None:
        payment = a_charge_in_doubt()
        payment.fail(Failure("card_declined", "no"), NOW)
        assert not payment.withdraw(LATER)

    def test_owes_nothing_for_a_free_order(self) -> None:
        payment = a_payment(0)
        payment.withdraw(LATER)
        assert not payment.owes_refund
        assert payment.due_at is None


class TestRefund:
    """Giving money back."""

    def test_claims_all_that_is_left_by_default(self) -> None:
        payment = a_paid_payment()
        refund = payment.claim_refund("r-1", None, "damaged", LATER)
        assert refund.amount == Money(4_599)
        assert payment.left == Money(0)
        assert payment.due_at == LATER
        assert payment.refunded == Money(0)

    def test_rejects_a_refund_larger_than_what_is_left(self) -> None:
        payment = a_paid_payment()
        payment.claim_refund("r-1", Money(4_000), None, NOW)
        with pytest.raises(RefundTooLarge) as caught:
            payment.claim_refund("r-2", Money(600), None, NOW)
        assert caught.value.details["left"] == Money(599).decimal

    @pytest.mark.parametrize("cents", [0, -1])
    def test_rejects_an_amount_that_is_not_above_zero(self, cents: int) -> None:
        with pytest.raises(InvalidInput):
            a_paid_payment().claim_refund("r-1", Money(cents), None, NOW)

    def test_rejects_a_refund_when_nothing_was_charged(self) -> None:
        with pytest.raises(NotRefundable):
            a_charge_in_doubt().claim_refund("r-1", None, None, NOW)

    def test_rejects_a_refund_when_all_is_claimed(self) -> None:
        payment = a_paid_payment()
        payment.claim_refund("r-1", None, None, NOW)
        with pytest.raises(NotRefundable):
            payment.claim_refund("r-2", None, None, NOW)

    def test_becomes_partially_then_fully_refunded(self) -> None:
        payment = a_paid_payment()
        payment.settle_refund(payment.claim_refund("r-1", Money(599), None, NOW), NOW)
        first = payment.status
        payment.settle_refund(payment.claim_refund("r-2", None, None, NOW), NOW)
        assert [first, payment.status] == [PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED]
        assert payment.refunded == payment.paid
        assert set(balances(payment.postings).values()) == {0}

    def test_stays_due_while_another_refund_is_pending(self) -> None:
        payment = a_paid_payment()
        first = payment.claim_refund("r-1", Money(100), None, NOW)
        second = payment.claim_refund("r-2", Money(100), None, NOW)
        payment.settle_refund(first, LATER)
        assert payment.pending_refund is second
        assert payment.due_at == LATER
        payment.settle_refund(second, LATER)
        assert payment.due_at is None

    def test_frees_the_amount_of_a_refused_refund(self) -> None:
        payment = a_paid_payment()
        refund = payment.claim_refund("r-1", None, None, NOW)
        payment.fail_refund(refund, "account_closed", NOW, LATER)
        assert refund.status is RefundStatus.FAILED
        assert payment.left == payment.amount
        assert payment.due_at is None

    def test_tries_a_refused_refund_of_a_cancelled_order_again_later(self) -> None:
        payment = a_paid_payment()
        payment.withdraw(NOW)
        payment.fail_refund(payment.claim_refund("r-1", None, None, NOW), "balance", NOW, LATER)
        assert payment.due_at == LATER
        assert payment.owes_refund

    def test_settles_a_refund_once(self) -> None:
        payment = a_paid_payment()
        refund = payment.claim_refund("r-1", Money(100), None, NOW)
        payment.settle_refund(refund, NOW)
        with pytest.raises(Conflict):
            payment.settle_refund(refund, LATER)
        assert payment.refunded == Money(100)
