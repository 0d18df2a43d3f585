"""The embedded bus: order per key, effectively once, retries, dead letters, restarts."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from kibble.kernel.errors import InvalidInput, Unavailable
from kibble.platform.engines.sqlite import Database, SqliteStore, migrate
from kibble.platform.messaging.bus import LogBus
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.platform.messaging.handler import Received, on, repeatably_on
from kibble.platform.messaging.log import LogEntry, ParkedEvent
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.inventory import adapters
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.eventually import eventually


class Barked(Event, frozen=True, kw_only=True):
    """A dog barked."""

    topic: ClassVar[str] = "dog_events"
    type: ClassVar[str] = "dog.barked"
    subject_field: ClassVar[str] = "dog"

    dog: str
    words: str


class Heard:
    """An aggregate: one bark that was heard."""

    def __init__(self, event: Barked) -> None:
        self.text = f"{event.dog}: {event.words}"
        self.version = 0


class Rope:
    """An aggregate of the producer's, which is pulled in the middle of a transaction."""

    version = 0


class Kennel:
    """A producer and a consumer, on a database each, and what the consumer heard."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self._folder = folder
        self.errors: dict[str, Exception] = {}
        self.while_committing: Callable[[], object] | None = None
        self._ids = fake_ids(self.clock)
        self.start()

    def start(self) -> None:
        """Open everything, as a process does when it starts."""
        producer = Database(self._folder / "producer.db")
        migrate(producer, adapters.__name__)
        self.producer = SqliteStore(
            producer, EnvelopeMaker("dogs", self.clock, self._ids), {Rope: self._pull}
        )
        consumer = Database(self._folder / "consumer.db")
        migrate(consumer, adapters.__name__)
        connection = consumer.connect()
        connection.execute("CREATE TABLE IF NOT EXISTS heard (text TEXT)")
        connection.close()
        self.store = SqliteStore(
            consumer, EnvelopeMaker("ears", self.clock, self._ids), {Heard: _save_heard}
        )
        self.consumer = Consumer("ears", [on(Barked, self.hear)], self.store, self.clock)
        self.bus = LogBus([(self.producer, {"dog_events"})], [self.consumer], self.clock)

    async def hear(self, event: Barked, received: Received) -> Outcome[None]:
        if event.words in self.errors:
            raise self.errors[event.words]
        changes = Changes()
        changes.save(Heard(event))
        return Outcome(None, changes)

    async def bark(self, *barks: tuple[str, str]) -> None:
        changes = Changes()
        changes.save(Rope())
        for dog, words in barks:
            changes.publish(Barked(dog=dog, words=words), 1)
        await self.producer.commit(changes)

    def _pull(self, _: sqlite3.Connection, __: Rope, ___: int) -> None:
        if self.while_committing is not None:
            self.while_committing()

    async def has_heard(self, *texts: str) -> None:
        """Let time pass until exactly this was heard."""

        async def look() -> list[str]:
            self.clock.advance(1)
            return self.heard()

        await eventually(look, until=list(texts).__eq__)

    def heard(self) -> list[str]:
        return [
            text for (text,) in self.store.database.read("SELECT text FROM heard ORDER BY rowid")
        ]

    def close(self) -> None:
        self.producer.close()
        self.store.close()


def _save_heard(connection: sqlite3.Connection, heard: Heard, _: int) -> None:
    connection.execute("INSERT INTO heard VALUES (?)", (heard.text,))


@pytest.fixture
def kennel(tmp_path: Path) -> Iterator[Kennel]:
    """Two dogs and somebody who listens."""
    kennel = Kennel(tmp_path)
    yield kennel
    kennel.close()


async def test_delivers_every_event_in_order_per_key(kennel: Kennel) -> None:
    await kennel.bark(*((dog, str(n)) for n in range(100) for dog in ("Rex", "Bo")))
    await kennel.bus.drain()
    for dog in ("Rex", "Bo"):
        mine = [text for text in kennel.heard() if text.startswith(dog)]
        assert mine == [f"{dog}: {n}" for n in range(100)]


async def test_goes_on_after_a_restart_where_it_was(kennel: Kennel) -> None:
    await kennel.bark(("Rex", "one"))
    await kennel.bus.drain()
    kennel.close()
    kennel.start()
    await kennel.bark(("Rex", "two"))
    await kennel.bus.drain()
    assert kennel.heard() == ["Rex: one", "Rex: two"]


async def test_keeps_the_place_of_who_may_hear_again_also_when_nothing_follows(
    kennel: Kennel,
) -> None:
    again = Consumer("ears", [repeatably_on(Barked, kennel.hear)], kennel.store, kennel.clock)
    bus = LogBus([(kennel.producer, {"dog_events"})], [again], kennel.clock)
    running = asyncio.ensure_future(bus.run())

    async def caught_up() -> bool:
        kennel.clock.advance(0.01)
        return kennel.heard()[-1:] == [f"Rex: {words}"] and bus.outboxes() == {"dogs": (0, 0.0)}

    for words in ("one", "two"):
        await kennel.bark(("Rex", words))
        await eventually(caught_up)
    assert await kennel.store.offset("ears", "dogs", "dog_events") == 1
    kennel.clock.advance(1)
    await eventually(
        lambda: kennel.store.offset("ears", "dogs", "dog_events"), until=lambda place: place == 2
    )
    await ended(running)


async def test_applies_an_event_once_when_its_offset_was_lost(kennel: Kennel) -> None:
    await kennel.bark(("Rex", "one"))
    await kennel.bus.drain()
    await kennel.store.advance("ears", "dogs", "dog_events", 0)
    kennel.close()
    kennel.start()
    await kennel.bus.drain()
    assert kennel.heard() == ["Rex: one"]


async def test_a_failing_event_holds_up_its_own_key_alone(kennel: Kennel) -> None:
    kennel.errors["grr"] = Unavailable("Nobody listens.")
    await kennel.bark(("Rex", "grr"), ("Bo", "woof"), ("Rex", "woof"))
    await kennel.bus.drain()
    assert kennel.heard() == ["Bo: woof"]
    kennel.errors.clear()
    kennel.clock.advance(60)
    await kennel.consumer.retry_parked()
    assert kennel.heard() == ["Bo: woof", "Rex: grr", "Rex: woof"]
    assert await kennel.store.parked() == []


async def test_events_that_wait_survive_a_restart_in_their_order(kennel: Kennel) -> None:
    kennel.errors["grr"] = Unavailable("Nobody listens.")
    await kennel.bark(("Rex", "grr"), ("Rex", "woof"))
    await kennel.bus.drain()
    kennel.close()
    kennel.start()
    kennel.errors.clear()
    await kennel.bark(("Rex", "wau"))
    await kennel.bus.drain()
    kennel.clock.advance(60)
    await kennel.consumer.retry_parked()
    assert kennel.heard() == ["Rex: grr", "Rex: woof", "Rex: wau"]


async def test_what_was_away_for_hours_is_caught_up_with_soon_after_it_is_back(
    kennel: Kennel,
) -> None:
    kennel.errors["grr"] = Unavailable("Nobody listens.")
    await kennel.bark(("Rex", "grr"))
    await kennel.bus.drain()
    for _ in range(200):
        kennel.clock.advance(60)
        await kennel.consumer.retry_parked()
    kennel.errors.clear()
    kennel.clock.advance(15)
    await kennel.consumer.retry_parked()
    assert kennel.heard() == ["Rex: grr"]


async def test_an_event_that_can_never_be_applied_is_dead_at_once(kennel: Kennel) -> None:
    kennel.errors["???"] = InvalidInput.at("/words", "are no words")
    await kennel.bark(("Rex", "???"), ("Rex", "woof"))
    await kennel.bus.drain()
    assert kennel.heard() == ["Rex: woof"]
    (dead,) = await kennel.store.parked(status="dead")
    assert (dead.type, dead.consumer, dead.attempts) == ("dog.barked", "ears", 1)
    assert "are no words" in dead.error


async def test_a_bug_parks_its_event_after_a_few_attempts(kennel: Kennel) -> None:
    kennel.errors["!"] = ZeroDivisionError()
    await kennel.bark(("Rex", "!"))
    await kennel.bus.drain()
    for _ in range(10):
        kennel.clock.advance(60)
        await kennel.consumer.retry_parked()
    (dead,) = await kennel.store.parked()
    assert (dead.status, dead.attempts) == ("dead", 5)


async def test_what_is_no_event_is_parked_and_not_lost(kennel: Kennel) -> None:
    await kennel.consumer.receive(b"\xff not an envelope", "dog_events")
    (dead,) = await kennel.store.parked()
    assert (dead.status, dead.type) == ("dead", "unreadable")


async def test_knows_how_far_behind_it_is(kennel: Kennel) -> None:
    await kennel.bark(("Rex", "woof"))
    assert kennel.bus.lag_seconds() == 0
    feed = kennel.bus._feeds[0]
    feed._oldest = kennel.clock.now()
    kennel.clock.advance(7)
    assert kennel.bus.lag_seconds() == 7
    await kennel.bus.drain()
    assert kennel.bus.lag_seconds() == 0


async def test_delivers_what_was_published_though_the_publisher_was_cancelled(
    kennel: Kennel,
) -> None:
    delivering = asyncio.ensure_future(kennel.bus.run())
    await kennel.bark(("Bo", "woof"))
    await kennel.has_heard("Bo: woof")
    publishing = asyncio.ensure_future(kennel.bark(("Rex", "woof")))
    kennel.while_committing = publishing.cancel
    with pytest.raises(asyncio.CancelledError):
        await publishing
    await kennel.has_heard("Bo: woof", "Rex: woof")
    await ended(delivering)


@pytest.mark.parametrize(
    "failure", [sqlite3.OperationalError("disk I/O error"), asyncio.CancelledError("elsewhere")]
)
async def test_a_feed_goes_on_whatever_it_fails_with(
    kennel: Kennel, failure: BaseException
) -> None:
    log = BreakingLog(kennel.producer, failure)
    delivering = asyncio.ensure_future(
        LogBus([(log, {"dog_events"})], [kennel.consumer], kennel.clock).run()
    )
    await kennel.bark(("Rex", "woof"))
    await kennel.has_heard("Rex: woof")
    await ended(delivering)


async def test_what_is_no_event_stays_parked_when_it_is_replayed_and_holds_up_nobody(
    kennel: Kennel,
) -> None:
    await kennel.consumer.receive(b"\xff not an envelope", "dog_events")
    kennel.errors["grr"] = Unavailable("Nobody listens.")
    await kennel.bark(("Rex", "grr"))
    await kennel.bus.drain()
    kennel.errors.clear()
    (unreadable, _) = await kennel.store.parked()
    await kennel.store.park(replace(unreadable, status="retrying"))
    kennel.clock.advance(60)
    await kennel.consumer.retry_parked()
    assert kennel.heard() == ["Rex: grr"]
    (still,) = await kennel.store.parked()
    assert (still.event_id, still.status) == (unreadable.event_id, "dead")


async def test_an_event_that_nobody_subscribes_to_any_more_dies_and_holds_up_nobody(
    kennel: Kennel,
) -> None:
    kennel.errors["grr"] = Unavailable("Nobody listens.")
    await kennel.bark(("Rex", "grr"))
    await kennel.bus.drain()
    deaf = Consumer("ears", [], kennel.store, kennel.clock)
    for _ in range(10):
        kennel.clock.advance(60)
        await deaf.retry_parked()
    assert [event.status for event in await kennel.store.parked()] == ["dead"]


async def test_an_event_waits_behind_one_that_is_parked_while_others_are_tried_again(
    kennel: Kennel,
) -> None:
    kennel.errors["grr"] = Unavailable("Nobody listens.")
    slow = ParkingSlowly(kennel.store)
    consumer = Consumer("ears", [on(Barked, kennel.hear)], slow, kennel.clock)
    await consumer.prepare()
    await kennel.bark(("Rex", "grr"), ("Rex", "woof"))
    first, second = kennel.producer.read_log("dog_events", 0, 10)
    receiving = asyncio.ensure_future(consumer.receive(first.envelope, "dog_events"))
    await slow.asked.wait()
    await consumer.retry_parked()
    slow.goes_on.set()
    await receiving
    await consumer.receive(second.envelope, "dog_events")
    assert kennel.heard() == []


class BreakingLog:
    """A producer's log whose first reading fails."""

    def __init__(self, log: SqliteStore, failure: BaseException) -> None:
        self.source = log.source
        self.signal = log.signal
        self._log = log
        self._failures = [failure]

    def read_log(self, topic: str, after: int, limit: int) -> list[LogEntry]:
        if self._failures:
            raise self._failures.pop()
        return self._log.read_log(topic, after, limit)


class ParkingSlowly:
    """A consumer's store that parks an event only when it is told to go on."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.asked = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.commit = store.commit
        self.find_reply = store.find_reply
        self.parked = store.parked
        self.unpark = store.unpark

    async def park(self, event: ParkedEvent) -> None:
        self.asked.set()
        await self.goes_on.wait()
        await self._store.park(event)


async def ended(task: asyncio.Future[None]) -> None:
    """Cancel a task, and see that it had not ended by itself."""
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
