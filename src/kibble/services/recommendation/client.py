"""Recommendation as its neighbours see it, in process."""

from __future__ import annotations

from collections.abc import Sequence

from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.recommendation.model import PurchasedLine
from kibble.services.recommendation.service import ModelKeeper, Recorder

__all__ = ["PurchasedLine", "RecommendationClient"]


class RecommendationClient:
    """Calls the use cases directly."""

    def __init__(self, recorder: Recorder, keeper: ModelKeeper, store: Store) -> None:
        self._recorder = recorder
        self._keeper = keeper
        self._store = store

    async def import_purchases(self, lines: Sequence[PurchasedLine]) -> int:
        """Record a batch of a purchase history durably; return the number of orders in it.

        May be repeated, and an order may be spread over batches; some thousand lines a batch are
        quick. The products need not be known yet.
        """
        return await commit_outcome(self._store, lambda: self._recorder.import_purchases(lines))

    async def refresh(self) -> int:
        """Build the item model now, from all that is recorded; return its number of products."""
        return len((await self._keeper.refresh()).products)
