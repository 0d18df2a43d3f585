"""What Payment's API takes and answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from kibble.kernel.personal import Personal
from kibble.platform.web.json import Amount, Instant
from kibble.services.payment.model import (
    Books,
    Dispute,
    DisputeStatus,
    Drift,
    NextAction,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundStatus,
    SavedMethod,
    SavedStatus,
)
from kibble.services.payment.service import Reconciliation

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Request(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The base of what is answered; what does not apply is left out."""


class Pay(Request, frozen=True):
    """Which order to pay, and how; the amount is the order's.

    ``paymentToken`` is the id of a saved way to pay, or a provider's token; never a card number.
    """

    order_id: Id
    payment_method: PaymentMethod
    payment_token: Token | None = None


class RefundRequest(Request, frozen=True):
    """How much to give back (all that is left, unless told), and why."""

    amount: Amount | None = None
    reason: Personal[Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None] = None


class PaymentsQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Whose payments to list."""

    order_id: Id


class OptionView(Answer, frozen=True):
    """A way to pay, and whose it is: ``sandbox`` takes tokens for test cards, others their own.

    Whether the customer is sent elsewhere is told by a payment's next action.
    """

    payment_method: PaymentMethod
    provider: str


class RefundView(Answer, frozen=True):
    """A refund: PENDING until the provider has sent it."""

    id: str
    payment_id: str
    amount: Amount
    currency: str
    status: RefundStatus
    created_at: Instant
    updated_at: Instant
    reason: Personal[str | None] = None
    failure_code: str | None = None

    @classmethod
    def of(cls, payment_id: str, refund: Refund) -> RefundView:
        """Return the view of a payment's refund."""
        return cls(
            refund.id,
            payment_id,
            Amount.of(refund.amount),
            refund.amount.currency,
            refund.status,
            refund.created_at,
            refund.updated_at,
            refund.reason,
            refund.failure_code,
        )


class DisputeView(Answer, frozen=True):
    """A dispute of a payment: OPEN, WON by the shop, or LOST.

    The rest is between the shop and its provider, for staff alone: ``withdrawn`` is what the
    provider took out of the shop's balance for it, ``fee`` what it keeps, ``reasonCode`` its code,
    ``respondBy`` until when it wants an answer.
    """

    id: str
    amount: Amount
    currency: str
    status: DisputeStatus
    opened_at: Instant
    withdrawn: Amount | None = None
    fee: Amount | None = None
    reason_code: str | None = None
    respond_by: Instant | None = None

    @classmethod
    def of(cls, dispute: Dispute, *, for_staff: bool) -> DisputeView:
        """Return the view of ``dispute``."""
        shared = cls(
            dispute.id,
            Amount.of(dispute.amount),
            dispute.amount.currency,
            dispute.status,
            dispute.opened_at,
        )
        if not for_staff:
            return shared
        return msgspec.structs.replace(
            shared,
            withdrawn=Amount.of(dispute.withdrawn),
            fee=Amount.of(dispute.fee),
            reason_code=dispute.reason_code,
            respond_by=dispute.respond_by,
        )


class NextActionView(Answer, frozen=True):
    """What the customer has to do first, and where."""

    type: str
    url: str

    @classmethod
    def of(cls, action: NextAction) -> NextActionView:
        """Return the view of ``action``."""
        return cls(action.type, action.url)


class PaymentView(Answer, frozen=True):
    """A payment; ``decline_code`` and ``message`` say why one is FAILED."""

    id: str
    order_id: str
    amount: Amount
    currency: str
    status: PaymentStatus
    payment_method: str
    refunded_amount: Amount
    created_at: Instant
    updated_at: Instant
    refunds: list[RefundView]
    disputes: list[DisputeView]
    next_action: NextActionView | None = None
    decline_code: str | None = None
    message: str | None = None

    @classmethod
    def of(cls, payment: Payment, *, for_staff: bool = False) -> PaymentView:
        """Return the view of ``payment``."""
        action, failure = payment.next_action, payment.failure
        return cls(
            payment.id,
            payment.order_id,
            Amount.of(payment.amount),
            payment.amount.currency,
            payment.status,
            payment.method.value,
            Amount.of(payment.refunded),
            payment.created_at,
            payment.updated_at,
            [RefundView.of(payment.id, refund) for refund in payment.refunds],
            [DisputeView.of(one, for_staff=for_staff) for one in payment.disputes],
            NextActionView.of(action) if action else None,
            failure.code if failure else None,
            failure.message if failure else None,
        )


