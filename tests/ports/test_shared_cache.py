"""What the cache that processes share does, with Redis there, slow, and gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis

from kibble.platform.clock import SystemClock
from kibble.platform.engines.redis import RedisCache
from tests.fixtures.engines import Space, StartServer, start_server
from tests.fixtures.eventually import eventually
from tests.fixtures.spaces.redis import redis

__all__ = ["redis", "start_server"]

pytestmark = pytest.mark.engine

PATIENT = 5.0
"""A deadline that a busy machine keeps."""

_namespaces = count()


@pytest.fixture
def namespace(redis: Space) -> str:
    return f"{redis.namespace}_{next(_namespaces)}"


@pytest.fixture
async def cache(redis: Space, namespace: str) -> AsyncIterator[RedisCache]:
    made = RedisCache(redis.url, namespace, SystemClock(), PATIENT)
    yield made
    await made.close()


@pytest.fixture
async def other(redis: Space, namespace: str) -> AsyncIterator[RedisCache]:
    """Another process's cache."""
    made = RedisCache(redis.url, namespace, SystemClock(), PATIENT)
    yield made
    await made.close()


async def test_gives_back_what_was_put_to_every_process(
    cache: RedisCache, other: RedisCache
) -> None:
    cache.put("a", b"1", 60)
    cache.put("b", b"\x00\xff", 60)
    assert await cache.get(["a", "b", "c"]) == {"a": b"1", "b": b"\x00\xff"}
    assert await other.get(["b", "a"]) == {"a": b"1", "b": b"\x00\xff"}
    assert await cache.get([]) == {}


async def test_keeps_what_is_there(cache: RedisCache) -> None:
    cache.put("a", b"first", 60)
    assert await cache.get(["a"]) == {"a": b"first"}
    cache.put("a", b"second", 60)
    assert await cache.get(["a"]) == {"a": b"first"}


async def test_forgets_at_once_and_takes_nothing_from_a_slow_reader(
    cache: RedisCache, other: RedisCache
) -> None:
    cache.put("a", b"old", 60)
    assert await cache.get(["a"]) == await other.get(["a"]) == {"a": b"old"}
    cache.forget(["a", "never there"])
    assert await cache.get(["a"]) == {}
    other.put("a", b"old", 60)
    assert await other.get(["a"]) == {}


async def test_ends_by_itself(cache: RedisCache) -> None:
    cache.put("a", b"1", 0.05)
    await eventually(lambda: cache.get(["a"]), until=lambda found: not found)


async def test_answers_many_that_ask_at_once(cache: RedisCache) -> None:
    for number in range(50):
        cache.put(str(number), str(number).encode(), 60)
    found = await asyncio.gather(*(cache.get([str(n), "1"]) for n in range(50)))
    assert all(one == {str(n): str(n).encode(), "1": b"1"} for n, one in enumerate(found))


async def test_one_turn_of_the_loop_is_one_question(cache: RedisCache, redis: Space) -> None:
    cache.put("0", b"x", 60)
    await cache.get(["0"])
    async with Redis.from_url(redis.url) as client, client.monitor() as monitor:
        await asyncio.gather(*(cache.get([str(number)]) for number in range(20)))
        seen = (await monitor.next_command())["command"]
        while "MGET" not in seen or cache_name(cache) not in seen:
            seen = (await monitor.next_command())["command"]
    assert seen.count(cache_name(cache)) == 20


def cache_name(cache: RedisCache) -> str:
    return cache._namespace  # noqa: SLF001 - to know its own questions from others' on the server


class TestRedisGone:
    async def test_has_nothing_and_costs_nothing(self, start_server: StartServer) -> None:
        server = start_server("redis")
        cache = RedisCache(server.url, "t", SystemClock(), PATIENT)
        cache.put("a", b"1", 60)
        assert await cache.get(["a"]) == {"a": b"1"}
        await server.kill()
        assert await cache.get(["a"]) == {}
        for _ in range(1_000):
            assert await asyncio.wait_for(cache.get(["a"]), 1) == {}
        await cache.close()

    async def test_forgets_what_changed_meanwhile_before_it_reads_again(
        self, start_server: StartServer
    ) -> None:
        server = start_server("redis")
        cache = RedisCache(server.url, "t", SystemClock(), 0.5)
        cache.put("a", b"old", 600)
        assert await cache.get(["a"]) == {"a": b"old"}
        server.freeze()
        assert await cache.get(["a"]) == {}
        cache.forget(["a"])
        server.thaw()
        cache_is_back = RedisCache(server.url, "t", SystemClock(), PATIENT)
        await eventually(lambda: cache_is_back.get(["a"]), until=lambda found: not found)
        assert await cache.get(["a"]) == {}
        await cache.close()
        await cache_is_back.close()
