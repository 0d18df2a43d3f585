"""Keeping the search index current: it follows the product store's feed, batch by batch."""

from __future__ import annotations

import asyncio
import math

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.services.product.errors import IndexBusy
from kibble.services.product.repository.search import ProductFeed, SearchIndex

ROUND_SECONDS = 5.0
"""How long products are taken in before a refresh, when there are many."""

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

PATIENCE_SECONDS = 2.0
"""How long a search waits at most for changes to be taken in: as long as for its answer."""

BUSY_PAUSE_SECONDS = 0.2
BUSY_ATTEMPTS = 150
"""How often a rebuild asks for its turn while other processes have theirs, which are short."""


class Indexer:
    """Brings the index to where the store is.

    It asks the store what changed, so that nothing is lost with an event or a crash, and takes in
    what is there now, so that twice is as good as once. Several may work on one index.
    """

    def __init__(self, feed: ProductFeed, index: SearchIndex, clock: Clock) -> None:
        self._feed = feed
        self._index = index
        self._clock = clock
        self._turn = asyncio.Lock()
        self._known = 0
        self._waits = BURST
        self._counted_at = clock.monotonic()
        self._freshening: asyncio.Task[None] | None = None

    async def catch_up(self) -> None:
        """Take in all changes up to now, or leave that to the process that is at it.

        Raises ``Unavailable`` when the index is away.
        """
        async with self._turn:
            try:
                await self._follow()
            except IndexBusy:
                return

    async def rebuild(self) -> None:
        """Index everything anew; raises ``Unavailable`` while another process has the index."""
        async with self._turn:
            await self._clear()
            await self._fill()

    async def freshen(self) -> bool:
        """Take in a few changes at once, for a search that should see them; never raises.

        An index that is slow to take them in goes on with that, and the search does without: then,
        and when the index is away, the answer is False.
        """
        try:
            if await self._is_worth_waiting():
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._freshened()
        except (Unavailable, TimeoutError):
            return False  # the search finds out by itself
        return True

    async def _freshened(self) -> None:
        """Wait for a round that begins after now; searches that wait share it."""
        if self._freshening is not None:
            await asyncio.shield(self._freshening)
        if await self._is_worth_waiting():
            if self._freshening is None:
                self._freshening = asyncio.create_task(self._freshen())
            await asyncio.shield(self._freshening)

    async def _freshen(self) -> None:
        try:
            async with self._turn:
                if await self._behind() and self._may_wait():
                    self._known = await self._index.position()
                    if await self._behind() > 0:
                        self._known = await self._round(self._known)
        finally:
            self._freshening = None

    async def _is_worth_waiting(self) -> bool:
        return 0 < await self._behind() <= FEW

    async def _behind(self) -> int:
        """Return how far the index is behind at most: another process may have brought it on."""
        return await self._feed.latest() - self._known

    async def _follow(self) -> None:
        latest = await self._feed.latest()
        self._known = await self._index.position()
        if self._known > latest:
            # The store is another, or an older one, than was indexed.
            await self._index.clear()
            await self._fill()
        elif self._known == 0 < latest:
            await self._fill()
        while self._known < latest:
            self._known = await self._round(self._known)

    async def _fill(self) -> None:
        """Take everything that there is now into an index that is empty."""
        latest, share = await self._feed.latest(), await self._share()
        self._known = await self._round(0, share)
        while self._known < latest:
            self._known = await self._round(self._known, share)

    async def _clear(self) -> None:
        for attempt in range(1, BUSY_ATTEMPTS + 1):
            try:
                await self._index.clear()
            except IndexBusy:
                if attempt == BUSY_ATTEMPTS:
                    raise
                await self._clock.sleep(BUSY_PAUSE_SECONDS)
            else:
                return

    async def _share(self) -> int:
        """Return how many products each round takes into an empty index."""
        waiting = await self._feed.waiting(0)
        return waiting if waiting <= self._index.one_filling else math.ceil(waiting / FILLINGS)

    async def _round(self, position: int, share: int | None = None) -> int:
        """Take in what follows ``position``, for some seconds or ``share`` of it; then refresh.

        Returns where the index is now.
        """
        left = share or 0
        until = math.inf if share is not None else self._clock.monotonic() + ROUND_SECONDS
        while self._clock.monotonic() < until and (share is None or left > 0):
            batch = await self._feed.after(position, self._index.batch)
            if batch.position == position:
                break
            await self._index.add(batch)
            position = batch.position
            left -= len(batch.entries) + len(batch.gone)
            await asyncio.sleep(0)  # allow(clock): gives way to what waits, and takes no time
        await self._index.refresh()
        return position

    def _may_wait(self) -> bool:
        """Take one from the allowance, which grows with time up to a burst."""
        now = self._clock.monotonic()
        self._waits = min(BURST, self._waits + (now - self._counted_at) * WAITS_A_SECOND)
        self._counted_at = now
        if self._waits < 1:
            return False
        self._waits -= 1
        return True
