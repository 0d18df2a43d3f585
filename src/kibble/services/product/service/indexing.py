"""Keeping the search index current: it follows the product store's feed, batch by batch."""

from __future__ import annotations

import asyncio
import math

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.services.product.repository.search import ProductFeed, SearchIndex

BATCH = 64
"""Products taken in before other work gets its turn."""

ROUND_SECONDS = 5.0
"""How long products are taken in before a refresh, when there are many."""

ONE_FILLING = 30_000
FILLINGS = 8
"""Each refresh leaves a segment behind, and each search visits all of them. So an index that is
empty is filled in one round while the engine can hold that, and else in as many equal ones as it
takes for the engine to merge what they leave behind."""

FEW = 64
"""With more changes than these, a search does not wait for them: a load is under way."""

BURST = 10.0
WAITS_A_SECOND = 2.0
"""How often searches may have the index refreshed; a steady stream of changes waits for the round
of every second instead, so that refreshing stays cheap."""


class Indexer:
    """Brings the index to where the store is.

    It asks the store what changed, so that nothing is lost with an event or a crash, and takes in
    what is there now, so that twice is as good as once.
    """

    def __init__(self, feed: ProductFeed, index: SearchIndex, clock: Clock) -> None:
        self._feed = feed
        self._index = index
        self._clock = clock
        self._turn = asyncio.Lock()
        self._waits = BURST
        self._counted_at = clock.monotonic()

    async def catch_up(self) -> None:
        """Take in all changes up to now; raises ``Unavailable`` when the index is away."""
        async with self._turn:
            latest = await self._feed.latest()
            if self._index.position > latest:
                await self._index.clear()  # the store is another, or an older one, than was indexed
            share = await self._share() if self._index.position == 0 else None
            while self._index.position < latest:
                await self._round(share)

    async def rebuild(self) -> None:
        """Index everything anew; raises ``Unavailable`` while another process has the index."""
        async with self._turn:
            await self._index.clear()
        await self.catch_up()

    async def freshen(self) -> None:
        """Take in a few changes at once, for a search that should see them; never raises."""
        if not 0 < await self._behind() <= FEW:
            return
        async with self._turn:
            if await self._behind() and self._may_wait():
                try:
                    await self._round()
                except Unavailable:
                    return  # the search finds out by itself

    async def _behind(self) -> int:
        return await self._feed.latest() - self._index.position

    async def _share(self) -> int:
        """Return how many products each round takes into an empty index."""
        waiting = await self._feed.waiting(0)
        return waiting if waiting <= ONE_FILLING else math.ceil(waiting / FILLINGS)

    async def _round(self, share: int | None = None) -> None:
        """Take in what there is: for some seconds, or ``share`` of it; then refresh."""
        position, left = self._index.position, share or 0
        until = math.inf if share else self._clock.monotonic() + ROUND_SECONDS
        while self._clock.monotonic() < until and (share is None or left > 0):
            batch = await self._feed.after(position, BATCH)
            if batch.position == position:
                break
            self._index.add(batch)
            position = batch.position
            left -= len(batch.entries) + len(batch.gone)
            await asyncio.sleep(0)  # allow(clock): gives way to what waits, and takes no time
        await self._index.refresh()

    def _may_wait(self) -> bool:
        """Take one from the allowance, which grows with time up to a burst."""
        now = self._clock.monotonic()
        self._waits = min(BURST, self._waits + (now - self._counted_at) * WAITS_A_SECOND)
        self._counted_at = now
        if self._waits < 1:
            return False
        self._waits -= 1
        return True
