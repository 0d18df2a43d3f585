"""What happens to commits when PostgreSQL fails in the middle of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from kibble.kernel.errors import InvalidInput, Unavailable
from kibble.platform.config import Settings
from kibble.platform.engines.postgres import Postgres
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark, StoredReply
from tests.fixtures.doubles import FakeClock
from tests.fixtures.eventually import eventually
from tests.fixtures.kennel import Barked, Dog, dog_id
from tests.fixtures.kennel.postgres import PostgresDogStore, open_dogs

pytestmark = pytest.mark.engine

REPLY = StoredReply("k", "f", 200, {}, b"")
MARK = InboxMark("ears", "e-1")


@pytest.fixture
async def outside(settings: Settings) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A connection of somebody else."""
    connection = await asyncpg.connect(
        settings.postgres_url, server_settings={"search_path": f"{settings.namespace}_kennel"}
    )
    yield connection
    await connection.close()


async def waiting(outside: asyncpg.Connection[asyncpg.Record], settings: Settings) -> list[int]:
    """Return the sessions of the store that wait for a lock."""
    await outside.execute(
        "SELECT pg_stat_clear_snapshot()"
    )  # else a transaction sees the same again
    rows = await outside.fetch(
        "SELECT pid FROM pg_stat_activity WHERE application_name = $1"
        " AND wait_event_type = 'Lock' AND query LIKE 'WITH%'",
        f"{settings.namespace}_kennel",
    )
    return [pid for (pid,) in rows]


class TestACommitWhoseConnectionIsLost:
    async def test_is_unavailable_and_leaves_nothing(
        self,
        postgres_store: PostgresDogStore,
        outside: asyncpg.Connection[asyncpg.Record],
        settings: Settings,
    ) -> None:
        changes = Changes()
        changes.save(Dog(dog_id(1), "Rex"))
        await postgres_store.commit(changes)
        rex = await postgres_store.dog(dog_id(1))
        assert rex is not None
        transaction = outside.transaction()
        await transaction.start()
        await outside.execute("SELECT * FROM dogs FOR UPDATE")  # it cannot end before this does
        changes = Changes()
        changes.save(Dog(dog_id(2), "Bo", walks=["park"]))
        changes.save(rex)
        changes.publish(Barked(dog_id=dog_id(2), words="wuff"), 1)
        commit = asyncio.create_task(postgres_store.commit(changes, reply=REPLY, inbox=MARK))
        (pid,) = await eventually(lambda: waiting(outside, settings), within=30)
        await outside.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        with pytest.raises(Unavailable):
            await commit
        await transaction.rollback()
        assert await postgres_store.dog(dog_id(2)) is None
        assert await postgres_store.walks(dog_id(2)) == []
        assert await postgres_store.find_reply("k") is None
        assert await postgres_store.pending(10) == []
        await postgres_store.commit(Changes(), inbox=MARK)  # and the mark is not there either

    async def test_is_unavailable_for_all_who_shared_its_statement(
        self,
        postgres_store: PostgresDogStore,
        outside: asyncpg.Connection[asyncpg.Record],
        settings: Settings,
    ) -> None:
        transaction = outside.transaction()
        await transaction.start()
        await outside.execute("LOCK TABLE dogs IN EXCLUSIVE MODE")
        commits = []
        for number in range(10):
            changes = Changes()
            changes.save(Dog(dog_id(number), "Rex"))
            commits.append(asyncio.create_task(postgres_store.commit(changes)))
        (pid,) = await eventually(lambda: waiting(outside, settings), within=30)
        await outside.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        results = await asyncio.gather(*commits, return_exceptions=True)
        assert {type(result) for result in results} == {Unavailable}
        await transaction.rollback()
        assert await outside.fetchval("SELECT count(*) FROM dogs") == 0


async def test_a_store_without_a_server_is_unavailable(settings: Settings) -> None:
    url = "postgresql://kibble:kibble@127.0.0.1:1/kibble"
    with pytest.raises(Unavailable):
        await Postgres(url, settings.namespace).open()


async def test_a_store_reads_and_writes_again_after_all_its_connections_were_lost(
    postgres_store: PostgresDogStore,
    outside: asyncpg.Connection[asyncpg.Record],
    settings: Settings,
) -> None:
    assert await postgres_store.dog(dog_id(1)) is None
    await outside.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1",
        f"{settings.namespace}_kennel",
    )

    async def writes() -> bool:
        changes = Changes()
        changes.save(Dog(dog_id(1), "Rex"))
        try:
            await postgres_store.commit(changes)
        except Unavailable:
            return False
        return True

    await eventually(writes, within=30)
    assert await postgres_store.dog(dog_id(1)) is not None


async def test_text_that_cannot_be_kept_is_refused(postgres_store: PostgresDogStore) -> None:
    good, bad = Changes(), Changes()
    good.save(Dog(dog_id(1), "Rex"))
    bad.save(Dog(dog_id(2), "Re\0x"))
    results = await asyncio.gather(
        postgres_store.commit(good), postgres_store.commit(bad), return_exceptions=True
    )
    assert results[0] is None
    assert isinstance(results[1], InvalidInput)


async def test_processes_that_start_at_once_migrate_once(
    settings: Settings, clock: FakeClock
) -> None:
    stores = await asyncio.gather(*(open_dogs(settings, clock, seed) for seed in range(6)))
    for number, store in enumerate(stores):
        changes = Changes()
        changes.save(Dog(dog_id(number), "Rex"))
        await store.commit(changes)
    assert len(await stores[0].pending(1)) == 0
    for store in stores:
        await store.close()
