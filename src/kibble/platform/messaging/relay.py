"""The relay: brings a service's committed events from its outbox to the broker.

An event is published before it is settled, so a crash between the two publishes it once more,
under the same id: delivery is at least once, and consumers apply each id once. A batch is
acknowledged by the broker as a whole before the next one is read, so the order per key is that of
the commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog

from kibble.kernel.clock import Clock, from_text
from kibble.kernel.errors import KibbleError
from kibble.platform.messaging.log import Outbox, OutboxEvent

_log = structlog.get_logger()

BATCH = 500
POLL_SECONDS = 0.25
"""How soon events of another process are found, whose shard this one owns."""
CALM_POLL_SECONDS = 1.0
"""How soon after a while without any: each look asks the store."""
GROWTH = 1.25
COMPANY_SECONDS = 0.02
"""How long an event that comes soon after others waits for more: a round costs as much for one."""
PAUSE_SECONDS = 0.5


class Publisher(Protocol):
    """The broker, as a relay needs it."""

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        """Return when the broker has all ``events`` durably, in order per key.

        Raises ``Unavailable`` when it may not have them all: publish them again, all of them.
        """
        ...


class Relay:
    """Publishes one outbox until it is cancelled; several may run on the same outbox."""

    def __init__(self, outbox: Outbox, publisher: Publisher, clock: Clock) -> None:
        self.name = f"relay {outbox.source}"
        self.source = outbox.source
        self._outbox = outbox
        self._publisher = publisher
        self._clock = clock
        self._oldest: datetime | None = None
        self._poll_seconds = POLL_SECONDS
        self.waiting = 0
        """How many events wait, as far as it was looked (``BATCH``)."""

    async def run(self) -> None:
        """See ``Task.run``."""
        try:
            while True:
                await self._round()
        finally:
            await self._outbox.release()

    async def _round(self) -> None:
        """Publish what there is, or wait until there may be more."""
        self._outbox.grown.clear()
        try:
            published = await self.step()
        except KibbleError as error:
            _log.warning("relay waits", source=self._outbox.source, error=str(error))
            await self._clock.sleep(PAUSE_SECONDS)
            return
        if published:
            self._poll_seconds = POLL_SECONDS
            if published < BATCH:
                await self._clock.sleep(COMPANY_SECONDS)
        else:
            await self._wait()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._outbox.grown.wait()
        except TimeoutError:
            self._poll_seconds = min(self._poll_seconds * GROWTH, CALM_POLL_SECONDS)

    async def step(self) -> int:
        """Publish one batch; return its size. Raises ``Unavailable``."""
        events = await self._outbox.pending(BATCH)
        self._oldest = from_text(min(e.created_at for e in events)) if events else None
        self.waiting = len(events)
        if events:
            await self._publisher.publish(events)
            await self._outbox.settle(events)
            self.waiting = 0
        return len(events)

    def lag_seconds(self) -> float:
        """Return the age of the oldest event that the broker does not have; 0 if there is none."""
        return (self._clock.now() - self._oldest).total_seconds() if self._oldest else 0.0
