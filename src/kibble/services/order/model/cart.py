"""A cart: what somebody means to buy, until it becomes one order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CartId, CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.services.order.errors import CartOrdered

MAX_LINES = 100
MAX_QUANTITY = 999


@dataclass(slots=True)
class CartLine:
    """So many units of a product, and the price of one when it was put in."""

    quantity: int
    seen_price: Money


@dataclass(slots=True)
class Cart:
    """A guest's or a customer's cart; lines keep the order in which they were added.

    Once it was ordered, ``order_id`` says which order it became, and it never changes again.
    """

    cart_id: CartId
    customer_id: CustomerId | None
    created_at: datetime
    updated_at: datetime
    lines: dict[ProductId, CartLine] = field(default_factory=dict)
    order_id: OrderId | None = None
    version: int = 0

    def put(self, product_id: ProductId, quantity: int, price: Money, at: datetime) -> None:
        """Set how many of a product are wanted; raises ``InvalidInput`` beyond the limits."""
        self._require_open()
        if product_id not in self.lines and len(self.lines) >= MAX_LINES:
            raise InvalidInput.at("/productId", f"a cart takes {MAX_LINES} products at most")
        self.lines[product_id] = CartLine(min(quantity, MAX_QUANTITY), price)
        self.updated_at = at

    def remove(self, product_id: ProductId, at: datetime) -> bool:
        """Take a product out; tell whether it was in."""
        self._require_open()
        self.updated_at = at
        return self.lines.pop(product_id, None) is not None

    def merge(self, other: Cart, at: datetime) -> None:
        """Take over another cart's lines: of a product in both, the larger quantity stays.

        Repeating a merge therefore changes nothing.
        """
        self._require_open()
        for product_id, line in other.lines.items():
            mine = self.lines.get(product_id)
            if mine is not None:
                mine.quantity = max(mine.quantity, line.quantity)
            elif len(self.lines) < MAX_LINES:
                self.lines[product_id] = CartLine(line.quantity, line.seen_price)
        self.updated_at = at

    def empty(self, at: datetime) -> None:
        """Take everything out."""
        self._require_open()
        self.lines.clear()
        self.updated_at = at

    def become(self, order_id: OrderId, customer_id: CustomerId | None, at: datetime) -> None:
        """Note that the cart was ordered; a customer's order is reached by the customer alone."""
        self._require_open()
        self.order_id = order_id
        self.customer_id = customer_id
        self.updated_at = at

    def _require_open(self) -> None:
        if self.order_id is not None:
            raise CartOrdered(self.cart_id, self.order_id)
