"""What every ``Claims`` does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from kibble.platform.config import Settings
from kibble.platform.engines.postgres import PostgresClaims, PostgresStore, open_postgres
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.claims import Claims, LocalClaims
from tests.fixtures import kennel
from tests.fixtures.doubles import START, FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.spaces.postgres import postgres

__all__ = ["postgres"]

UNTIL = START + timedelta(seconds=30)
LATER = UNTIL + timedelta(seconds=30)


@pytest.fixture
async def store(postgres: Space) -> AsyncIterator[PostgresStore]:
    settings = Settings(postgres_url=postgres.url, namespace=f"{postgres.namespace}_claims")
    opened = await open_postgres(settings, "kennel", kennel.__name__)
    clock = FakeClock()
    made = PostgresStore(opened, EnvelopeMaker("kennel", clock, fake_ids(clock)), {})
    await opened.execute("DELETE FROM claims")
    yield made
    await made.close()


@pytest.fixture(params=["in one process", pytest.param("postgres", marks=pytest.mark.engine)])
def claims(request: pytest.FixtureRequest) -> Claims:
    if request.param == "in one process":
        return LocalClaims()
    store: PostgresStore = request.getfixturevalue("store")
    return PostgresClaims(store.postgres, "one")


async def test_one_of_those_that_ask_at_once_gets_it(claims: Claims) -> None:
    taken = await asyncio.gather(*(claims.take("walk", START, UNTIL) for _ in range(20)))
    assert taken.count(True) == 1


async def test_another_key_is_free(claims: Claims) -> None:
    assert await claims.take("walk", START, UNTIL)
    assert await claims.take("feed", START, UNTIL)


async def test_it_ends_when_it_is_given_back(claims: Claims) -> None:
    assert await claims.take("walk", START, UNTIL)
    assert await claims.take("feed", START, UNTIL)
    await claims.give_back(["walk", "never taken"])
    assert await claims.take("walk", START, UNTIL)
    assert not await claims.take("feed", START, UNTIL)


async def test_it_ends_by_itself_at_its_time(claims: Claims) -> None:
    assert await claims.take("walk", START, UNTIL)
    assert not await claims.take("walk", UNTIL - timedelta(microseconds=1), LATER)
    assert await claims.take("walk", UNTIL, LATER)
    assert not await claims.take("walk", UNTIL, LATER)


@pytest.mark.engine
class TestOfSeveralProcesses:
    async def test_a_claim_keeps_the_others_off(self, store: PostgresStore) -> None:
        one, other = (PostgresClaims(store.postgres, name) for name in ("one", "other"))
        assert await one.take("walk", START, UNTIL)
        assert not await other.take("walk", START, UNTIL)

    async def test_nobody_gives_back_what_another_has(self, store: PostgresStore) -> None:
        paused, other = (PostgresClaims(store.postgres, name) for name in ("paused", "other"))
        assert await paused.take("walk", START, UNTIL)
        assert await other.take("walk", UNTIL, LATER)
        await paused.give_back(["walk"])
        assert not await paused.take("walk", UNTIL, LATER)

    async def test_the_claims_of_the_dead_are_swept_up(self, store: PostgresStore) -> None:
        claims = PostgresClaims(store.postgres, "dead")
        assert await claims.take("walk", START, UNTIL)
        assert await claims.take("feed", START, LATER)
        await store.prune((UNTIL + timedelta(seconds=1)).isoformat())
        rows = await store.postgres.fetch("SELECT key FROM claims")
        assert [row["key"] for row in rows] == ["feed"]
