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

CONDITIONAL = {"leases": ("name",), "replies": ("key", "attempt")}
"""Shared tables written on a condition, and their keys: a plain delete is not in order with such
writes, and to truncate a table the server writes all that it has to the disk."""
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
    await asyncio.gather(
        _close_warehouses(session),
        *(_decide_empty(session, table, keys) for table, keys in CONDITIONAL.items()),
        *(_empty(session, table, keys) for table, keys in SHARED.items()),
    )
    depot = CassandraDepot(session)
    await depot.open()
    return depot


async def _close_warehouses(session: DriverSession) -> None:
    rows = await session.read("SELECT shelf, rev, warehouse_id FROM warehouses")
    if rows:
        shelf, rev, _ = rows[0]
        gone = "DELETE FROM warehouses WHERE shelf = ? AND warehouse_id = ?"
        await session.decide(
            ("UPDATE warehouses SET rev = null WHERE shelf = ? IF rev = ?", (shelf, rev)),
            ("DELETE settled FROM warehouses WHERE shelf = ?", (shelf,)),
            *((gone, (shelf, warehouse_id)) for _, _, warehouse_id in rows if warehouse_id),
        )


async def _decide_empty(session: DriverSession, table: str, keys: Sequence[str]) -> None:
    columns, where = _named(keys)
    rows = await session.read(f"SELECT {columns} FROM {table}")  # noqa: S608 - constants
    delete = f"DELETE FROM {table} WHERE {where} IF EXISTS"  # noqa: S608 - constants
    await asyncio.gather(*(session.decide((delete, row)) for row in rows))


def _named(keys: Sequence[str]) -> tuple[str, str]:
    return ", ".join(keys), " AND ".join(f"{key} = ?" for key in keys)


async def _empty(session: DriverSession, table: str, keys: Sequence[str]) -> None:
    columns, where = _named(keys)
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
