"""What events and customers say of a product: stock, rating, popularity."""

from __future__ import annotations

from dataclasses import dataclass

from kibble.kernel.ids import ProductId


@dataclass(slots=True)
class Standing:
    """A product's stock as Inventory tells it, its reviews summed up, and the units sold.

    It lives beside the product, which it never changes: an order or a review is no edit.
    ``stock_sequence`` is that of the last stock event; ``version`` counts all changes.
    """

    product_id: ProductId
    available: int = 0
    stock_sequence: int = 0
    rating_total: int = 0
    review_count: int = 0
    popularity: int = 0
    version: int = 0

    @property
    def rating(self) -> float:
        """The mean of the ratings with two decimals; 0 when there is none."""
        return round(self.rating_total / self.review_count, 2) if self.review_count else 0.0

    def restock(self, available: int, sequence: int) -> bool:
        """Take over a stock event; False when a later one came before it."""
        if sequence <= self.stock_sequence:
            return False
        self.available = available
        self.stock_sequence = sequence
        return True

    def rate(self, rating: int) -> None:
        """Count one more review."""
        self.rating_total += rating
        self.review_count += 1

    def sell(self, quantity: int) -> None:
        """Count units that were sold."""
        self.popularity += quantity
