"""What an order owes, the payments that settle it, their refunds and their ledger."""

from kibble.services.payment.model.books import (
    Books,
    ChargeRecord,
    DisputeRecord,
    Drift,
    DriftKind,
    RefundRecord,
    compare,
)
from kibble.services.payment.model.dispute import Dispute, DisputeStatus
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
from kibble.services.payment.model.saved import Likeness, SavedMethod, SavedStatus, default_of

__all__ = [
    "ACTION_EXPIRED",
    "HOLD_EXPIRED",
    "IN_DOUBT",
    "ORDER_CANCELLED",
    "UNDECIDED",
    "Account",
    "Books",
    "ChargeRecord",
    "Dispute",
    "DisputeRecord",
    "DisputeStatus",
    "Drift",
    "DriftKind",
    "Failure",
    "Likeness",
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
    "SavedMethod",
    "SavedStatus",
    "Transfer",
    "compare",
    "default_of",
]
