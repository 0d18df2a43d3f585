"""The real clock, ids and randomness; the simulator brings its own."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime

from kibble.kernel.clock import Clock
from kibble.kernel.ids import Randomness, uuid7

_RANDOM_BITS = 74
_STEP_BITS = 48
_POOL_BYTES = 4096
"""No millisecond has enough ids to use up the random bits; each stays hard to guess."""


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        """See ``Clock.now``."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See ``Clock.monotonic``."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See ``Clock.sleep``."""
        await asyncio.sleep(seconds)


class Uuid7Ids:
    """Makes UUIDv7 ids that ascend strictly: within a millisecond, each adds to the one before."""

    def __init__(self, clock: Clock, randomness: Randomness) -> None:
        self._clock = clock
        self._randomness = randomness
        self._milliseconds = 0
        self._bits = 0

    def new(self) -> str:
        """See ``IdSource.new``."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        if milliseconds > self._milliseconds:
            self._milliseconds = milliseconds
            self._bits = self._randomness.getrandbits(_RANDOM_BITS - 1)
        else:
            self._bits += 1 + self._randomness.getrandbits(_STEP_BITS)
        return uuid7(self._milliseconds, self._bits)


class SystemRandomness:
    """The operating system's randomness, fetched a few kilobytes at a time."""

    def __init__(self) -> None:
        self._pool = b""
        self._used = 0

    def getrandbits(self, k: int, /) -> int:
        """See ``Randomness.getrandbits``."""
        size = (k + 7) // 8
        end = self._used + size
        if end > len(self._pool):
            self._pool = os.urandom(max(_POOL_BYTES, size))
            self._used, end = 0, size
        bits = int.from_bytes(self._pool[self._used : end], "big")
        self._used = end
        return bits >> (size * 8 - k)

    def random(self) -> float:
        """See ``Randomness.random``."""
        return self.getrandbits(53) / (1 << 53)


def system_randomness() -> Randomness:
    """Return the operating system's randomness."""
    return SystemRandomness()
