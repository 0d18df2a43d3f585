"""Every adapter of ``CustomerRepository``: each behaviour is tested on all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.customer import adapters
from kibble.services.customer.adapters.mongodb import MongoCustomerRepository
from kibble.services.customer.adapters.sqlite import SqliteCustomerRepository
from kibble.services.customer.repository import CustomerRepository
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.mongo import fresh_database
from tests.fixtures.spaces.mongodb import mongodb

__all__ = ["mongodb"]


@pytest.fixture(
    params=[
        "sqlite in the loop",
        "sqlite with its thread",
        pytest.param("mongodb", marks=pytest.mark.engine),
    ]
)
async def repository(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[CustomerRepository]:
    clock = FakeClock()
    envelopes = EnvelopeMaker("customer", clock, fake_ids(clock))
    if request.param == "mongodb":
        async with fresh_database(request.getfixturevalue("mongodb")) as opened:
            store = MongoCustomerRepository(opened, envelopes)
            await store.migrate()
            yield store
        return
    inline = request.param == "sqlite in the loop"
    database = Database(tmp_path / "customer.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    made = SqliteCustomerRepository(database, envelopes)
    yield made
    made.close()
