"""Recommendation as its neighbours see it, in process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kibble.contracts.customer import counted, export_of, held_of
from kibble.kernel.clock import to_text
from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.rpc import Offer, offer
from kibble.services.recommendation.model import PurchasedLine
from kibble.services.recommendation.repository import Graph
from kibble.services.recommendation.service import ModelKeeper, Recorder

__all__ = ["PurchasedLine", "RecommendationClient"]


class RecommendationClient:
    """Calls the use cases directly."""

    name = "recommendation"

    def __init__(self, recorder: Recorder, keeper: ModelKeeper, graph: Graph) -> None:
        self._recorder = recorder
        self._keeper = keeper
        self._graph = graph

    async def export(self, customer_id: CustomerId) -> dict[str, Sequence[object]]:
        """Return what is kept of a customer's behaviour, ready for JSON."""
        trace = await self._graph.trace(customer_id)
        return {"bought": _told(trace.bought), "viewed": _told(trace.viewed)}

    async def held(self, customer_id: CustomerId) -> dict[str, int]:
        """Return how much is kept about a customer, by kind."""
        return counted(await self.export(customer_id))

    async def import_purchases(self, lines: Sequence[PurchasedLine]) -> int:
        """Record a batch of a purchase history durably; return the number of orders in it.

        May be repeated, and an order may be spread over batches; some thousand lines a batch are
        quick. The products need not be known yet.
        """
        return await commit_outcome(self._graph, lambda: self._recorder.import_purchases(lines))

    async def refresh(self) -> int:
        """Build the item model now, from all that is recorded; return its number of products."""
        return len((await self._keeper.refresh()).products)


def _told(edges: Sequence[tuple[ProductId, datetime]]) -> list[dict[str, str]]:
    return [{"productId": product, "at": to_text(at)} for product, at in edges]


def offers(client: RecommendationClient) -> list[Offer]:
    """Return what Recommendation offers to services in other processes."""
    return [offer(export_of(client.name), client.export), offer(held_of(client.name), client.held)]
