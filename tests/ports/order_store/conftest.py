"""Each store of Order in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from kibble.platform.config import Settings
from kibble.platform.engines.postgres import ensure_partitions, open_postgres
from kibble.platform.engines.sqlite import Database, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.order import adapters
from kibble.services.order.adapters.postgres import PARTED, PostgresOrderStore
from kibble.services.order.adapters.sqlite import SqliteOrderStore
from tests.fixtures.doubles import START, FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.spaces.postgres import postgres

__all__ = ["postgres"]

_schemas = count()


@pytest.fixture
async def postgres_store(postgres: Space) -> AsyncIterator[PostgresOrderStore]:
    settings = Settings(
        postgres_url=postgres.url, namespace=f"{postgres.namespace}_{next(_schemas)}"
    )
    opened = await open_postgres(settings, "order", adapters.__name__)
    await ensure_partitions(opened, PARTED, START)
    clock = FakeClock()
    made = PostgresOrderStore(opened, EnvelopeMaker("order", clock, fake_ids(clock)))
    yield made
    await made.close()


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[SqliteOrderStore]:
    database = Database(tmp_path / "order.db")
    migrate(database, adapters.__name__)
    clock = FakeClock()
    made = SqliteOrderStore(database, EnvelopeMaker("order", clock, fake_ids(clock)))
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engine)])
def store(request: pytest.FixtureRequest) -> SqliteOrderStore | PostgresOrderStore:
    """Each store in turn."""
    made: SqliteOrderStore | PostgresOrderStore
    made = request.getfixturevalue(f"{request.param}_store")
    return made
