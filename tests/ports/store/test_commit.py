"""What every ``Store`` does with a commit."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from kibble.kernel.errors import StaleVersion
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply
from tests.fixtures.doubles import START, FakeClock
from tests.fixtures.kennel import Barked, Dog, DogStore, dog_id

MARK = InboxMark("ears", "0193c1a0-0000-7000-8000-0000000000e1")
REPLY = StoredReply("staff\nPOST\nk-1", "f1", 201, {"Location": "/dogs/1"}, b"{\x00\xff}")
A_DAY = 24 * 3600.0


def rex(number: int = 1, **fields: object) -> Dog:
    return Dog(dog_id(number), "Rex", **fields)  # type: ignore[arg-type]  # fields of a dog


def saving(*dogs: Dog) -> Changes:
    changes = Changes()
    for dog in dogs:
        changes.save(dog)
    return changes


async def saved(store: DogStore, dog: Dog) -> Dog:
    """Save a dog, and return it as it is stored."""
    await store.commit(saving(dog))
    return await stored(store, dog.dog_id)


async def stored(store: DogStore, wanted: str) -> Dog:
    found = await store.dog(wanted)
    assert found is not None
    return found


class TestAggregates:
    async def test_come_back_as_they_were_saved(self, store: DogStore) -> None:
        dog = rex(
            chip="c-1",
            price=9_999_999_999,
            born_at=START + timedelta(microseconds=1),
            traits={"Größe": "klein 🐕", "a": 'b"'},
        )
        assert await saved(store, dog) == dog

    async def test_that_were_never_saved_are_not_there(self, store: DogStore) -> None:
        assert await store.dog(dog_id(9)) is None

    async def test_are_changed_by_the_next_save(self, store: DogStore) -> None:
        dog = await saved(store, rex())
        dog.name, dog.chip, dog.price = "Bo", "c-2", 5
        assert (await saved(store, dog)).version == 2
        assert await stored(store, dog.dog_id) == dog

    async def test_of_one_kind_are_saved_together(self, store: DogStore) -> None:
        first = await saved(store, rex(1))
        first.name = "Bo"
        await store.commit(saving(first, rex(2), rex(3)))
        assert [(await stored(store, dog_id(n))).version for n in (1, 2, 3)] == [2, 1, 1]

    async def test_keep_the_order_of_what_is_added_to_them(self, store: DogStore) -> None:
        places = [f"park {n}" for n in range(20)]
        dog = await saved(store, rex(walks=places[:15]))
        dog.walks = places[15:]
        await store.commit(saving(dog))
        assert await store.walks(dog.dog_id) == places

    async def test_are_gone_once_they_are_removed(self, store: DogStore) -> None:
        dog = await saved(store, rex())
        changes = Changes()
        changes.remove(dog)
        await store.commit(changes)
        assert await store.dog(dog.dog_id) is None


class TestOvertaken:
    async def test_by_a_save(self, store: DogStore) -> None:
        mine, theirs = await saved(store, rex()), await stored(store, dog_id())
        theirs.name = "Bo"
        await store.commit(saving(theirs))
        with pytest.raises(StaleVersion):
            await store.commit(saving(mine))
        assert (await stored(store, dog_id())).name == "Bo"

    async def test_by_another_who_made_it(self, store: DogStore) -> None:
        await store.commit(saving(rex()))
        with pytest.raises(StaleVersion):
            await store.commit(saving(rex()))

    async def test_by_another_who_took_a_unique_value(self, store: DogStore) -> None:
        await store.commit(saving(rex(1, chip="c-1")))
        with pytest.raises(StaleVersion):
            await store.commit(saving(rex(2, chip="c-1")))
        dog = await saved(store, rex(3))
        dog.chip = "c-1"
        with pytest.raises(StaleVersion):
            await store.commit(saving(dog))

    async def test_when_it_removes_what_changed(self, store: DogStore) -> None:
        mine, theirs = await saved(store, rex()), await stored(store, dog_id())
        await store.commit(saving(theirs))
        changes = Changes()
        changes.remove(mine)
        with pytest.raises(StaleVersion):
            await store.commit(changes)
        assert await store.dog(dog_id()) is not None

    async def test_when_it_saves_what_was_removed(self, store: DogStore) -> None:
        mine, theirs = await saved(store, rex()), await stored(store, dog_id())
        changes = Changes()
        changes.remove(theirs)
        await store.commit(changes)
        with pytest.raises(StaleVersion):
            await store.commit(saving(mine))

    async def test_leaves_nothing_of_the_commit(self, store: DogStore) -> None:
        stale = await saved(store, rex(1))
        await store.commit(saving(await stored(store, dog_id(1))))
        changes = saving(rex(2, walks=["park"]), stale)
        with pytest.raises(StaleVersion):
            await store.commit(changes, reply=REPLY, inbox=MARK)
        assert await store.dog(dog_id(2)) is None
        assert await store.find_reply(REPLY.key) is None
        await store.commit(Changes(), inbox=MARK)

    async def test_once_by_fifty_who_saw_the_same(self, store: DogStore) -> None:
        await store.commit(saving(rex()))
        seen = [await stored(store, dog_id()) for _ in range(50)]
        for number, dog in enumerate(seen):
            dog.name = f"Rex {number}"
            dog.walks = [f"park {number}"]
        results = await asyncio.gather(
            *(store.commit(saving(dog)) for dog in seen), return_exceptions=True
        )
        winners = [n for n, result in enumerate(results) if result is None]
        assert len(winners) == 1
        assert sum(isinstance(result, StaleVersion) for result in results) == 49
        found = await stored(store, dog_id())
        assert (found.name, found.version) == (f"Rex {winners[0]}", 2)
        assert await store.walks(dog_id()) == [f"park {winners[0]}"]

    async def test_does_not_take_those_along_who_commit_at_the_same_time(
        self, store: DogStore
    ) -> None:
        await store.commit(saving(rex(0, chip="taken")))
        dogs = [rex(n, chip="taken" if n in (5, 17) else f"c-{n}") for n in range(1, 41)]
        results = await asyncio.gather(
            *(store.commit(saving(dog)) for dog in dogs), return_exceptions=True
        )
        refused = [dog.dog_id for dog, result in zip(dogs, results, strict=True) if result]
        assert refused == [dog_id(5), dog_id(17)]
        assert [d.dog_id for d in dogs if await store.dog(d.dog_id) is None] == refused


class TestInbox:
    async def test_takes_an_event_once(self, store: DogStore) -> None:
        await store.commit(saving(rex(1)), inbox=MARK)
        with pytest.raises(DuplicateEvent):
            await store.commit(saving(rex(2)), inbox=MARK)
        assert await store.dog(dog_id(2)) is None

    async def test_takes_an_event_once_a_consumer(self, store: DogStore) -> None:
        await store.commit(Changes(), inbox=MARK)
        await store.commit(Changes(), inbox=InboxMark("nose", MARK.event_id))

    async def test_tells_of_a_repeat_even_if_the_state_moved_on(self, store: DogStore) -> None:
        dog = await saved(store, rex())
        await store.commit(saving(await stored(store, dog_id())), inbox=MARK)
        with pytest.raises(DuplicateEvent):
            await store.commit(saving(dog), inbox=MARK)

    async def test_takes_an_event_once_of_many_deliveries_at_a_time(self, store: DogStore) -> None:
        results = await asyncio.gather(
            *(store.commit(saving(rex(n)), inbox=MARK) for n in range(20)), return_exceptions=True
        )
        assert sum(result is None for result in results) == 1
        assert sum(isinstance(result, DuplicateEvent) for result in results) == 19


class TestReplies:
    async def test_are_kept_with_the_changes(self, store: DogStore) -> None:
        await store.commit(saving(rex()), reply=REPLY)
        assert await store.find_reply(REPLY.key) == REPLY
        assert await store.find_reply("another") is None

    async def test_are_kept_once_a_key(self, store: DogStore) -> None:
        await store.commit(saving(rex(1)), reply=REPLY)
        with pytest.raises(StaleVersion):
            await store.commit(saving(rex(2)), reply=REPLY)
        assert await store.dog(dog_id(2)) is None

    async def test_are_kept_once_a_key_of_many_at_a_time(self, store: DogStore) -> None:
        results = await asyncio.gather(
            *(store.commit(saving(rex(n)), reply=REPLY) for n in range(20)), return_exceptions=True
        )
        assert sum(result is None for result in results) == 1

    async def test_are_forgotten_after_a_day(self, store: DogStore, clock: FakeClock) -> None:
        await store.commit(Changes(), reply=REPLY)
        clock.advance(A_DAY - 1)
        assert await store.find_reply(REPLY.key) == REPLY
        clock.advance(2)
        assert await store.find_reply(REPLY.key) is None

    async def test_may_take_the_key_of_a_forgotten_one(
        self, store: DogStore, clock: FakeClock
    ) -> None:
        await store.commit(Changes(), reply=REPLY)
        clock.advance(A_DAY + 1)
        again = StoredReply(REPLY.key, "f2", 200, {}, b"")
        await store.commit(Changes(), reply=again)
        assert await store.find_reply(REPLY.key) == again


async def test_a_commit_of_everything_at_once_is_one(store: DogStore) -> None:
    changes = saving(rex(walks=["park"]))
    changes.publish(Barked(dog_id=dog_id(), words="wuff"), 1)
    await store.commit(changes, reply=REPLY, inbox=MARK)
    assert await store.dog(dog_id()) is not None
    assert await store.find_reply(REPLY.key) == REPLY
