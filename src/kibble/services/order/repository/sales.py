"""Sales figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kibble.services.order.model.sales import Cell, Waiting


class SalesLedger(Protocol):
    """Counts orders, from an index alone."""

    async def sales(
        self, since: datetime, before: datetime, currency: str, *, hourly: bool
    ) -> Sequence[Cell]:
        """Return the orders of a currency placed from ``since`` until ``before``, by hour or day.

        Days and hours are those of UTC.
        """
        ...

    async def waiting(self, overdue_before: datetime) -> Waiting:
        """Return how many orders wait for money or for their parcel."""
        ...
