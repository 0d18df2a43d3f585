"""Imports of feeds, and the stock that they told: named queries. Saving is the catalogue's."""

from __future__ import annotations

from typing import Protocol

from kibble.services.product.model.imports import FeedStock, ImportJob


class Imports(Protocol):
    """Feeds on their way into the catalogue."""

    async def get(self, import_id: str) -> ImportJob | None:
        """Return one import."""
        ...

    async def unfinished(self) -> list[ImportJob]:
        """Return the imports that are not over, oldest first."""
        ...

    async def stock(self, limit: int) -> list[FeedStock]:
        """Return stock that feeds told and Inventory has not taken over, at most ``limit``."""
        ...
