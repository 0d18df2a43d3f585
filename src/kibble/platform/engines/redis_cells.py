"""Cells of the generic cell rate algorithm in Redis: one number a key, one script, Redis's clock.

All processes take from the same cells, and none can take more than there is. Redis is never waited
for longer than a deadline; after an error it is left alone for a second.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable

_log = structlog.get_logger()

DEADLINE_SECONDS = 0.05
REST_SECONDS = 1.0

_FAILURES = (RedisError, OSError, TimeoutError)

_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local interval, tolerance, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local taken = math.min(wanted, math.floor((tolerance - (arrival - now)) / interval + 0.000001))
if taken > 0 then
    arrival = arrival + taken * interval
    local life = math.ceil((arrival - now) * 1000) + 1000
    redis.call('SET', KEYS[1], string.format('%.6f', arrival), 'PX', life)
end
return {math.max(taken, 0), string.format('%.6f', tolerance - (arrival - now))}
"""
"""GCRA (ITU-T I.371, virtual scheduling): KEYS[1] has when the next cell would be due."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many cells were taken, and how many seconds of the burst are left after that."""

    count: int
    spare: float


class RedisCells:
    """Takes cells under keys that begin with a namespace."""

    def __init__(
        self, url: str, namespace: str, clock: Clock, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._redis: Redis = Redis.from_url(url, max_connections=32, retry=Retry(NoBackoff(), 0))
        self._script: Any = self._redis.register_script(_TAKE)
        self._namespace = namespace
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._rests_until = float("-inf")

    async def take(self, key: str, wanted: int, *, interval: float, tolerance: float) -> Taken:
        """Take up to ``wanted`` cells of ``interval`` seconds each; raises ``Unavailable``.

        ``tolerance`` is the burst in seconds. Of cells that are lost on the way nobody is told.
        """
        if self._clock.monotonic() < self._rests_until:
            raise Unavailable("Redis is left alone for a moment.")
        try:
            async with asyncio.timeout(self._deadline_seconds):
                count, spare = await self._script(
                    keys=[f"{self._namespace}:rate:{key}"], args=[interval, tolerance, wanted]
                )
        except _FAILURES as error:
            self._rests_until = self._clock.monotonic() + REST_SECONDS
            _log.warning("shared rate limits are away", error=repr(error))
            raise Unavailable("Redis is away.") from error
        return Taken(int(count), float(spare))

    async def close(self) -> None:
        """End the connections."""
        with suppress(*_FAILURES):
            await self._redis.aclose()
