"""Reviews, and who bought what: named queries. Saving is the catalogue's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.paging import Page
from kibble.services.product.model.review import Purchase, Review


class Reviews(Protocol):
    """What customers said, and whether they bought it."""

    async def page(self, product_id: ProductId, limit: int, cursor: str | None) -> Page[Review]:
        """Return a product's reviews, newest first."""
        ...

    async def by_customer(
        self, customer_id: CustomerId, product_ids: Sequence[ProductId] | None = None
    ) -> list[Review]:
        """Return a customer's reviews: all, or those of some products."""
        ...

    async def has_bought(self, customer_id: CustomerId, product_id: ProductId) -> bool:
        """Tell whether an order of the customer with the product was confirmed."""
        ...

    async def bought_by(self, customer_id: CustomerId) -> list[Purchase]:
        """Return everything that a customer has bought."""
        ...
