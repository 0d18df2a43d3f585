"""One item model for several processes: whoever gets the ticket builds it, the others load it."""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.services.recommendation.integration import ModelMaker
from kibble.services.recommendation.model import ItemModel, Pick, ProductNumber
from kibble.services.recommendation.repository import Graph, ItemModels, Ticket
from kibble.services.recommendation.service.refreshing import ModelKeeper, RefreshPolicy


class SharedModelKeeper(ModelKeeper):
    """A ``ModelKeeper`` among others on the same graph; the store counts the edges for all."""

    def __init__(
        self,
        graph: Graph,
        maker: ModelMaker,
        clock: Clock,
        policy: RefreshPolicy,
        *,
        models: ItemModels,
    ) -> None:
        super().__init__(graph, maker, clock, policy)
        self._models = models
        self._number = 0

    async def related(self, product: ProductNumber, count: int) -> list[Pick]:
        """See ``ModelKeeper.related``; a process that has no model yet asks the store."""
        if self._number:
            return await super().related(product, count)
        try:
            return await self._models.similar(product, count)
        except Unavailable:
            return []

    async def refresh_if_due(self) -> None:
        """Load a newer model, or build one when it is due and nobody else does."""
        await self._load()
        ticket = await self._models.claim(self._policy.new_edges)
        if ticket is not None:
            await self._make(ticket)

    async def refresh(self) -> ItemModel:
        """See ``ModelKeeper.refresh``; raises ``Unavailable`` too while another process builds."""
        ticket = await self._models.claim(0, now=True)
        if ticket is None:
            raise Unavailable("Another process builds the item model.", retry_after=10)
        return await self._make(ticket)

    async def _make(self, ticket: Ticket) -> ItemModel:
        started = self._clock.monotonic()
        model = await self._build()
        await self._models.publish(ticket, model, self._pause_after(started))
        self.model, self._number = model, ticket.number
        return model

    async def _load(self) -> None:
        found = await self._models.newer(self._number)
        if found is not None:
            self._number, self.model = found
