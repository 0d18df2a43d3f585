"""What can go wrong in Payment."""

from __future__ import annotations

from collections.abc import Mapping

from kibble.kernel.errors import (
    Conflict,
    FieldError,
    InvalidInput,
    NotFound,
    RuleViolated,
    Unavailable,
)
from kibble.kernel.ids import OrderId, PaymentId, SavedMethodId
from kibble.kernel.money import Money


class UnknownOrder(NotFound):
    """Payment has not heard of the order, or it is somebody else's."""

    code = "unknown-order"

    def __init__(self, order_id: OrderId) -> None:
        super().__init__("There is no such order.", details={"orderId": order_id})


class UnknownPayment(NotFound):
    """There is no such payment, or it is somebody else's."""

    code = "unknown-payment"

    def __init__(self, payment_id: PaymentId) -> None:
        super().__init__("There is no such payment.", details={"paymentId": payment_id})


class UnknownSavedMethod(NotFound):
    """There is no such saved payment method, or it is somebody else's."""

    code = "unknown-payment-method"

    def __init__(self, saved_id: SavedMethodId) -> None:
        super().__init__("There is no such saved way to pay.", details={"savedMethodId": saved_id})


class MethodNotOffered(InvalidInput):
    """The shop does not take this payment method; the message lists those that it takes."""

    def __init__(self, offered: list[str]) -> None:
        super().__init__([FieldError("/paymentMethod", f"must be {' or '.join(offered)}")])


class ProviderNotSetUp(NotFound):
    """A webhook came for a provider that the shop does not work with."""

    code = "provider-not-set-up"

    def __init__(self, name: str) -> None:
        super().__init__(f"No account with {name} is set up here.")


class PaymentExists(Conflict):
    """The order has a payment that is not FAILED; ``details`` describe it."""

    code = "payment-exists"

    def __init__(self, payment: Mapping[str, object]) -> None:
        super().__init__(
            f"The order has a payment that is {payment['status']}.", details={"payment": payment}
        )


class OrderClosed(Conflict):
    """The order was cancelled or returned."""

    code = "order-closed"

    def __init__(self) -> None:
        super().__init__("The order was cancelled or returned; there is nothing to pay.")


class OrderNotPlaced(Unavailable):
    """The order is about to be placed; its payment begins by itself then."""

    code = "order-not-placed"

    def __init__(self) -> None:
        super().__init__("The order is still being placed; try again in a moment.")


class NotRefundable(Conflict):
    """The payment has no money that could go back."""

    code = "not-refundable"

    def __init__(self, status: str, left: Money) -> None:
        super().__init__(
            f"The payment is {status}; there is nothing left to refund.",
            details={"paymentStatus": status, "left": left.decimal},
        )


class RefundTooLarge(RuleViolated):
    """The refund is larger than what is left of the payment."""

    code = "refund-too-large"

    def __init__(self, status: str, left: Money) -> None:
        super().__init__(
            f"Only {left.decimal} {left.currency} is left to refund.",
            details={"paymentStatus": status, "left": left.decimal},
        )
