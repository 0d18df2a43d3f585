"""Builds item models in the event loop: for the simulator, scripts and tests."""

from __future__ import annotations

from kibble.services.recommendation.model import Edges, ItemModel, Tuning


class InLoopModelMaker:
    """Implements ``ModelMaker``; nothing else runs meanwhile."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning

    async def make(self, edges: Edges) -> ItemModel:
        """See ``ModelMaker.make``."""
        from kibble.services.recommendation.model.builder import (  # noqa: PLC0415 - SciPy takes 30 MB
            build_model,
        )

        return build_model(edges, self._tuning)
