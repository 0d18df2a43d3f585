"""What can go wrong in Order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kibble.kernel.errors import Conflict, NotFound, RuleViolated
from kibble.kernel.ids import CartId, OrderId, ProductId, SubscriptionId


class UnknownOrder(NotFound):
    """There is no such order, or it is somebody else's."""

    code = "unknown-order"

    def __init__(self, order_id: OrderId) -> None:
        super().__init__("There is no such order.", details={"orderId": order_id})


class UnknownCart(NotFound):
    """There is no such cart, or it is somebody else's."""

    code = "unknown-cart"

    def __init__(self, cart_id: CartId) -> None:
        super().__init__("There is no such cart.", details={"cartId": cart_id})


class UnknownProduct(NotFound):
    """There is no such product."""

    code = "unknown-product"

    def __init__(self, product_id: ProductId) -> None:
        super().__init__("There is no such product.", details={"productId": product_id})


class UnknownPromotion(NotFound):
    """There is no such promotion."""

    code = "unknown-promotion"

    def __init__(self, code: str) -> None:
        super().__init__("There is no such promotion.", details={"promotionCode": code})


class WrongPrice(Conflict):
    """A price changed since the customer saw it; ``items`` has the right ones."""

    code = "wrong-price"

    def __init__(self, items: Sequence[dict[str, object]]) -> None:
        super().__init__("A price has changed.", details={"items": list(items)})


class NotEnoughStock(RuleViolated):
    """Some lines cannot be met; ``items`` says which, and how many units are left."""

    code = "not-enough-stock"

    def __init__(self, items: Sequence[dict[str, object]]) -> None:
        super().__init__("There is not enough stock.", details={"items": list(items)})


class PromotionRefused(RuleViolated):
    """The promotion does not apply; the message says why."""

    code = "promotion-refused"

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why, details={"promotionCode": code})


class CartOrdered(Conflict):
    """The cart became an order; it cannot change any more."""

    code = "cart-ordered"

    def __init__(self, cart_id: CartId, order_id: OrderId) -> None:
        super().__init__("This cart was ordered.", details={"cartId": cart_id, "orderId": order_id})


class CartEmpty(RuleViolated):
    """A cart without items cannot be ordered."""

    code = "cart-empty"


class UnknownSubscription(NotFound):
    """There is no such subscription, or it is somebody else's."""

    code = "unknown-subscription"

    def __init__(self, subscription_id: SubscriptionId) -> None:
        super().__init__(
            "There is no such subscription.", details={"subscriptionId": subscription_id}
        )


class UnknownItem(NotFound):
    """The subscription has no such line."""

    code = "unknown-item"

    def __init__(self, item_id: str) -> None:
        super().__init__("The subscription has no such line.", details={"itemId": item_id})


class CutOffPassed(Conflict):
    """The next order is fixed: its lines do not change any more. It may still be cancelled."""

    code = "cut-off-passed"

    def __init__(self, due: date | None, order_id: OrderId | None) -> None:
        details = {"nextDate": due.isoformat() if due else None, "orderId": order_id}
        super().__init__("The next order is being prepared.", details=details)
