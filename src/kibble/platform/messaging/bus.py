"""The bus port, and the embedded bus: producers' logs, read by consumers at their own pace.

Kafka fits behind the same port: topics, keys, consumer groups with offsets, at-least-once
delivery. What a consumer does with an event (``Consumer.receive``) is the same code for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import structlog

from kibble.kernel.clock import Clock, from_text
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.delivery import RETRY_PERIOD_SECONDS, deliver, keep_retrying
from kibble.platform.messaging.log import EventLog, OffsetStore
from kibble.platform.tasks import attempt, unexpected

_log = structlog.get_logger()

BATCH = 64
COMPANY_SECONDS = 0.02
"""How long an event may wait for others: those of a batch share the transactions of what follows
from them. Without, a shop that is half busy spends more on an order than one that is all busy."""
KEEP_SECONDS = 1.0
"""How often the place of a consumer is kept that may be given events again."""


class EventBus(Protocol):
    """Delivers every event of the logs to every consumer that wants it, at least once."""

    async def run(self) -> None:
        """Deliver until cancelled."""
        ...

    def lag_seconds(self) -> float:
        """Return the age of the oldest event that a consumer has not taken; 0 if there is none."""
        ...

    def backlog(self) -> dict[str, float]:
        """Return the lag in seconds of every feed, named ``consumer<-topic``."""
        ...


class LogBus:
    """The embedded bus: reads producers' outbox tables, an offset per consumer and topic."""

    def __init__(
        self,
        logs: Iterable[tuple[EventLog, set[str]]],
        consumers: Iterable[Consumer[OffsetStore]],
        clock: Clock,
    ) -> None:
        """Join producers (``logs``, each with the topics that it publishes on) and consumers."""
        self._clock = clock
        self._consumers = list(consumers)
        self._feeds = [
            Feed(log, topic, consumer, clock)
            for log, topics in logs
            for consumer in self._consumers
            for topic in sorted(topics & consumer.topics)
        ]

    async def run(self) -> None:
        """See ``EventBus.run``."""
        await self._prepare()
        async with asyncio.TaskGroup() as group:
            for feed in self._feeds:
                group.create_task(feed.run())
            for consumer in self._consumers:
                group.create_task(keep_retrying(consumer, self._clock))

    async def _prepare(self) -> None:
        for consumer in self._consumers:
            await consumer.prepare()
        for feed in self._feeds:
            await feed.prepare()

    async def drain(self) -> None:
        """Deliver until no consumer has anything left: for tests and for one-shot commands."""
        await self._prepare()
        progressed = True
        while progressed:
            progressed = False
            for feed in self._feeds:
                while await feed.step():
                    progressed = True

    def lag_seconds(self) -> float:
        """See ``EventBus.lag_seconds``."""
        now = self._clock.now()
        return max((feed.lag_seconds(now) for feed in self._feeds), default=0.0)

    def backlog(self) -> dict[str, float]:
        """See ``EventBus.backlog``."""
        now = self._clock.now()
        return {feed.name: feed.lag_seconds(now) for feed in self._feeds}

    def outboxes(self) -> dict[str, tuple[int, float]]:
        """Return how many events of each log wait for a consumer, and the oldest's age.

        As far as the feeds look at once (``BATCH``), and the slowest consumer decides.
        """
        now = self._clock.now()
        found: dict[str, tuple[int, float]] = {}
        for feed in self._feeds:
            events, age = found.get(feed.source, (0, 0.0))
            found[feed.source] = max(events, feed.waiting), max(age, feed.lag_seconds(now))
        return found


class Feed:
    """One producer's topic on its way to one consumer."""

    def __init__(
        self, log: EventLog, topic: str, consumer: Consumer[OffsetStore], clock: Clock
    ) -> None:
        self.name = f"{consumer.name}<-{log.source}/{topic}"
        self.source = log.source
        self.waiting = 0
        self._log = log
        self._topic = topic
        self._consumer = consumer
        self._clock = clock
        self._position = self._kept = 0
        self._keep_pause = KEEP_SECONDS if consumer.repeatable else 0.0
        self._keep_again_at = float("-inf")
        self._grown = log.signal.subscribe(topic)
        self._oldest: datetime | None = None

    async def prepare(self) -> None:
        """Find the place where the consumer left off."""
        self._position = self._kept = await self._consumer.store.offset(
            self._consumer.name, self._log.source, self._topic
        )

    async def run(self) -> None:
        """Deliver batches as the log grows, until cancelled; what fails is delivered again."""
        while True:
            self._grown.clear()
            if error := await attempt(self._deliver_all()):
                _log.warning(
                    "feed waits", feed=self.name, error=repr(error), exc_info=unexpected(error)
                )
                await self._clock.sleep(RETRY_PERIOD_SECONDS)
            else:
                await self._rest()

    async def _rest(self) -> None:
        """Wait for events; at most until the place of the last ones is to be kept."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None if self._position == self._kept else KEEP_SECONDS):
                await self._grown.wait()

    async def _deliver_all(self) -> None:
        while delivered := await self.step():
            if delivered < BATCH:
                await self._clock.sleep(COMPANY_SECONDS)

    async def step(self) -> int:
        """Deliver one batch; return how many events were in it.

        The place behind it is kept together with the next batch, or when there is none: a crash in
        between repeats events, which the inbox knows.
        """
        entries = self._log.read_log(self._topic, self._position, BATCH)
        self.waiting = len(entries)
        if not entries:
            self._oldest = None
            await self._keep_place()
            return 0
        self._oldest = from_text(entries[0].created_at)
        await asyncio.gather(deliver(self._consumer, self._topic, entries), self._keep_place())
        self._position = entries[-1].position
        return len(entries)

    async def _keep_place(self) -> None:
        position = self._position
        if position != self._kept and self._clock.monotonic() >= self._keep_again_at:
            self._keep_again_at = self._clock.monotonic() + self._keep_pause
            await self._consumer.store.advance(
                self._consumer.name, self._log.source, self._topic, position
            )
            self._kept = position

    def lag_seconds(self, now: datetime) -> float:
        """Return the age of the oldest event that is not delivered yet; 0 when there is none."""
        return (now - self._oldest).total_seconds() if self._oldest else 0.0
