"""Product over each of its stores, and what search needs of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kibble.services.product.adapters.sqlite.search import SqliteProductFeed, SqliteProductScan
from kibble.services.product.repository.search import ProductFeed, ProductScan
from tests.component.product.counter import AnyCounter, Counter
from tests.fixtures.doubles import FakeClock
from tests.fixtures.engines import Space
from tests.fixtures.mongo import fresh_database
from tests.fixtures.mongo_counter import MongoCounter
from tests.fixtures.spaces.mongodb import mongodb

__all__ = ["mongodb"]


@pytest.fixture
def sqlite_counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, FakeClock())
    yield counter
    counter.close()


@pytest.fixture
async def mongodb_counter(tmp_path: Path, mongodb: Space) -> AsyncIterator[MongoCounter]:
    async with fresh_database(mongodb) as database:
        counter = MongoCounter(database, tmp_path, FakeClock())
        await counter.catalogue.migrate()
        yield counter


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.engine)])
def counter(request: pytest.FixtureRequest) -> AnyCounter:
    """Product on each store in turn."""
    made: AnyCounter = request.getfixturevalue(f"{request.param}_counter")
    return made


@pytest.fixture
def feed(counter: AnyCounter) -> ProductFeed:
    if isinstance(counter, MongoCounter):
        return counter.feed
    assert isinstance(counter, Counter)
    return SqliteProductFeed(counter.catalogue)


@pytest.fixture
def scan(counter: AnyCounter) -> ProductScan:
    if isinstance(counter, MongoCounter):
        return counter.scan
    assert isinstance(counter, Counter)
    return SqliteProductScan(counter.catalogue.database)
