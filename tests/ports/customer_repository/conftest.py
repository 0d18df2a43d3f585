"""Every adapter of ``CustomerRepository``: each behaviour is tested on all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.customer import adapters
from kibble.services.customer.adapters.mongodb import MongoCustomerRepository
from kibble.services.customer.adapters.sqlite import SqliteCustomerRepository
from kibble.services.customer.repository import CustomerRepository
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.mongo import fresh_database
from tests.fixtures.spaces.mongodb import mongodb

__all__ = ["mongodb"]


@pytest.fixture
def envelopes() -> EnvelopeMaker:
    clock = FakeClock()
    return EnvelopeMaker("customer", clock, fake_ids(clock))


@pytest.fixture
async def mongodb_repository(
    mongodb: Space, envelopes: EnvelopeMaker
) -> AsyncIterator[MongoCustomerRepository]:
    async with fresh_database(mongodb) as database:
        made = MongoCustomerRepository(database, envelopes)
        await made.migrate()
        yield made


def _sqlite(
    folder: Path, envelopes: EnvelopeMaker, *, inline: bool
) -> Iterator[SqliteCustomerRepository]:
    database = Database(folder / "customer.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    made = SqliteCustomerRepository(database, envelopes)
    yield made
    made.close()


@pytest.fixture
def sqlite_repository(
    tmp_path: Path, envelopes: EnvelopeMaker
) -> Iterator[SqliteCustomerRepository]:
    yield from _sqlite(tmp_path, envelopes, inline=True)


@pytest.fixture
def sqlite_thread_repository(
    tmp_path: Path, envelopes: EnvelopeMaker
) -> Iterator[SqliteCustomerRepository]:
    yield from _sqlite(tmp_path, envelopes, inline=False)


@pytest.fixture(
    params=["sqlite", "sqlite_thread", pytest.param("mongodb", marks=pytest.mark.engine)]
)
def repository(request: pytest.FixtureRequest) -> CustomerRepository:
    """Each adapter in turn."""
    made: CustomerRepository = request.getfixturevalue(f"{request.param}_repository")
    return made
