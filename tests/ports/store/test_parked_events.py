"""What every ``ConsumerStore`` keeps of events that could not be applied, and what is pruned."""

from __future__ import annotations

from dataclasses import replace

from kibble.kernel.clock import to_text
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import StoredReply
from tests.fixtures.doubles import START, FakeClock
from tests.fixtures.kennel import DogStore

PARKED = ParkedEvent(
    consumer="ears",
    topic="dog_events",
    key="rex",
    type="dog.barked",
    event_id="e-1",
    envelope=b'{"\x00": 1}',
    error="Unavailable: no ears",
    attempts=1,
    status="retrying",
    due_at="2026-03-02T15:00:01.000001Z",
    parked_at="2026-03-02T15:00:00.000000Z",
)


async def test_comes_back_as_it_was_parked(store: DogStore) -> None:
    await store.park(PARKED)
    assert await store.parked() == [PARKED]


async def test_comes_oldest_first(store: DogStore) -> None:
    events = [replace(PARKED, event_id=name) for name in ("e-2", "e-1", "e-3")]
    for event in events:
        await store.park(event)
    assert await store.parked() == events


async def test_keeps_its_place_when_it_is_parked_again(store: DogStore) -> None:
    second = replace(PARKED, event_id="e-2")
    again = replace(
        PARKED, error="a bug", attempts=2, status="dead", due_at="2026-03-02T16:00:00.000000Z"
    )
    for event in (PARKED, second, again):
        await store.park(event)
    assert await store.parked() == [again, second]


async def test_is_found_by_consumer_and_status(store: DogStore) -> None:
    dead = replace(PARKED, event_id="e-2", status="dead")
    other = replace(PARKED, consumer="nose")
    for event in (PARKED, dead, other):
        await store.park(event)
    assert await store.parked("ears") == [PARKED, dead]
    assert await store.parked(status="retrying") == [PARKED, other]
    assert await store.parked("ears", "dead") == [dead]
    assert await store.parked("tail") == []


async def test_is_forgotten_once(store: DogStore) -> None:
    await store.park(PARKED)
    assert not await store.unpark("nose", "e-1")
    assert await store.unpark("ears", "e-1")
    assert not await store.unpark("ears", "e-1")
    assert await store.parked() == []


async def test_pruning_forgets_replies_from_before_a_time(
    store: DogStore, clock: FakeClock
) -> None:
    for minute in range(2):
        await store.commit(Changes(), reply=StoredReply(f"k-{minute}", "f", 200, {}, b""))
        clock.advance(60)
    await store.prune(to_text(START.replace(minute=1)))
    assert await store.find_reply("k-0") is None
    assert await store.find_reply("k-1") is not None
