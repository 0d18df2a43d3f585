"""What the cells of shared rate limits do, with Redis there and gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.clock import SystemClock
from kibble.platform.engines.redis_cells import RedisCells
from tests.fixtures.doubles import FakeClock
from tests.fixtures.engines import Space, StartServer, start_server
from tests.fixtures.process import free_port
from tests.fixtures.spaces.redis import redis

__all__ = ["StartServer", "redis", "start_server"]

PATIENT = 5.0
"""A deadline that a busy machine keeps."""

SLOW = {"interval": 100.0, "tolerance": 1000.0}
"""Ten cells, none of which comes back within a test."""

_namespaces = count()


@pytest.fixture
async def cells(redis: Space) -> AsyncIterator[RedisCells]:
    namespace = f"{redis.namespace}_cells_{next(_namespaces)}"
    made = RedisCells(redis.url, namespace, SystemClock(), PATIENT)
    yield made
    await made.close()


@pytest.mark.engine
class TestRedisCells:
    async def test_gives_each_cell_once_to_racing_takers(self, cells: RedisCells) -> None:
        taken = await asyncio.gather(*(cells.take("a", 1, **SLOW) for _ in range(30)))
        assert sum(one.count for one in taken) == 10

    async def test_gives_what_is_left_of_an_advance(self, cells: RedisCells) -> None:
        counts = [(await cells.take("a", 4, **SLOW)).count for _ in range(4)]
        assert counts == [4, 4, 2, 0]

    async def test_tells_keys_apart(self, cells: RedisCells) -> None:
        await cells.take("a", 10, **SLOW)
        assert (await cells.take("b", 10, **SLOW)).count == 10

    async def test_tells_what_is_left(self, cells: RedisCells) -> None:
        taken = await cells.take("a", 4, **SLOW)
        assert 599.0 < taken.spare <= 601.0


async def test_leaves_a_server_that_is_away_alone_for_a_moment() -> None:
    clock = FakeClock()
    made = RedisCells(f"redis://127.0.0.1:{free_port()}/0", "none", clock, PATIENT)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await made.take("a", 1, **SLOW)
    with pytest.raises(Unavailable, match="left alone"):
        await made.take("a", 1, **SLOW)
    await made.close()
