"""A cache in Redis: what is asked for in one turn of the loop is one round trip.

Redis is never waited for longer than a deadline, and its errors reach nobody. After one it is left
alone for a second: a dead Redis costs its callers nothing. What was to be forgotten meanwhile is
remembered, and told before anything is read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kibble.kernel.clock import Clock
from kibble.platform.telemetry.watched import Figure, watch

_log = structlog.get_logger()

DEADLINE_SECONDS = 0.05
REST_SECONDS = 1.0
"""How long Redis is left alone after it failed."""
FORGOTTEN_SECONDS = 2.0
"""How long nothing is kept under a key that was forgotten: longer than a read of a store takes."""
MOST_OWED = 10_000
"""How many keys are remembered that Redis has to forget; values end by themselves as well."""

AT_ONCE = 500
"""How many keys are forgotten in one exchange, so that each keeps the deadline."""

_FAILURES = (RedisError, OSError, TimeoutError)
_GONE = b""


class RedisCache:
    """Implements ``SharedCache`` for the keys that begin with a namespace."""

    def __init__(
        self, url: str, namespace: str, clock: Clock, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._redis: Redis = Redis.from_url(url, max_connections=2, retry=Retry(NoBackoff(), 0))
        self._namespace = namespace
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._wanted: dict[str, list[asyncio.Future[bytes]]] = {}
        self._forgotten: dict[str, None] = {}
        self._puts: dict[str, tuple[bytes, float]] = {}
        self._resting = False
        self._exchanging: asyncio.Task[None] | None = None
        self._asked = self._found = self._not_asked = 0
        watch(self)

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        yield Figure("kibble_shared_cache_reads", ("hit",), self._found)
        yield Figure("kibble_shared_cache_reads", ("miss",), self._asked - self._found)
        yield Figure("kibble_shared_cache_reads", ("away",), self._not_asked)

    async def get(self, keys: Sequence[str]) -> dict[str, bytes]:
        """See ``SharedCache.get``."""
        if self._resting or not keys or len(self._forgotten) > AT_ONCE:
            self._not_asked += len(keys)
            return {}
        futures: dict[str, asyncio.Future[bytes]] = {}
        for key in keys:
            futures[key] = asyncio.get_running_loop().create_future()
            self._wanted.setdefault(key, []).append(futures[key])
        self._start()
        values = await asyncio.gather(*futures.values())
        found = {key: value for key, value in zip(futures, values, strict=True) if value != _GONE}
        self._asked += len(futures)
        self._found += len(found)
        return found

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """See ``SharedCache.put``."""
        if not self._resting and key not in self._forgotten:
            self._puts[key] = (value, seconds)
            self._start()

    def forget(self, keys: Collection[str]) -> None:
        """See ``SharedCache.forget``."""
        for key in keys:
            self._puts.pop(key, None)
            self._forgotten[key] = None
        while len(self._forgotten) > MOST_OWED:
            del self._forgotten[next(iter(self._forgotten))]
        self._start()

    def _start(self) -> None:
        if self._exchanging is None:
            self._exchanging = asyncio.get_running_loop().create_task(self._exchange_all())

    async def _exchange_all(self) -> None:
        """Exchange what has gathered until nothing is left; one at a time keeps the order."""
        try:
            while self._wanted or self._forgotten or self._puts:
                if not await self._exchange():
                    await self._rest()
        finally:
            self._exchanging = None

    async def _exchange(self) -> bool:
        wanted, self._wanted = self._wanted, {}
        forgotten = dict.fromkeys(islice(self._forgotten, AT_ONCE))
        for key in forgotten:
            del self._forgotten[key]
        puts, self._puts = self._puts, {}
        try:
            async with asyncio.timeout(self._deadline_seconds):
                values = await self._send(list(wanted), forgotten, puts)
        except _FAILURES as error:
            _log.warning("cache is away", error=repr(error))
            self._forgotten = forgotten | self._forgotten
            return False
        else:
            _answer(wanted, values)
            return True
        finally:
            _answer(wanted, {})  # whatever happened, nobody is left waiting

    async def _send(
        self,
        wanted: Sequence[str],
        forgotten: Collection[str],
        puts: dict[str, tuple[bytes, float]],
    ) -> dict[str, bytes]:
        pipeline: Any = self._redis.pipeline(transaction=False)
        for key in forgotten:
            pipeline.set(self._name(key), _GONE, px=int(FORGOTTEN_SECONDS * 1000))
        for key, (value, seconds) in puts.items():
            pipeline.set(self._name(key), value, px=max(1, int(seconds * 1000)), nx=True)
        if wanted:
            pipeline.mget([self._name(key) for key in wanted])
        answers = await pipeline.execute()
        found = answers[-1] if wanted else ()
        return {key: value for key, value in zip(wanted, found, strict=True) if value is not None}

    def _name(self, key: str) -> str:
        return f"{self._namespace}:{key}"

    async def _rest(self) -> None:
        """Leave Redis alone for a while; whoever asks meanwhile is told at once that it is away."""
        self._resting = True
        try:
            waiting, self._wanted, self._puts = self._wanted, {}, {}
            _answer(waiting, {})
            # A connection whose answer was not waited for would give it to the next question.
            with suppress(*_FAILURES):
                await self._redis.connection_pool.disconnect(inuse_connections=True)
            await self._clock.sleep(REST_SECONDS)
        finally:
            self._resting = False

    async def close(self) -> None:
        """End the connections; what was to be kept is not kept."""
        if self._exchanging is not None:
            self._exchanging.cancel()
            await asyncio.gather(self._exchanging, return_exceptions=True)
        with suppress(*_FAILURES):
            await self._redis.aclose()


def _answer(wanted: dict[str, list[asyncio.Future[bytes]]], values: dict[str, bytes]) -> None:
    for key, futures in wanted.items():
        for future in futures:
            if not future.done():
                future.set_result(values.get(key, _GONE))
