"""Each store of shipments in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kibble.services.shipping import adapters
from kibble.services.shipping.adapters.postgres import PostgresShipmentRepository
from kibble.services.shipping.adapters.sqlite import SqliteShipmentRepository
from tests.fixtures.engines import Space
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.sql_stores import SqlStores

__all__ = ["postgres"]

Repository = SqliteShipmentRepository | PostgresShipmentRepository

STORES = SqlStores("shipping", adapters, SqliteShipmentRepository, PostgresShipmentRepository)


@pytest.fixture
async def sqlite_in_the_loop(tmp_path: Path) -> AsyncIterator[Repository]:
    async with STORES.on_sqlite(tmp_path, inline=True) as made:
        yield made


@pytest.fixture
async def sqlite_with_its_thread(tmp_path: Path) -> AsyncIterator[Repository]:
    async with STORES.on_sqlite(tmp_path) as made:
        yield made


@pytest.fixture
async def on_postgres(postgres: Space) -> AsyncIterator[Repository]:
    async with STORES.on_postgres(postgres) as made:
        yield made


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
