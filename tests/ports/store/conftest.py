"""Each store in turn, and the clock that it goes by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from tests.fixtures import kennel
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.kennel import DogStore
from tests.fixtures.kennel.mongodb import MongoDogStore
from tests.fixtures.kennel.postgres import PostgresDogStore, open_dogs
from tests.fixtures.kennel.sqlite import SqliteDogStore
from tests.fixtures.mongo import fresh_database
from tests.fixtures.spaces.mongodb import mongodb
from tests.fixtures.spaces.postgres import postgres

__all__ = ["mongodb", "postgres"]

_schemas = count()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def settings(postgres: Space) -> Settings:
    """Settings that name a schema of the test's own."""
    namespace = f"{postgres.namespace}_{next(_schemas)}"
    return Settings(postgres_url=postgres.url, namespace=namespace)


@pytest.fixture
async def postgres_store(settings: Settings, clock: FakeClock) -> AsyncIterator[PostgresDogStore]:
    made = await open_dogs(settings, clock)
    yield made
    await made.close()


@pytest.fixture
async def sqlite_store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[SqliteDogStore]:
    database = Database(tmp_path / "kennel.db")
    migrate(database, kennel.__name__)
    made = SqliteDogStore(database, EnvelopeMaker("kennel", clock, fake_ids(clock)))
    yield made
    made.close()


@pytest.fixture
async def mongodb_store(mongodb: Space, clock: FakeClock) -> AsyncIterator[MongoDogStore]:
    async with fresh_database(mongodb) as database:
        made = MongoDogStore(database, clock)
        await made.migrate()
        yield made


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.engine),
        pytest.param("mongodb", marks=pytest.mark.engine),
    ]
)
def store(request: pytest.FixtureRequest) -> DogStore:
    """Each store in turn."""
    made: DogStore = request.getfixturevalue(f"{request.param}_store")
    return made
