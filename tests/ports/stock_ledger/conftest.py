"""Every adapter of ``StockLedger``: each behaviour is tested on all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest

from kibble.platform.engines.cassandra import DriverSession, migrate
from kibble.services.inventory import adapters
from tests.fixtures.doubles import FakeClock
from tests.fixtures.engines import Space
from tests.fixtures.spaces.cassandra import cassandra
from tests.ports.stock_ledger.depot import CassandraDepot, Depot, SqliteDepot

__all__ = ["cassandra"]

CONDITIONAL = ("warehouses", "leases", "replies")
"""Shared tables written on a condition: a plain delete is not in order with such writes."""
SHARED = {
    "reminders": ("minute",),
    "intents": ("shard", "bucket"),
    "progress": ("name",),
    "relays": ("source",),
    "parked_events": ("shelf",),
    "inbox": ("consumer", "event_id"),
}
"""The others whose rows do not hang on an id of the test's own, and what they are parted by."""


class _RealTime(FakeClock):
    """A clock that really waits: for the lock of a migration."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest.fixture(scope="session")
def session(cassandra: Space) -> Iterator[DriverSession]:
    """A session in a keyspace of its own, for all tests: opening one takes a while."""

    async def opened() -> DriverSession:
        session = await DriverSession.open(cassandra.url, f"{cassandra.namespace}_inventory")
        await migrate(session, _RealTime(), adapters.__name__, "test")
        return session

    session = asyncio.run(opened())
    yield session
    asyncio.run(session.close())


@pytest.fixture
async def cassandra_depot(session: DriverSession) -> CassandraDepot:
    """A depot on Cassandra, with empty tables as far as they are shared."""
    return await fresh_depot(session)


async def fresh_depot(session: DriverSession) -> CassandraDepot:
    for table in CONDITIONAL:
        await session.change_schema(f"TRUNCATE {table}")
    await asyncio.gather(*(_empty(session, table, keys) for table, keys in SHARED.items()))
    depot = CassandraDepot(session)
    await depot.open()
    return depot


async def _empty(session: DriverSession, table: str, keys: Sequence[str]) -> None:
    """Delete what is in a table: to truncate one, the server writes all that it has to the disk."""
    columns = ", ".join(keys)
    where = " AND ".join(f"{key} = ?" for key in keys)
    parts = await session.read(f"SELECT DISTINCT {columns} FROM {table}")  # noqa: S608 - constants
    delete = f"DELETE FROM {table} WHERE {where}"  # noqa: S608 - constants
    await session.write(*((delete, part) for part in parts))


@pytest.fixture(
    params=[
        "sqlite in the loop",
        "sqlite with its thread",
        pytest.param("cassandra", marks=pytest.mark.engine),
    ]
)
def adapter(request: pytest.FixtureRequest) -> DriverSession | str:
    """The name of an adapter on a file, or the session of the one on Cassandra."""
    if request.param == "cassandra":
        session: DriverSession = request.getfixturevalue("session")
        return session
    return str(request.param)


@pytest.fixture
async def depot(adapter: DriverSession | str, tmp_path: Path) -> AsyncIterator[Depot]:
    """Inventory's ledger and service over one adapter."""
    if isinstance(adapter, DriverSession):
        yield await fresh_depot(adapter)
        return
    made = SqliteDepot(tmp_path, inline=adapter == "sqlite in the loop")
    await made.open()
    yield made
    made.close()
