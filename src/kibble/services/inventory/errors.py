"""What can go wrong in Inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from kibble.kernel.errors import Conflict, NotFound, RuleViolated
from kibble.kernel.ids import OrderId, ProductId, WarehouseId


@dataclass(frozen=True, slots=True)
class Lack:
    """A demand that cannot be met, and how many units are left."""

    product_id: ProductId
    requested: int
    available: int


class UnknownProduct(NotFound):
    """Inventory has not heard of the product; one just created may take a moment."""

    code = "unknown-product"

    def __init__(self, product_id: ProductId) -> None:
        super().__init__("There is no such product.", details={"productId": product_id})
        self.product_id = product_id


class UnknownWarehouse(NotFound):
    """There is no such warehouse."""

    code = "unknown-warehouse"

    def __init__(self, warehouse_id: WarehouseId) -> None:
        super().__init__("There is no such warehouse.", details={"warehouseId": warehouse_id})


class NotEnoughStock(RuleViolated):
    """Some lines cannot be held; ``lacks`` says which, and how many units are left."""

    code = "not-enough-stock"

    def __init__(self, lacks: Sequence[Lack]) -> None:
        lines = [_camel(asdict(lack)) for lack in lacks]
        super().__init__("There is not enough stock.", details={"items": lines})
        self.lacks = tuple(lacks)


class BelowReserved(Conflict):
    """The stock level would fall below what is held for orders."""

    code = "below-reserved"

    def __init__(self, on_hand: int, reserved: int) -> None:
        super().__init__(
            f"{on_hand} units are on hand, {reserved} of them held for orders;"
            " fewer cannot remain.",
            details={"stockLevel": on_hand, "reserved": reserved},
        )


class HoldDiffers(Conflict):
    """The order has a hold for other demands, which is to be released first."""

    code = "hold-differs"

    def __init__(self, order_id: OrderId) -> None:
        super().__init__("The order holds something else.", details={"orderId": order_id})


class HoldSettled(Conflict):
    """The order's hold was released or deducted before; a new one needs a new order."""

    code = "hold-settled"

    def __init__(self, order_id: OrderId, state: str) -> None:
        super().__init__(
            "The order's stock was settled before.", details={"orderId": order_id, "state": state}
        )


def _camel(lack: dict[str, object]) -> dict[str, object]:
    return {
        "productId": lack["product_id"],
        "requested": lack["requested"],
        "available": lack["available"],
    }
