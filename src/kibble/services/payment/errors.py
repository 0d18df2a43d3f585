"""The business errors of Payment."""

from __future__ import annotations

from kibble.kernel.errors import Conflict, RuleViolated


class PaymentExists(Conflict):
    """The order has a payment that is not FAILED; ``details`` hold it."""

    code = "payment-exists"


class OrderClosed(Conflict):
    """The order was cancelled or returned: nothing is to be paid for it."""

    code = "order-closed"


class NotRefundable(Conflict):
    """The payment holds no money that could go back; ``details`` say what its status is."""

    code = "not-refundable"


class RefundTooLarge(RuleViolated):
    """The refund is larger than what is left of the payment; ``details`` say how much that is."""

    code = "refund-too-large"
