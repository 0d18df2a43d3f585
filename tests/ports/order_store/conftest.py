"""Each store of Order in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kibble.services.order import adapters
from kibble.services.order.adapters.postgres import PARTED, PostgresOrderStore
from kibble.services.order.adapters.sqlite import SqliteOrderStore
from tests.fixtures.engines import Space
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.sql_stores import SqlStores

__all__ = ["postgres"]

STORES = SqlStores("order", adapters, SqliteOrderStore, PostgresOrderStore, PARTED)


@pytest.fixture
async def postgres_store(postgres: Space) -> AsyncIterator[PostgresOrderStore]:
    async with STORES.on_postgres(postgres) as made:
        yield made


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[SqliteOrderStore]:
    async with STORES.on_sqlite(tmp_path) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engine)])
def store(request: pytest.FixtureRequest) -> SqliteOrderStore | PostgresOrderStore:
    """Each store in turn."""
    made: SqliteOrderStore | PostgresOrderStore
    made = request.getfixturevalue(f"{request.param}_store")
    return made
