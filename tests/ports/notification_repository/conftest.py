"""Each store of messages in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from kibble.platform.config import Settings
from kibble.platform.engines.postgres import ensure_partitions, open_postgres
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.notification import adapters
from kibble.services.notification.adapters.postgres import PARTED, PostgresNotificationRepository
from kibble.services.notification.adapters.sqlite import SqliteNotificationRepository
from tests.fixtures.doubles import START, FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.spaces.postgres import postgres

__all__ = ["postgres"]

Repository = SqliteNotificationRepository | PostgresNotificationRepository

_schemas = count()


def envelopes() -> EnvelopeMaker:
    clock = FakeClock()
    return EnvelopeMaker("notification", clock, fake_ids(clock))


async def on_sqlite(folder: Path, *, inline: bool) -> AsyncIterator[Repository]:
    database = Database(folder / "notification.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    made = SqliteNotificationRepository(database, envelopes())
    yield made
    made.close()


@pytest.fixture
async def sqlite_in_the_loop(tmp_path: Path) -> AsyncIterator[Repository]:
    async for made in on_sqlite(tmp_path, inline=True):
        yield made


@pytest.fixture
async def sqlite_with_its_thread(tmp_path: Path) -> AsyncIterator[Repository]:
    async for made in on_sqlite(tmp_path, inline=False):
        yield made


@pytest.fixture
async def on_postgres(postgres: Space) -> AsyncIterator[Repository]:
    namespace = f"{postgres.namespace}_{next(_schemas)}"
    settings = Settings(postgres_url=postgres.url, namespace=namespace)
    opened = await open_postgres(settings, "notification", adapters.__name__)
    await ensure_partitions(opened, PARTED, START)
    made = PostgresNotificationRepository(opened, envelopes(), "one")
    yield made
    await made.close()


@pytest.fixture(
    params=[
        "sqlite_in_the_loop",
        "sqlite_with_its_thread",
        pytest.param("on_postgres", marks=pytest.mark.engine),
    ]
)
def repository(request: pytest.FixtureRequest) -> Repository:
    """Each store in turn."""
    made: Repository = request.getfixturevalue(request.param)
    return made
