"""The business errors of Shipping."""

from __future__ import annotations

from kibble.kernel.errors import Conflict, FieldError, InvalidInput, NotFound
from kibble.kernel.ids import OrderId, ShipmentId


class UnknownZipCode(InvalidInput):
    """No carrier of ours knows the ZIP code at ``pointer``."""

    def __init__(self, pointer: str) -> None:
        super().__init__([FieldError(pointer, "is not a known ZIP code")])


class UnknownMethod(InvalidInput):
    """There is no such shipping method; the message lists the ones there are."""

    def __init__(self, known: list[str]) -> None:
        detail = f"is not one of {', '.join(known)}"
        super().__init__([FieldError("/method", detail)])


class ShipmentNotFound(NotFound):
    """There is no such shipment, or it is somebody else's."""

    code = "shipment-not-found"

    def __init__(self, what: str = "shipment") -> None:
        super().__init__(f"There is no such {what}.")


class NoLabel(Conflict):
    """The shipment has no label that could be printed."""

    code = "no-label"

    def __init__(self, shipment_id: ShipmentId, status: str) -> None:
        super().__init__(
            f"Shipment {shipment_id} is {status}: there is no label to print.",
            details={"currentStatus": status},
        )


class ShipmentLeft(Conflict):
    """The carrier has the shipment, or it goes nowhere any more: there is nothing to pack."""

    code = "shipment-left"

    def __init__(self, shipment_id: ShipmentId, status: str) -> None:
        super().__init__(
            f"Shipment {shipment_id} is {status}: there is nothing to pack.",
            details={"currentStatus": status},
        )


class OrderWasCancelled(Conflict):
    """Nothing is shipped for an order that was cancelled."""

    code = "order-cancelled"

    def __init__(self, order_id: OrderId) -> None:
        super().__init__(
            "The order was cancelled; nothing is shipped for it.",
            details={"orderId": order_id, "currentStatus": "CANCELLED"},
        )
