"""What Recommendation asks of its neighbours and of whoever builds its model, in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kibble.kernel.ids import ProductId
from kibble.services.recommendation.model import Edges, ItemModel


class Catalogue(Protocol):
    """Product: asked only about what its events have not told yet."""

    async def names(self, product_ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """Return the names of those of the products that exist; raises ``Unavailable``."""
        ...


class ModelMaker(Protocol):
    """Builds item models: seconds of work that must not stop the event loop of a live shop."""

    async def make(self, edges: Edges) -> ItemModel:
        """Return the item model of ``edges``; raises ``Unavailable`` when it was not built."""
        ...
