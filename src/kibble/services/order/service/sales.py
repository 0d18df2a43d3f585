"""What the shop sold, for its staff."""

from __future__ import annotations

from datetime import datetime, timedelta

from kibble.kernel.clock import Clock
from kibble.services.order.model.sales import Sales, period
from kibble.services.order.repository.sales import SalesLedger

DAY = timedelta(days=1)
OVERDUE_AFTER = timedelta(days=2)
"""A paid order that waits longer for its parcel has been forgotten, or is stuck."""


class SalesService:
    """Tells sales figures in the shop's currency."""

    def __init__(self, ledger: SalesLedger, clock: Clock, currency: str) -> None:
        self._ledger = ledger
        self._clock = clock
        self._currency = currency

    async def sales(self, since: datetime | None, before: datetime | None) -> Sales:
        """Return the figures of a period, which is the last day unless said otherwise.

        A period up to a week is told by the hour, a longer one by the day, both of UTC. Raises
        ``InvalidInput`` for a period that is none or too long.
        """
        now = self._clock.now()
        end = before or now
        start, end, step = period(since or end - DAY, end)
        waiting = await self._ledger.waiting(now - OVERDUE_AFTER)
        sales = Sales(start, end, step, self._currency, waiting)
        hourly = step < DAY
        sales.count(await self._ledger.sales(start, end, self._currency, hourly=hourly))
        return sales
