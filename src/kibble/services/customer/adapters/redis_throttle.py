"""Counts of failures in Redis, which all processes of Customer share.

Each process counts by itself as well, and goes by that while Redis is away: a shop whose sign-ins
stopped with its cache could be shut by whoever stops the cache, and one that counted nothing could
be guessed at. N processes then allow up to N times as many tries, for as long as Redis is away.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from hashlib import blake2b
from math import ceil
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.services.customer.adapters.throttle import LocalThrottle
from kibble.services.customer.errors import TooManyTries
from kibble.services.customer.model import WINDOW_SECONDS, Tried, account_key

_log = structlog.get_logger()

DEADLINE_SECONDS = 0.25
"""How long Redis is waited for: little beside the hash of a password that follows."""
REST_SECONDS = 1.0

_FAILURES = (RedisError, OSError, TimeoutError)

_BEGIN = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local window = tonumber(ARGV[1])
local wait = 0
for at, key in ipairs(KEYS) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
    local oldest = redis.call('ZREVRANGE', key, ARGV[at + 2] - 1, ARGV[at + 2] - 1, 'WITHSCORES')
    if oldest[2] then wait = math.max(wait, tonumber(oldest[2]) + window - now) end
end
if wait <= 0 then
    for _, key in ipairs(KEYS) do
        redis.call('ZADD', key, string.format('%.6f', now), ARGV[2])
        redis.call('PEXPIRE', key, math.ceil(window * 1000))
    end
end
return string.format('%.6f', wait)
"""
"""A sorted set a key, of failures by their time; ARGV has the window, the try, what each allows."""


class RedisThrottle:
    """Implements ``Throttle`` for all processes that share a namespace."""

    def __init__(
        self,
        url: str,
        namespace: str,
        clock: Clock,
        ids: IdSource,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._redis: Redis = Redis.from_url(url, max_connections=32, retry=Retry(NoBackoff(), 0))
        self._script: Any = self._redis.register_script(_BEGIN)
        self._namespace = namespace
        self._clock = clock
        self._ids = ids
        self._deadline_seconds = deadline_seconds
        self._own = LocalThrottle(clock)
        self._rests_until = float("-inf")

    async def begin(self, tried: Tried) -> None:
        """See ``Throttle.begin``."""
        buckets = tried.buckets()
        keys = [self._name(key) for key, _ in buckets]
        allowed = [count for _, count in buckets]
        args = [WINDOW_SECONDS, self._ids.new(), *allowed]
        wait = await self._shared(lambda: self._script(keys=keys, args=args))
        if wait is None:
            await self._own.begin(tried)
        elif float(wait) > 0:
            raise TooManyTries(max(1, ceil(float(wait))))
        else:
            self._own.count(tried)

    async def undo(self, tried: Tried) -> None:
        """See ``Throttle.undo``."""
        await self._own.undo(tried)
        for key, _ in tried.buckets():
            await self._shared(lambda key=key: self._redis.zpopmax(self._name(key)))

    async def forget(self, account: str) -> None:
        """See ``Throttle.forget``."""
        await self._own.forget(account)
        await self._shared(lambda: self._redis.delete(self._name(account_key(account))))

    def _name(self, key: str) -> str:
        """Return where a bucket is; not under what was typed, which may be a password or a card."""
        return f"{self._namespace}:tries:{blake2b(key.encode(), digest_size=16).hexdigest()}"

    async def _shared(self, ask: Any) -> Any:
        """Return what Redis answers; None when it is away, and is left alone for a moment."""
        if self._clock.monotonic() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await ask()
        except _FAILURES as error:
            self._rests_until = self._clock.monotonic() + REST_SECONDS
            _log.warning("shared counts of failed sign-ins are away", error=repr(error))
            return None

    async def close(self) -> None:
        """End the connections."""
        with suppress(*_FAILURES):
            await self._redis.aclose()
