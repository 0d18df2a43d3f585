"""Keeping the item model fresh: read the graph, have a model built, publish it as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from kibble.kernel.clock import Clock
from kibble.services.recommendation.integration import ModelMaker
from kibble.services.recommendation.model import Edges, ItemModel, Pick, ProductNumber
from kibble.services.recommendation.model.edges import coded
from kibble.services.recommendation.repository import Graph

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """When the item model is built anew.

    Every ``seconds`` it is looked whether at least ``new_edges`` came. ``most_of_time`` is the
    share of the time that may go into building: a large graph is refreshed less often.
    """

    seconds: float = 30.0
    new_edges: int = 1
    most_of_time: float = 0.05


class ModelKeeper:
    """Holds the present item model, an immutable snapshot, and replaces it when it is due."""

    def __init__(
        self, graph: Graph, maker: ModelMaker, clock: Clock, policy: RefreshPolicy
    ) -> None:
        self.model = ItemModel.empty()
        self._graph = graph
        self._maker = maker
        self._clock = clock
        self._policy = policy
        self._recorded = policy.new_edges
        self._included = 0
        self._rest_until = clock.monotonic()

    async def related(self, product: ProductNumber, count: int) -> list[Pick]:
        """Return up to ``count`` products that go with one, the best first."""
        return self.model.related(product, count)

    def note(self, edges: int) -> None:
        """Count edges that were recorded."""
        self._recorded += edges

    async def refresh_if_due(self) -> None:
        """Build a new model when enough edges came and enough time went; the first at once."""
        enough = self._recorded - self._included >= self._policy.new_edges
        if enough and self._clock.monotonic() >= self._rest_until:
            await self.refresh()

    async def refresh(self) -> ItemModel:
        """Build a new model now, publish and return it; raises ``Unavailable``."""
        recorded, started = self._recorded, self._clock.monotonic()
        try:
            self.model = await self._build()
            self._included = recorded
        finally:
            self._rest_until = started + self._pause_after(started)
        return self.model

    async def _build(self) -> ItemModel:
        started = self._clock.monotonic()
        edges = await self._read()
        model = await self._maker.make(edges) if len(edges) else ItemModel.empty()
        _log.info(
            "item model built",
            edges=len(edges),
            products=len(model.products),
            seconds=round(self._clock.monotonic() - started, 3),
        )
        return model

    def _pause_after(self, started: float) -> float:
        """Return how long after its start the next build may begin, in seconds."""
        return (self._clock.monotonic() - started) / self._policy.most_of_time

    async def _read(self) -> Edges:
        categories: dict[str, int] = {}
        return Edges.of(
            lines=[chunk async for chunk in self._graph.lines()],
            views=[chunk async for chunk in self._graph.views()],
            sold=[coded(chunk, categories) async for chunk in self._graph.sold()],
            categories=categories,
            families=[chunk async for chunk in self._graph.families()],
        )
