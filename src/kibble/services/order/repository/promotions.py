"""Promotions."""

from __future__ import annotations

from typing import Protocol

from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.store import Store
from kibble.services.order.model.promotion import Audience, Promotion, Redemption


class PromotionRepository(Store, Protocol):
    """Saves and removes ``Promotion``; saves ``Redemption``.

    Saving a new redemption counts one use of the code, and is a ``StaleVersion`` when the code
    was used up meanwhile, by all or by its customer.
    """

    async def promotion(self, code: str) -> Promotion | None:
        """Return a promotion; codes do not tell upper from lower case."""
        ...

    async def promotions(self) -> list[Promotion]:
        """Return all promotions by code."""
        ...

    async def promotions_for(self, *audiences: Audience) -> list[Promotion]:
        """Return the promotions of some audiences by code."""
        ...

    async def uses_by(self, code: str, customer: str) -> int:
        """Return how often a customer (or a guest's e-mail) has used a code."""
        ...

    async def redemptions_of(self, customer_id: CustomerId) -> list[Redemption]:
        """Return all uses of codes by a customer, for erasure."""
        ...
