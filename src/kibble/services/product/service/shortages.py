"""Which products run low, for who orders anew."""

from __future__ import annotations

from kibble.kernel.paging import Page
from kibble.services.product.model.shortage import Shortage
from kibble.services.product.repository.catalogue import Catalogue


class ShortageService:
    """Answers from the stock that Inventory last told."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def running_low(self, below: int, limit: int, cursor: str | None) -> Page[Shortage]:
        """Return the products with fewer than ``below`` units to sell, the scarcest first."""
        return await self._catalogue.running_low(below, limit, cursor)
