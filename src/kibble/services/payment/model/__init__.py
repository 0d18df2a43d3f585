"""What an order owes, the payments that settle it, their refunds and their ledger."""

from kibble.services.payment.model.books import (
    Books,
    ChargeRecord,
    Drift,
    DriftKind,
    RefundRecord,
    compare,
)
from kibble.services.payment.model.ledger import Account, Posting, Transfer
from kibble.services.payment.model.payable import (
    Payable,
    PayableStatus,
    PaymentMethod,
    PaymentToken,
)
from kibble.services.payment.model.payment import (
    ACTION_EXPIRED,
    HOLD_EXPIRED,
    IN_DOUBT,
    ORDER_CANCELLED,
    UNDECIDED,
    Failure,
    NextAction,
    Payment,
    PaymentStatus,
)
from kibble.services.payment.model.refund import Refund, RefundStatus

__all__ = [
    "ACTION_EXPIRED",
    "HOLD_EXPIRED",
    "IN_DOUBT",
    "ORDER_CANCELLED",
    "UNDECIDED",
    "Account",
    "Books",
    "ChargeRecord",
    "Drift",
    "DriftKind",
    "Failure",
    "NextAction",
    "Payable",
    "PayableStatus",
    "Payment",
    "PaymentMethod",
    "PaymentStatus",
    "PaymentToken",
    "Posting",
    "Refund",
    "RefundRecord",
    "RefundStatus",
    "Transfer",
    "compare",
]
