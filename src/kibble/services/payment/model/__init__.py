"""What an order owes, the payments that settle it, their refunds and their ledger."""

from kibble.services.payment.model.ledger import Account, Posting, Transfer
from kibble.services.payment.model.payable import Payable, PayableStatus, PaymentMethod, PaymentToken
from kibble.services.payment.model.payment import (
    HOLD_EXPIRED,
    ORDER_CANCELLED,
    Failure,
    NextAction,
    Payment,
    PaymentStatus,
)
from kibble.services.payment.model.refund import Refund, RefundStatus

__all__ = [
    "HOLD_EXPIRED",
    "ORDER_CANCELLED",
    "Account",
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
    "RefundStatus",
    "Transfer",
]
