"""Promotions."""

from __future__ import annotations

from typing import Protocol

from kibble.platform.persistence.store import Store
from kibble.services.order.model.promotion import Promotion


class PromotionRepository(Store, Protocol):
    """Saves and removes ``Promotion``; saves ``Redemption``.

    Saving a redemption counts one use of the code, and is a ``StaleVersion`` when the code was
    used up meanwhile.
    """

    async def promotion(self, code: str) -> Promotion | None:
        """Return a promotion; codes do not tell upper from lower case."""
        ...

    async def promotions(self) -> list[Promotion]:
        """Return all promotions by code."""
        ...

    async def uses_by(self, code: str, customer: str) -> int:
        """Return how often a customer (or a guest's e-mail) has used a code."""
        ...
