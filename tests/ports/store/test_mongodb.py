"""What is MongoDB's own: events inside documents, the relay's lease, commits cut in the middle."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any, cast

import msgspec
import pytest

from kibble.kernel.errors import StaleVersion
from kibble.platform.engines.mongodb import Collection, Database
from kibble.platform.engines.mongodb.lease import LIFE
from kibble.platform.messaging.envelope import open_envelope
from kibble.platform.messaging.log import OutboxEvent
from kibble.platform.messaging.relay import Relay
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply
from tests.fixtures.doubles import FakeClock
from tests.fixtures.eventually import eventually
from tests.fixtures.kennel import Barked, Dog, dog_id
from tests.fixtures.kennel.mongodb import MongoDogStore
from tests.fixtures.mongo import assert_all_or_nothing

pytestmark = pytest.mark.engine

A_LOOK = 1.0
TOO_LONG = 11.0
MARK = InboxMark("ears", "0193c1a0-0000-7000-8000-0000000000e1")
REPLY = StoredReply("key", "print", 201, {}, b"{}")


@pytest.fixture
def other(mongodb_store: MongoDogStore, clock: FakeClock) -> MongoDogStore:
    """Another process of the same service."""
    return MongoDogStore(mongodb_store.database, clock, seed=2)


async def bark(store: MongoDogStore, number: int, *words: str, remove: bool = False) -> None:
    """Have a dog bark as it is saved, or as it leaves."""
    dog = await store.dog(dog_id(number)) or Dog(dog_id(number), "Rex")
    changes = Changes()
    (changes.remove if remove else changes.save)(dog)
    for each in words:
        changes.publish(Barked(dog_id=dog.dog_id, words=each), dog.version)
    await store.commit(changes)


def words_of(events: Sequence[OutboxEvent]) -> list[str]:
    return [
        msgspec.json.decode(open_envelope(event.envelope).data, type=Barked).words
        for event in events
    ]


class TestEvents:
    async def test_wait_in_the_document_in_order(self, mongodb_store: MongoDogStore) -> None:
        await bark(mongodb_store, 1, "a", "b")
        await bark(mongodb_store, 2, "c")
        await bark(mongodb_store, 1, "d")
        assert words_of(await mongodb_store.pending(10)) == ["a", "b", "c", "d"]
        dog = await mongodb_store.database["dogs"].find_one({"_id": dog_id(1)})
        assert dog is not None
        assert len(dog["pending"]) == 3

    async def test_go_once_they_are_settled(self, mongodb_store: MongoDogStore) -> None:
        await bark(mongodb_store, 1, "a", "b")
        await mongodb_store.settle((await mongodb_store.pending(10))[:1])
        assert words_of(await mongodb_store.pending(10)) == ["b"]

    async def test_outlive_the_document(self, mongodb_store: MongoDogStore) -> None:
        await bark(mongodb_store, 1, "a")
        await bark(mongodb_store, 1, "bye", remove=True)
        assert await mongodb_store.dog(dog_id(1)) is None
        events = await mongodb_store.pending(10)
        assert words_of(events) == ["a", "bye"]
        await mongodb_store.settle(events)
        assert await mongodb_store.database["dogs"].count_documents({}) == 0

    async def test_of_no_document_wait_beside(self, mongodb_store: MongoDogStore) -> None:
        changes = Changes()
        changes.publish(Barked(dog_id=dog_id(1), words="ghost"), 1)
        await mongodb_store.commit(changes)
        events = await mongodb_store.pending(10)
        assert words_of(events) == ["ghost"]
        await mongodb_store.settle(events)
        assert await mongodb_store.database["commits"].count_documents({}) == 0

    async def test_are_not_there_when_the_commit_is_refused(
        self, mongodb_store: MongoDogStore
    ) -> None:
        changes = Changes()
        changes.save(Dog(dog_id(1), "Rex", chip="c"))
        changes.save(Dog(dog_id(2), "Bo", chip="c"))
        changes.publish(Barked(dog_id=dog_id(1), words="never"), 1)
        with pytest.raises(StaleVersion):
            await mongodb_store.commit(changes)
        assert await mongodb_store.pending(10) == []


class TestRelays:
    async def test_take_turns(
        self, mongodb_store: MongoDogStore, other: MongoDogStore, clock: FakeClock
    ) -> None:
        await bark(mongodb_store, 1, "a")
        assert words_of(await mongodb_store.pending(10)) == ["a"]
        assert await other.pending(10) == []
        clock.advance(LIFE.total_seconds() + A_LOOK)
        assert words_of(await other.pending(10)) == ["a"]
        assert await mongodb_store.pending(10) == []

    async def test_leave_events_alone_once_replaced(
        self, mongodb_store: MongoDogStore, other: MongoDogStore, clock: FakeClock
    ) -> None:
        await bark(mongodb_store, 1, "a")
        slow = await mongodb_store.pending(10)
        clock.advance(LIFE.total_seconds() + A_LOOK)
        await other.pending(10)
        await mongodb_store.settle(slow)
        assert words_of(await other.pending(10)) == ["a"]

    async def test_go_on_at_once_after_one_that_left(
        self, mongodb_store: MongoDogStore, other: MongoDogStore, clock: FakeClock
    ) -> None:
        await bark(mongodb_store, 1, "a")
        await mongodb_store.pending(10)
        await mongodb_store.release()
        clock.advance(A_LOOK)
        assert words_of(await other.pending(10)) == ["a"]

    async def test_bring_every_event_in_order_while_many_commit(
        self, mongodb_store: MongoDogStore, other: MongoDogStore, clock: FakeClock
    ) -> None:
        published: dict[str, list[str]] = defaultdict(list)

        class Broker:
            async def publish(self, events: Sequence[OutboxEvent]) -> None:
                for event, words in zip(events, words_of(events), strict=True):
                    published[event.key].append(words)

        relay = Relay(mongodb_store, Broker(), clock)

        async def barks(store: MongoDogStore, number: int) -> None:
            for turn in range(5):
                await bark(store, number, f"{turn}")

        await asyncio.gather(
            *(
                barks(store, 10 * own + n)
                for own, store in ((1, mongodb_store), (2, other))
                for n in range(4)
            )
        )
        while await relay.step():
            pass
        assert list(published.values()) == [[str(turn) for turn in range(5)]] * 8


class TestSeveralDocuments:
    @pytest.mark.parametrize(("reply", "inbox"), [(None, None), (REPLY, None), (None, MARK)])
    async def test_are_written_all_or_none_wherever_the_process_is_killed(
        self,
        mongodb_store: MongoDogStore,
        clock: FakeClock,
        reply: StoredReply | None,
        inbox: InboxMark | None,
    ) -> None:
        seeds = count(10)

        def process(database: Database) -> MongoDogStore:
            return MongoDogStore(database, clock, next(seeds))

        async def prepare() -> None:
            for number in (1, 2):
                await process(mongodb_store.database).commit(
                    _saving(Dog(dog_id(number), "Rex", chip=f"c{number}"))
                )

        async def attempt(database: Database) -> None:
            store = process(database)
            changes = Changes()
            first, second = await store.dog(dog_id(1)), await store.dog(dog_id(2))
            assert first is not None
            assert second is not None
            first.chip, first.walks = "c9", ["park", "beach"]
            changes.save(first)
            changes.save(Dog(dog_id(3), "Bo", chip="c1x"))
            changes.remove(second)
            for dog in (first, second):
                changes.publish(Barked(dog_id=dog.dog_id, words="!"), dog.version)
            await store.commit(changes, reply=reply, inbox=inbox)

        async def later() -> None:
            clock.advance(TOO_LONG)
            await process(mongodb_store.database).recover()

        await assert_all_or_nothing(mongodb_store.database, prepare, attempt, later)

    async def test_are_written_by_one_of_those_who_race(
        self, mongodb_store: MongoDogStore, other: MongoDogStore
    ) -> None:
        await bark(mongodb_store, 1)
        await bark(mongodb_store, 2)

        async def swap(store: MongoDogStore, name: str) -> None:
            changes = Changes()
            for number in (1, 2):
                dog = await store.dog(dog_id(number))
                assert dog is not None
                dog.name = name
                changes.save(dog)
            await store.commit(changes)

        done = await asyncio.gather(
            *(swap(store, f"name {n}") for n, store in enumerate([mongodb_store, other] * 4)),
            return_exceptions=True,
        )
        names = {dog.name for n in (1, 2) if (dog := await mongodb_store.dog(dog_id(n)))}
        assert len(names) == 1
        assert all(one is None or isinstance(one, StaleVersion) for one in done)

    async def test_take_an_event_once_in_several_processes(
        self, mongodb_store: MongoDogStore, other: MongoDogStore
    ) -> None:
        done = await asyncio.gather(
            *(
                store.commit(_saving(Dog(dog_id(n), "Rex")), inbox=MARK)
                for n, store in enumerate([mongodb_store, other] * 4, 1)
            ),
            return_exceptions=True,
        )
        assert sorted(str(type(one).__name__) for one in done) == ["DuplicateEvent"] * 7 + [
            "NoneType"
        ]
        assert len(await mongodb_store.many("dogs", {})) == 1

    async def test_are_written_to_the_end_when_their_caller_is_cancelled(
        self, mongodb_store: MongoDogStore, clock: FakeClock
    ) -> None:
        watched = WatchedDatabase(mongodb_store.database)
        store = MongoDogStore(cast("Database", watched), clock, seed=3)
        changes = Changes()
        for number in (1, 2):
            changes.save(Dog(dog_id(number), "Rex"))
        caller = asyncio.create_task(store.commit(changes))
        await watched.wrote.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller

        async def both_are_there() -> bool:
            return len(await mongodb_store.many("dogs", {})) == 2

        await eventually(both_are_there)

    async def test_remember_an_event_that_changes_nothing(
        self, mongodb_store: MongoDogStore
    ) -> None:
        await mongodb_store.commit(Changes(), inbox=MARK)
        with pytest.raises(DuplicateEvent):
            await mongodb_store.commit(Changes(), inbox=MARK)


class WatchedDatabase:
    """A database that tells when something was written to several documents."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.wrote = asyncio.Event()

    def __getitem__(self, name: str) -> Any:
        return WatchedCollection(self._database[name], self.wrote)


class WatchedCollection:
    def __init__(self, collection: Collection, wrote: asyncio.Event) -> None:
        self._collection = collection
        self._wrote = wrote

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)

    async def bulk_write(self, operations: Sequence[Any], **options: Any) -> Any:
        done = await self._collection.bulk_write(operations, **options)
        self._wrote.set()
        return done


def _saving(dog: Dog) -> Changes:
    changes = Changes()
    changes.save(dog)
    return changes