class SaveMethod(Request, frozen=True):
    """Whose way to pay is to be kept for the next time, and which method it is of."""

    user_id: Id
    payment_method: PaymentMethod


class SavedQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Whose saved ways to pay to list."""

    user_id: Id


class SavedMethodView(Answer, frozen=True):
    """A saved way to pay; its ``id`` goes where a payment token does.

    PENDING while the customer is on the provider's page (``nextAction``). A card has ``last4`` and
    ``expires`` (2030-04).
    """

    id: str
    payment_method: str
    status: SavedStatus
    is_default: bool
    created_at: Instant
    brand: str | None = None
    last4: Personal[str | None] = None
    expires: str | None = None
    next_action: NextActionView | None = None

    @classmethod
    def of(
        cls, saved: SavedMethod, *, is_default: bool = False, action: NextAction | None = None
    ) -> SavedMethodView:
        """Return the view of ``saved``."""
        likeness = saved.likeness
        return cls(
            saved.id,
            saved.method.value,
            saved.status,
            is_default,
            saved.created_at,
            likeness.brand if likeness else None,
            likeness.last4 if likeness else None,
            likeness.expires if likeness else None,
            NextActionView.of(action) if action else None,
        )


class ChargeEntry(Answer, frozen=True):
    """A charge that went through."""

    payment_id: str
    order_id: str
    amount: Decimal
    currency: str


class RefundEntry(Answer, frozen=True):
    """A refund that went through."""

    refund_id: str
    payment_id: str
    amount: Decimal
    currency: str


class DisputeEntry(Answer, frozen=True):
    """A dispute, and how it stands."""

    dispute_id: str
    payment_id: str
    amount: Decimal
    currency: str
    status: str


class BooksView(Answer, frozen=True):
    """All that went through, and what is disputed, oldest first."""

    charges: list[ChargeEntry]
    refunds: list[RefundEntry]
    disputes: list[DisputeEntry]

    @classmethod
    def of(cls, books: Books) -> BooksView:
        """Return the view of ``books``."""
        charges = [
            ChargeEntry(one.payment_id, one.order_id, one.amount.decimal, one.amount.currency)
            for one in books.charges.values()
        ]
        refunds = [
            RefundEntry(one.refund_id, one.payment_id, one.amount.decimal, one.amount.currency)
            for one in books.refunds.values()
        ]
        disputes = [
            DisputeEntry(
                one.dispute_id,
                one.payment_id,
                one.amount.decimal,
                one.amount.currency,
                one.status.value,
            )
            for one in books.disputes.values()
        ]
        return cls(charges, refunds, disputes)


class DriftView(Answer, frozen=True):
    """An entry that the books disagree on: ``what`` is charge, refund or dispute."""

    kind: str
    what: str
    id: str

    @classmethod
    def of(cls, drift: Drift) -> DriftView:
        """Return the view of ``drift``."""
        return cls(drift.kind.value, drift.what, drift.id)


class ReconciliationView(Answer, frozen=True):
    """The providers' books, ours, the drift between them, and the ids of what was mended."""

    provider: BooksView
    ours: BooksView
    drift: list[DriftView]
    repaired: list[str] = msgspec.field(default_factory=list[str])

    @classmethod
    def of(cls, reconciliation: Reconciliation) -> ReconciliationView:
        """Return the view of ``reconciliation``."""
        return cls(
            BooksView.of(reconciliation.provider),
            BooksView.of(reconciliation.ours),
            [DriftView.of(drift) for drift in reconciliation.drift],
            reconciliation.repaired,
        )
