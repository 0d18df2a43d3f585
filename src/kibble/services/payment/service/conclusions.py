"""How Payment says what became of a payment or a refund."""

from __future__ import annotations

from kibble.contracts.payment import (
    PaymentDisputed,
    PaymentFailed,
    PaymentProcessed,
    PaymentRefunded,
    RefundInitiated,
)
from kibble.platform.persistence.changes import Changes
from kibble.services.payment.model import Dispute, Payment, Refund
from kibble.services.payment.repository import PaymentRepository


async def conclude(repository: PaymentRepository, changes: Changes, payment: Payment) -> None:
    """Save a payment that was just decided, tell so, and drop the token that paid for it."""
    changes.save(payment)
    failure = payment.failure
    if failure is None:
        paid = PaymentProcessed(
            payment_id=payment.id,
            order_id=payment.order_id,
            amount=payment.amount.minor,
            currency=payment.amount.currency,
        )
        changes.publish(paid, payment.version)
    else:
        failed = PaymentFailed(
            payment_id=payment.id,
            order_id=payment.order_id,
            amount=payment.amount.minor,
            currency=payment.amount.currency,
            code=failure.code,
            message=failure.message,
        )
        changes.publish(failed, payment.version)
    if token := await repository.find_token(payment.order_id):
        changes.remove(token)


def announce_refund(changes: Changes, payment: Payment, refund: Refund) -> None:
    """Save a payment with a refund that was just claimed, and tell so."""
    changes.save(payment)
    initiated = RefundInitiated(
        payment_id=payment.id,
        order_id=payment.order_id,
        amount=refund.amount.minor,
        currency=refund.amount.currency,
        refund_id=refund.id,
    )
    changes.publish(initiated, payment.version)


def conclude_refund(changes: Changes, payment: Payment, refund: Refund) -> None:
    """Save a payment with a refund that just went through, and tell so."""
    changes.save(payment)
    refunded = PaymentRefunded(
        payment_id=payment.id,
        order_id=payment.order_id,
        amount=refund.amount.minor,
        currency=refund.amount.currency,
        refund_id=refund.id,
        refunded_total=payment.refunded.minor,
        paid_total=payment.paid.minor,
    )
    changes.publish(refunded, payment.version)


def announce_dispute(changes: Changes, payment: Payment, dispute: Dispute) -> None:
    """Tell that a dispute was opened, decided, or told of anew; the payment is saved elsewhere."""
    disputed = PaymentDisputed(
        payment_id=payment.id,
        order_id=payment.order_id,
        amount=dispute.amount.minor,
        currency=dispute.amount.currency,
        dispute_id=dispute.id,
        status=dispute.status.value,
        reason_code=dispute.reason_code,
        fee=dispute.fee.minor,
    )
    changes.publish(disputed, payment.version)
