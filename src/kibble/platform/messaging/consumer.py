"""A consumer: applies events one by one per key, effectively once, and parks what it cannot apply.

Delivery is at least once, whatever the bus. The inbox row is in the transaction of the changes, so
a repeated event changes nothing. An event that fails is parked and tried again with growing
pauses; later events of its key wait behind it, those of other keys go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import msgspec
import structlog

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.errors import Conflict, KibbleError, NotFound, Unavailable
from kibble.platform.messaging.envelope import open_envelope
from kibble.platform.messaging.event import Envelope, Event
from kibble.platform.messaging.handler import Received, Subscription
from kibble.platform.messaging.log import ConsumerStore, ParkedEvent
from kibble.platform.persistence.changes import Outcome
from kibble.platform.persistence.store import DuplicateEvent, InboxMark
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.spans import span
from kibble.platform.telemetry.trace import continue_trace

_log = structlog.get_logger()

LONGEST_PAUSE_SECONDS = 15.0
"""Short enough that all is caught up with a minute after what was away is back."""
MAX_ATTEMPTS = {Unavailable: 5_760, NotFound: 12, Conflict: 12}
"""How often an event is tried, by the kind of its error; any other expected one parks it. What is
away may be so for a day."""
ATTEMPTS_AFTER_A_BUG = 5


class DeadLetters(Protocol):
    """Where events go that were given up, beside the consumer's own store."""

    async def bury(self, event: ParkedEvent) -> None:
        """Keep a copy of an event that was given up; raises ``Unavailable``."""
        ...


Observer = Callable[[Event], None]
"""Is told of an event that was applied, once; for figures: it must not fail, nor wait."""

S_co = TypeVar("S_co", bound=ConsumerStore, covariant=True)


