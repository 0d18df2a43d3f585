"""What every ``Throttle`` does, alone and shared by processes, with Redis there and gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.services.customer.adapters.redis_throttle import RedisThrottle
from kibble.services.customer.adapters.throttle import LocalThrottle
from kibble.services.customer.errors import TooManyTries
from kibble.services.customer.integration import Throttle
from kibble.services.customer.model import Tried
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space, StartServer, start_server
from tests.fixtures.process import free_port
from tests.fixtures.spaces.redis import redis

__all__ = ["StartServer", "redis", "start_server"]

PATIENT = 5.0
"""A deadline that a busy machine keeps."""
SUE = Tried("sue", "10.0.0.1")
_namespaces = count()


def shared(space: Space, namespace: str) -> RedisThrottle:
    ids = Uuid7Ids(SystemClock(), system_randomness())
    return RedisThrottle(space.url, namespace, SystemClock(), ids, PATIENT)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.engine)])
async def throttle(request: Any) -> AsyncIterator[Throttle]:
    if request.param == "memory":
        yield LocalThrottle(FakeClock())
        return
    space: Space = request.getfixturevalue("redis")
    made = shared(space, f"{space.namespace}_tries_{next(_namespaces)}")
    yield made
    await made.close()


@pytest.fixture
async def replicas(redis: Space) -> AsyncIterator[list[RedisThrottle]]:
    namespace = f"{redis.namespace}_tries_{next(_namespaces)}"
    made = [shared(redis, namespace) for _ in range(2)]
    yield made
    for each in made:
        await each.close()


async def allowed(throttle: Throttle, tried: Tried, tries: int) -> int:
    """Return how many of so many tries may be made."""
    made = 0
    for _ in range(tries):
        try:
            await throttle.begin(tried)
        except TooManyTries:
            continue
        made += 1
    return made


async def test_ten_failures_of_an_account_may_be_made(throttle: Throttle) -> None:
    assert await allowed(throttle, SUE, 15) == 10
    with pytest.raises(TooManyTries) as refused:
        await throttle.begin(SUE)
    assert 890 < refused.value.retry_after <= 900


async def test_a_hundred_of_an_address_may_be_made(throttle: Throttle) -> None:
    made = [await allowed(throttle, Tried(f"a{n}", "10.0.0.1"), 1) for n in range(105)]
    assert sum(made) == 100
    assert await allowed(throttle, Tried("a1", "10.0.0.2"), 1) == 1


async def test_a_known_device_counts_for_itself_alone(throttle: Throttle) -> None:
    await allowed(throttle, SUE, 10)
    assert await allowed(throttle, Tried("sue", "10.0.0.1", "laptop"), 15) == 10


async def test_what_was_no_failure_is_taken_back(throttle: Throttle) -> None:
    for _ in range(15):
        await throttle.begin(SUE)
        await throttle.undo(SUE)
    assert await allowed(throttle, SUE, 15) == 10


async def test_an_account_whose_owner_came_in_begins_anew(throttle: Throttle) -> None:
    await allowed(throttle, SUE, 10)
    await throttle.forget("sue")
    assert await allowed(throttle, SUE, 15) == 10


async def test_tries_side_by_side_do_not_slip_through(throttle: Throttle) -> None:
    made = await asyncio.gather(*(allowed(throttle, SUE, 1) for _ in range(30)))
    assert sum(made) == 10


async def test_failures_are_forgotten_after_a_quarter_of_an_hour() -> None:
    clock = FakeClock()
    throttle = LocalThrottle(clock)
    await allowed(throttle, SUE, 10)
    clock.advance(899)
    assert await allowed(throttle, SUE, 1) == 0
    clock.advance(2)
    assert await allowed(throttle, SUE, 15) == 10


@pytest.mark.engine
class TestSharing:
    async def test_processes_allow_together_what_one_does(
        self, replicas: list[RedisThrottle]
    ) -> None:
        tried = [replicas[n % 2] for n in range(30)]
        made = await asyncio.gather(*(allowed(each, SUE, 1) for each in tried))
        assert sum(made) == 10

    async def test_who_comes_in_at_one_is_forgotten_by_its_neighbour(
        self, replicas: list[RedisThrottle]
    ) -> None:
        one, other = replicas
        await allowed(other, SUE, 10)
        assert await allowed(one, SUE, 1) == 0
        await one.forget("sue")
        assert await allowed(other, SUE, 15) == 10


async def test_with_redis_away_a_process_goes_on_counting_by_itself() -> None:
    clock = FakeClock()
    url = f"redis://127.0.0.1:{free_port()}/0"
    throttle = RedisThrottle(url, "none", clock, fake_ids(clock), PATIENT)
    assert await allowed(throttle, SUE, 15) == 10
    clock.advance(901)
    assert await allowed(throttle, SUE, 15) == 10
    await throttle.close()
