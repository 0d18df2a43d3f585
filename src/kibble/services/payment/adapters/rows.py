"""What the columns of payments hold, on either engine.

Rows have the columns in the order in which the repositories' tables name them, then the version.
Money is in minor units; only moments differ.
"""

from __future__ import annotations

from kibble.kernel.ids import CustomerId, OrderId, PaymentId, SavedMethodId
from kibble.kernel.money import Money
from kibble.platform.persistence.rows import Moments, Row
from kibble.services.payment.model import (
    Dispute,
    DisputeStatus,
    Failure,
    Likeness,
    NextAction,
    Payable,
    PayableStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    PaymentToken,
    Refund,
    RefundStatus,
    SavedMethod,
    SavedStatus,
)


class PaymentRows:
    """Makes rows of aggregates, and aggregates of rows."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_payable(self, payable: Payable) -> tuple[object, ...]:
        """Return the row of what an order has to pay."""
        return (
            payable.order_id,
            payable.customer_id,
            payable.amount.minor,
            payable.amount.currency,
            payable.method.value,
            self._moments.keep(payable.created_at),
            self._moments.keep_or_none(payable.hold_expires_at),
            payable.status.value,
            payable.attempts,
        )

    def payable(self, row: Row) -> Payable:
        """Return what an order has to pay."""
        return Payable(
            order_id=OrderId(row[0]),
            customer_id=CustomerId(row[1]) if row[1] else None,
            amount=Money(row[2], row[3]),
            method=PaymentMethod(row[4]),
            created_at=self._moments.read(row[5]),
            hold_expires_at=self._moments.read_or_none(row[6]),
            status=PayableStatus(row[7]),
            attempts=row[8],
            version=row[9],
        )

    @staticmethod
    def token(row: Row) -> PaymentToken:
        """Return the token that an order is paid with."""
        return PaymentToken(OrderId(row[0]), row[1], bool(row[2]), row[3])

    def of_payment(self, payment: Payment) -> tuple[object, ...]:
        """Return the row of a payment."""
        failure, action = payment.failure, payment.next_action
        keep, keep_or_none = self._moments.keep, self._moments.keep_or_none
        return (
            payment.id,
            payment.order_id,
            keep(payment.created_at),
            payment.amount.minor,
            payment.status.value,
            payment.method.value,
            payment.amount.currency,
            keep(payment.updated_at),
            payment.request_key,
            keep_or_none(payment.held_until),
            keep_or_none(payment.due_at),
            payment.looks,
            payment.reference,
            failure.code if failure else None,
            failure.message if failure else None,
            action.type if action else None,
            action.url if action else None,
            payment.unwanted,
            payment.provider,
            keep_or_none(payment.act_by),
            payment.authorized,
            payment.dispute_due,
        )

    def payment(self, row: Row) -> Payment:
        """Return the payment of a row, without its refunds and disputes."""
        read, read_or_none = self._moments.read, self._moments.read_or_none
        return Payment(
            id=PaymentId(row[0]),
            order_id=OrderId(row[1]),
            created_at=read(row[2]),
            amount=Money(row[3], row[6]),
            status=PaymentStatus(row[4]),
            method=PaymentMethod(row[5]),
            updated_at=read(row[7]),
            request_key=row[8],
            held_until=read_or_none(row[9]),
            due_at=read_or_none(row[10]),
            looks=row[11],
            reference=row[12],
            failure=Failure(row[13], row[14]) if row[13] else None,
            next_action=NextAction(row[15], row[16]) if row[15] else None,
            unwanted=bool(row[17]),
            provider=row[18],
            act_by=read_or_none(row[19]),
            authorized=bool(row[20]),
            dispute_due=bool(row[21]),
            version=row[22],
        )

    def of_refunds(self, payment: Payment) -> list[tuple[object, ...]]:
        """Return the rows of a payment's refunds."""
        keep = self._moments.keep
        return [
            (
                refund.id,
                payment.id,
                refund.amount.minor,
                refund.reason,
                keep(refund.created_at),
                keep(refund.updated_at),
                refund.status.value,
                refund.failure_code,
            )
            for refund in payment.refunds
        ]

    def refund(self, row: Row, currency: str) -> Refund:
        """Return the refund of a row, in which its payment's id is the first column."""
        return Refund(
            id=row[1],
            amount=Money(row[2], currency),
            reason=row[3],
            created_at=self._moments.read(row[4]),
            updated_at=self._moments.read(row[5]),
            status=RefundStatus(row[6]),
            failure_code=row[7],
        )

    def of_disputes(self, payment: Payment) -> list[tuple[object, ...]]:
        """Return the rows of a payment's disputes."""
        return [
            (
                dispute.id,
                payment.id,
                dispute.amount.minor,
                dispute.withdrawn.minor,
                dispute.fee.minor,
                dispute.status.value,
                dispute.reason_code,
                self._moments.keep(dispute.opened_at),
                self._moments.keep_or_none(dispute.respond_by),
            )
            for dispute in payment.disputes
        ]

    def dispute(self, row: Row, currency: str) -> Dispute:
        """Return the dispute of a row, in which its payment's id is the first column."""
        return Dispute(
            id=row[1],
            payment_id=PaymentId(row[0]),
            amount=Money(row[2], currency),
            withdrawn=Money(row[3], currency),
            fee=Money(row[4], currency),
            status=DisputeStatus(row[5]),
            reason_code=row[6],
            opened_at=self._moments.read(row[7]),
            respond_by=self._moments.read_or_none(row[8]),
        )

    def of_postings(self, payment: Payment) -> list[tuple[object, ...]]:
        """Return the rows that a save adds to the ledger."""
        posted_at = self._moments.keep(payment.updated_at)
        return [
            (
                posting.reference,
                posting.transfer.name,
                payment.id,
                posting.transfer.debit.value,
                posting.transfer.credit.value,
                posting.amount.minor,
                posting.amount.currency,
                posted_at,
            )
            for posting in payment.postings
        ]

    def of_saved(self, saved: SavedMethod) -> tuple[object, ...]:
        """Return the row of a saved payment method."""
        likeness = saved.likeness
        keep, keep_or_none = self._moments.keep, self._moments.keep_or_none
        return (
            saved.id,
            saved.customer_id,
            saved.method.value,
            saved.provider,
            saved.reference,
            keep(saved.created_at),
            keep(saved.updated_at),
            keep_or_none(saved.due_at),
            saved.status.value,
            saved.token,
            likeness.brand if likeness else None,
            likeness.last4 if likeness else None,
            likeness.expires if likeness else None,
            keep_or_none(saved.preferred_at),
        )

    def saved(self, row: Row) -> SavedMethod:
        """Return the saved payment method of a row."""
        read, read_or_none = self._moments.read, self._moments.read_or_none
        return SavedMethod(
            id=SavedMethodId(row[0]),
            customer_id=CustomerId(row[1]) if row[1] else None,
            method=PaymentMethod(row[2]),
            provider=row[3],
            reference=row[4],
            created_at=read(row[5]),
            updated_at=read(row[6]),
            due_at=read_or_none(row[7]),
            status=SavedStatus(row[8]),
            token=row[9],
            likeness=Likeness(row[10], row[11], row[12]) if row[10] else None,
            preferred_at=read_or_none(row[13]),
            version=row[14],
        )