class Consumer(Generic[S_co]):
    """One consumer group: a name, a table of subscriptions, and the store that it writes."""

    def __init__(
        self,
        name: str,
        subscriptions: Sequence[Subscription],
        store: S_co,
        clock: Clock,
        dead_letters: DeadLetters | None = None,
        *,
        observers: Mapping[str, Observer] | None = None,
    ) -> None:
        """``observers`` are told of applied events, by type."""
        self.name = name
        self._observers = observers or {}
        self._store = store
        self._dead_letters = dead_letters
        self._clock = clock
        self._table = {row.event.type: row for row in subscriptions}
        if len(self._table) != len(subscriptions):
            raise ValueError(f"{name}: two rows for one event type")
        self._decoders = {row.event.type: msgspec.json.Decoder(row.event) for row in subscriptions}
        self._waiting: set[str] = set()
        self._parked_meanwhile: set[str] = set()

    async def prepare(self) -> None:
        """Learn which keys wait behind a parked event; call it before ``receive``.

        With several processes in the group, again whenever this one takes over others' keys.
        """
        self._parked_meanwhile.clear()
        parked = await self._store.parked(self.name, "retrying")
        self._waiting = {event.key for event in parked} | self._parked_meanwhile

    @property
    def store(self) -> S_co:
        """Where the consumer keeps what it makes of events."""
        return self._store

    @property
    def topics(self) -> set[str]:
        """The topics that the table's event types are published on."""
        return {row.event.topic for row in self._table.values()}

    @property
    def repeatable(self) -> bool:
        """Whether events may be applied again and again: their place need not be kept at once."""
        return all(row.repeatable for row in self._table.values())

    def wants(self, event_type: str) -> bool:
        """Tell whether the table has a row for this type."""
        return event_type in self._table

    def supersedes(self, event_type: str) -> bool:
        """Tell whether of several events of this type and key only the last one matters."""
        row = self._table.get(event_type)
        return row is not None and row.event.state_transfer

    async def receive(self, body: bytes, topic: str) -> None:
        """Apply one event or park it. Once this returns, the event need not be delivered again.

        Call it in order for the events of one key; those of several keys may run side by side.
        Raises ``Unavailable`` when not even parking is possible.
        """
        try:
            envelope = open_envelope(body)
        except msgspec.MsgspecError as error:
            await self._park_unreadable(body, topic, error)
            return
        if not self.wants(envelope.type):
            return
        if envelope.partitionkey in self._waiting:
            await self._park(envelope, body, topic, "waits for an earlier event of its key", 0)
            return
        failure = await self._try(envelope)
        if failure is not None:
            await self._park(envelope, body, topic, failure, 1)

    async def _try(self, envelope: Envelope) -> Exception | None:
        """Apply one event; return the error that prevented it."""
        continue_trace(envelope.traceparent)
        try:
            row = self._table[envelope.type]
            mark = None if row.repeatable else InboxMark(self.name, envelope.id)
            event = self._decoders[envelope.type].decode(envelope.data)

            def use_case() -> Awaitable[Outcome[None]]:
                return row.handle(event, Received(envelope))

            with span(f"apply {envelope.type}", "consumer") as told:
                told.tell("messaging.consumer.group.name", self.name)
                told.tell("messaging.message.id", envelope.id)
                await commit_outcome(self._store, use_case, inbox=mark)
        except DuplicateEvent:
            return None
        except Exception as error:  # noqa: BLE001 - the edge of messaging: whatever it is, the event is kept
            metrics.event_failed(self.name, envelope.type)
            _log.warning(
                "event not applied",
                consumer=self.name,
                event_type=envelope.type,
                event_id=envelope.id,
                error=repr(error),
                exc_info=None if isinstance(error, KibbleError) else error,
            )
            return error
        metrics.event_applied(self.name, envelope.type)
        if (observe := self._observers.get(envelope.type)) is not None:
            observe(event)
        return None

    def _is_retrying(self, error: Exception, attempts: int) -> bool:
        for kind, most in MAX_ATTEMPTS.items():
            if isinstance(error, kind):
                return attempts < most
        expected = isinstance(error, KibbleError | msgspec.MsgspecError)
        return not expected and attempts < ATTEMPTS_AFTER_A_BUG

    async def _park(
        self, envelope: Envelope, body: bytes, topic: str, error: Exception | str, attempts: int
    ) -> None:
        now = self._clock.now()
        retrying = isinstance(error, str) or self._is_retrying(error, attempts)
        await self._keep(
            ParkedEvent(
                consumer=self.name,
                topic=topic,
                key=envelope.partitionkey,
                type=envelope.type,
                event_id=envelope.id,
                envelope=body,
                error=error if isinstance(error, str) else f"{type(error).__name__}: {error}",
                attempts=attempts,
                status="retrying" if retrying else "dead",
                due_at=to_text(now + pause(attempts)),
                parked_at=to_text(now),
            )
        )
        if retrying:  # noted once it is kept: ``prepare`` may have looked just before that
            self._waiting.add(envelope.partitionkey)
            self._parked_meanwhile.add(envelope.partitionkey)

    async def _park_unreadable(self, body: bytes, topic: str, error: Exception) -> None:
        now = to_text(self._clock.now())
        await self._keep(
            ParkedEvent(
                consumer=self.name,
                topic=topic,
                key="",
                type="unreadable",
                event_id=f"unreadable:{hashlib.sha256(body).hexdigest()}",
                envelope=body,
                error=str(error),
                attempts=1,
                status="dead",
                due_at=now,
                parked_at=now,
            )
        )

    async def _keep(self, event: ParkedEvent) -> None:
        """Park an event; one that is given up is buried too, if the broker is there."""
        await self._store.park(event)
        if event.status != "dead" or self._dead_letters is None:
            return
        try:
            await self._dead_letters.bury(event)
        except Unavailable as error:
            _log.warning("dead letter not copied", event_id=event.event_id, error=str(error))

    async def retry_parked(self) -> None:
        """Try the parked events that are due, oldest first and in order per key."""
        now = self._clock.now()
        blocked: set[str] = set()
        waiting = await self._store.parked(self.name, "retrying")
        for parked in waiting:
            if parked.key in blocked:
                continue
            if not _is_due(parked, now) or not await self._retry(parked):
                blocked.add(parked.key)
        if waiting or self._waiting:
            await self.prepare()

    async def _retry(self, parked: ParkedEvent) -> bool:
        """Try one parked event again; tell whether the next one of its key may follow."""
        try:
            envelope = open_envelope(parked.envelope)
        except msgspec.MsgspecError as unreadable:
            await self._park_unreadable(parked.envelope, parked.topic, unreadable)
            return True
        error = await self._try(envelope)
        if error is None:
            await self._store.unpark(self.name, parked.event_id)
        else:
            attempts = parked.attempts + 1
            await self._park(envelope, parked.envelope, parked.topic, error, attempts)
            if self._is_retrying(error, attempts):
                return False
        return True


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 0.2 s, doubling, at most 15 s."""
    return timedelta(seconds=min(0.2 * 2**attempts, LONGEST_PAUSE_SECONDS))


def _is_due(parked: ParkedEvent, now: datetime) -> bool:
    return from_text(parked.due_at) <= now
