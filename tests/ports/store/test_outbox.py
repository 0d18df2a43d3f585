"""What every ``Outbox`` promises to relays, of which several may run at once."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

import asyncpg
import msgspec
import pytest

from kibble.kernel.clock import to_text
from kibble.kernel.errors import StaleVersion, Unavailable
from kibble.platform.config import Settings
from kibble.platform.engines.postgres.outbox import SHARDS, SHARE_SECONDS, shard_of
from kibble.platform.messaging.envelope import open_envelope
from kibble.platform.messaging.log import OutboxEvent
from kibble.platform.messaging.relay import Relay
from kibble.platform.persistence.changes import Changes
from tests.fixtures.doubles import START, FakeClock
from tests.fixtures.eventually import eventually
from tests.fixtures.kennel import Barked, Dog, dog_id
from tests.fixtures.kennel.postgres import PostgresDogStore, open_dogs

pytestmark = pytest.mark.engine

PACK = [dog_id(n) for n in range(64)]


@pytest.fixture
async def others(settings: Settings, clock: FakeClock) -> AsyncIterator[list[PostgresDogStore]]:
    """Two more processes of the same service."""
    made = [await open_dogs(settings, clock, seed) for seed in (2, 3)]
    yield made
    for other in made:
        await other.close()


async def bark(store: PostgresDogStore, *barks: tuple[str, str]) -> None:
    changes = Changes()
    for dog, words in barks:
        changes.publish(Barked(dog_id=dog, words=words), 1)
    await store.commit(changes)


async def bark_all(store: PostgresDogStore, words: str = "wuff") -> None:
    await bark(store, *((dog, words) for dog in PACK))


def words_of(event: OutboxEvent) -> str:
    return msgspec.json.decode(open_envelope(event.envelope).data, type=Barked).words


def keys(events: Sequence[OutboxEvent]) -> set[str]:
    return {event.key for event in events}


class TestOneRelay:
    async def test_gets_what_was_committed(self, postgres_store: PostgresDogStore) -> None:
        await bark(postgres_store, (dog_id(), "wuff"))
        (event,) = await postgres_store.pending(10)
        assert (event.topic, event.type, event.key) == ("dog_events", "dog.barked", dog_id())
        assert event.created_at == to_text(START)
        assert open_envelope(event.envelope).partitionkey == dog_id()

    async def test_is_woken_by_a_commit_with_events(self, postgres_store: PostgresDogStore) -> None:
        changes = Changes()
        changes.save(Dog(dog_id(), "Rex"))
        await postgres_store.commit(changes)
        assert not postgres_store.grown.is_set()
        await bark(postgres_store, (dog_id(), "wuff"))
        assert postgres_store.grown.is_set()

    async def test_gets_nothing_of_a_commit_that_was_refused(
        self, postgres_store: PostgresDogStore
    ) -> None:
        changes = Changes()
        changes.save(Dog(dog_id(), "Rex", version=3))
        changes.publish(Barked(dog_id=dog_id(), words="wuff"), 1)
        with pytest.raises(StaleVersion):
            await postgres_store.commit(changes)
        assert await postgres_store.pending(10) == []

    async def test_gets_the_oldest_first_and_no_more_than_it_asked_for(
        self, postgres_store: PostgresDogStore
    ) -> None:
        for number in range(3):
            await bark(postgres_store, *((dog_id(), f"{number}.{n}") for n in range(4)))
        told = [words_of(event) for event in await postgres_store.pending(10)]
        assert told == [f"{number}.{n}" for number in range(3) for n in range(4)][:10]

    async def test_gets_what_was_not_settled_again(self, postgres_store: PostgresDogStore) -> None:
        await bark(postgres_store, (dog_id(), "one"), (dog_id(), "two"))
        first, second = await postgres_store.pending(10)
        await postgres_store.settle([first])
        assert await postgres_store.pending(10) == [second]
        await postgres_store.settle([second])
        await postgres_store.settle([])
        assert await postgres_store.pending(10) == []

    async def test_does_not_miss_what_commits_late_at_an_earlier_place(
        self, postgres_store: PostgresDogStore, settings: Settings
    ) -> None:
        late = await asyncpg.connect(
            settings.postgres_url,
            server_settings={"search_path": f"{settings.namespace}_kennel"},
        )
        transaction = late.transaction()
        await transaction.start()
        await late.execute(
            "INSERT INTO outbox (shard, topic, type, key, created_at, envelope)"
            " VALUES (0, 'dog_events', 'dog.barked', 'late', now(), '')"
        )
        await bark(postgres_store, (dog_id(), "early"))
        early = await postgres_store.pending(10)
        await postgres_store.settle(early)
        await transaction.commit()
        await late.close()
        assert keys(early) == {dog_id()}
        assert keys(await postgres_store.pending(10)) == {"late"}


class TestSeveralRelays:
    async def test_share_the_keys(
        self,
        postgres_store: PostgresDogStore,
        others: list[PostgresDogStore],
        clock: FakeClock,
    ) -> None:
        await bark_all(postgres_store)
        relays = [postgres_store, *others]
        shares: list[set[str]] = []
        for _ in range(3):  # the first one notices the second, and gives up what the third takes
            clock.advance(SHARE_SECONDS)
            shares = [keys(await relay.pending(1_000)) for relay in relays]
        assert sum(len(share) for share in shares) == len(PACK)
        assert set.union(*shares) == set(PACK)
        shards = [len({shard_of(key) for key in share}) for share in shares]
        assert max(shards) <= -(-SHARDS // 3)

    async def test_take_over_from_one_that_died(
        self,
        postgres_store: PostgresDogStore,
        others: list[PostgresDogStore],
        clock: FakeClock,
        settings: Settings,
    ) -> None:
        await bark_all(postgres_store)
        seen = await postgres_store.pending(1_000)
        assert keys(seen) == set(PACK)
        assert await others[0].pending(1_000) == []
        await kill_relay_of(settings)
        clock.advance(SHARE_SECONDS)
        taken = await eventually(lambda: others[0].pending(1_000), within=30)
        assert keys(taken) == set(PACK)

    async def test_fence_off_one_that_was_replaced(
        self,
        postgres_store: PostgresDogStore,
        others: list[PostgresDogStore],
        clock: FakeClock,
        settings: Settings,
    ) -> None:
        await bark_all(postgres_store)
        published = await postgres_store.pending(1_000)
        await kill_relay_of(settings)
        clock.advance(SHARE_SECONDS)
        taken = await eventually(lambda: others[0].pending(1_000), within=30)
        with pytest.raises(Unavailable):
            await postgres_store.settle(published)
        assert await postgres_store.pending(1_000) == []
        await postgres_store.settle(published)  # in a new session, under the tokens of the old one
        clock.advance(SHARE_SECONDS)
        assert keys(await others[0].pending(1_000)) <= keys(taken)
        clock.advance(SHARE_SECONDS)
        left = [*await others[0].pending(1_000), *await postgres_store.pending(1_000)]
        assert keys(left) == set(PACK)

    async def test_go_on_at_once_after_one_that_left(
        self,
        postgres_store: PostgresDogStore,
        others: list[PostgresDogStore],
    ) -> None:
        await bark_all(postgres_store)
        await postgres_store.pending(1)
        await postgres_store.release()
        assert keys(await others[0].pending(1_000)) == set(PACK)

    async def test_own_again_after_their_connection_was_lost(
        self, postgres_store: PostgresDogStore, settings: Settings
    ) -> None:
        await bark_all(postgres_store)
        await postgres_store.pending(1)
        await kill_relay_of(settings)
        with pytest.raises(Unavailable):
            await postgres_store.pending(1)
        assert keys(await postgres_store.pending(1_000)) == set(PACK)

    async def test_bring_every_event_once_and_in_order_while_relays_come_and_go(
        self,
        postgres_store: PostgresDogStore,
        others: list[PostgresDogStore],
        clock: FakeClock,
    ) -> None:
        log: dict[str, list[str]] = defaultdict(list)
        stores = [postgres_store, *others]
        relays = [Relay(store, _Recorder(log), clock) for store in stores]
        expected = [f"{n}" for n in range(20)]

        async def speak(dog: str) -> None:
            for words in expected:
                await bark(postgres_store, (dog, words))

        async def relay(index: int) -> None:
            for turn in range(30):
                await relays[index].step()
                clock.advance(SHARE_SECONDS)
                if turn % 7 == index:
                    await stores[index].release()
                await asyncio.sleep(0)

        await asyncio.gather(*(speak(dog) for dog in PACK[:16]), *(relay(n) for n in range(3)))
        while any([await each.step() for each in relays]):
            clock.advance(SHARE_SECONDS)
        for store in others:
            await store.release()
        clock.advance(SHARE_SECONDS)
        while await relays[0].step():
            pass
        assert {key: told for key, told in log.items() if told != expected} == {}
        assert log.keys() == set(PACK[:16])


class _Recorder:
    """A broker that writes down what it gets, by key."""

    def __init__(self, log: dict[str, list[str]]) -> None:
        self._log = log

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        for event in events:
            self._log[event.key].append(words_of(event))


async def kill_relay_of(settings: Settings) -> None:
    """End the session that holds shards, from outside."""
    connection = await asyncpg.connect(
        settings.postgres_url, server_settings={"search_path": f"{settings.namespace}_kennel"}
    )
    try:
        killed = await connection.fetchval(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM (SELECT DISTINCT pid FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = 'relay_fences'::regclass AND objid = 0) p"
        )
    finally:
        await connection.close()
    assert killed == 1
