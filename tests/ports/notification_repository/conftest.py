"""Each store of messages in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from kibble.platform.clock import SystemClock
from kibble.platform.engines.aws.account import AwsAccount
from kibble.platform.engines.aws.dynamodb import DynamoTable
from kibble.services.notification import adapters
from kibble.services.notification.adapters.dynamodb import DynamoNotificationRepository
from kibble.services.notification.adapters.dynamodb_items import INDICES
from kibble.services.notification.adapters.postgres import PARTED, PostgresNotificationRepository
from kibble.services.notification.adapters.sqlite import SqliteNotificationRepository
from tests.fixtures.aws import REGION, Aws
from tests.fixtures.engines import Space
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.sql_stores import SqlStores

__all__ = ["postgres"]

Repository = (
    SqliteNotificationRepository | PostgresNotificationRepository | DynamoNotificationRepository
)
_tables = count()

STORES = SqlStores(
    "notification",
    adapters,
    SqliteNotificationRepository,
    lambda opened, envelopes: PostgresNotificationRepository(opened, envelopes, "one"),
    PARTED,
)


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


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    server.client("dynamodb").list_tables()  # moto loads it at the first call, for a while
    yield server
    server.stop()


@pytest.fixture
async def on_dynamodb(aws: Aws) -> AsyncIterator[Repository]:
    account = AwsAccount(REGION, "key", "secret", aws.endpoint)
    # moto undoes a transaction that fails by putting back the whole of what was there before.
    table = DynamoTable("X", account, f"notifications-{next(_tables)}", threads=1)
    await table.make(INDICES)
    yield DynamoNotificationRepository(table, SystemClock(), "one")
    await table.close()


@pytest.fixture(
    params=[
        "sqlite_in_the_loop",
        "sqlite_with_its_thread",
        "on_dynamodb",
        pytest.param("on_postgres", marks=pytest.mark.engine),
    ]
)
def repository(request: pytest.FixtureRequest) -> Repository:
    """Each store in turn."""
    made: Repository = request.getfixturevalue(request.param)
    return made
