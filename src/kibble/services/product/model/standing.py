"""What events and customers say of a product: stock, rating, popularity."""

from __future__ import annotations

from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Stock:
    """What can be sold of a product, by the event of this sequence."""

    available: int
    sequence: int


@dataclass(slots=True)
class StandingChange:
    """Something to count into a product's standing: its stock, units sold, a rating.

    Changes of one standing are applied one after the other to whatever it is then, so that those
    who make them at the same moment never conflict: ``version`` is not checked. A product that is
    gone has no standing, and the change no effect.
    """

    product_id: ProductId
    stock: Stock | None = None
    sold: int = 0
    rating: int | None = None
    version: int = 0

    def apply(self, standing: Standing) -> bool:
        """Count it in; False when it says nothing new, as a stock event that comes late."""
        before = replace(standing)
        if self.stock is not None and self.stock.sequence > standing.stock_sequence:
            standing.available = self.stock.available
            standing.stock_sequence = self.stock.sequence
        standing.popularity += self.sold
        if self.rating is not None:
            standing.rating_total += self.rating
            standing.review_count += 1
        if standing == before:
            return False
        standing.version += 1
        return True
