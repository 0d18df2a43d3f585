"""What a bus stands on: a producer's log or outbox, a consumer's parked events and its place."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from kibble.platform.persistence.store import Store


class LogEntry(NamedTuple):
    """One event of a log; positions ascend in commit order."""

    position: int
    type: str
    key: str
    created_at: str
    envelope: bytes


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that its consumer could not apply; ``status`` is retrying or dead."""

    consumer: str
    topic: str
    key: str
    type: str
    event_id: str
    envelope: bytes
    error: str
    attempts: int
    status: str
    due_at: str
    parked_at: str


class Signal:
    """Wakes those who wait for a topic."""

    def __init__(self) -> None:
        self._events: dict[str, list[asyncio.Event]] = defaultdict(list)

    def subscribe(self, topic: str) -> asyncio.Event:
        """Return an event that is set whenever ``topic`` grows."""
        event = asyncio.Event()
        self._events[topic].append(event)
        return event

    def fire(self, topics: Iterable[str]) -> None:
        """Wake all who wait for one of ``topics``."""
        for topic in topics:
            for event in self._events[topic]:
                event.set()


class EventLog(Protocol):
    """The events that one service has published, by topic, for ever in the same order."""

    source: str
    signal: Signal

    def read_log(self, topic: str, after: int, limit: int) -> list[LogEntry]:
        """Return up to ``limit`` entries of ``topic`` after position ``after``, in order."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """An event that waits to be published; ``place`` is where its outbox finds it again."""

    place: Any
    topic: str
    type: str
    key: str
    created_at: str
    envelope: bytes


class Outbox(Protocol):
    """The events that one service has committed and that are not on the broker yet.

    Several processes may relay one outbox: each owns some of its shards, and a key is in one.
    """

    source: str
    grown: asyncio.Event
    """Set after each commit of this process that has events; a relay waits for it."""

    async def pending(self, limit: int) -> Sequence[OutboxEvent]:
        """Return the oldest events of the shards that this process owns, in order per key.

        Takes ownership of shards that nobody owns. Raises ``Unavailable``.
        """
        ...

    async def settle(self, events: Sequence[OutboxEvent]) -> None:
        """Forget events that are published, unless another process owns their shard by now.

        That one publishes them once more, under the same id. Raises ``Unavailable``.
        """
        ...

    async def release(self) -> None:
        """Give up all shards, so that another process may go on at once."""
        ...


class ParkedEvents(Protocol):
    """The events that consumers could not apply."""

    async def park(self, event: ParkedEvent) -> None:
        """Keep an event that could not be applied, or its next attempt."""
        ...

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """Return parked events, oldest first."""
        ...

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """Forget a parked event; False when there is none."""
        ...


class ConsumerStore(Store, ParkedEvents, Protocol):
    """What a consumer keeps beside its state: its inbox (in ``commit``) and its parked events."""


class OffsetStore(ConsumerStore, Protocol):
    """A consumer's store that keeps its place in producers' logs too, where no broker does."""

    async def offset(self, consumer: str, source: str, topic: str) -> int:
        """Return how far ``consumer`` has applied a producer's topic; 0 at first."""
        ...

    async def advance(self, consumer: str, source: str, topic: str, position: int) -> None:
        """Remember that everything up to ``position`` is applied or parked."""
        ...
