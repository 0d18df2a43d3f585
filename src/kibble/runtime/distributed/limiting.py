"""Rate limits that all processes of a shop share, over Redis.

A process takes a caller's cells in small advances, so that most requests cost no round trip; what
it took and did not use ends after a second. So with R processes a caller gets at most R - 1
advances too few, 2 % of the burst each, and never too many. While Redis is away each process
counts for itself: browsing goes on, and guessing stays limited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kibble.gateway.limits import MAX_CALLERS, Limiter, Policy, Verdict, verdict
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable

ADVANCES = 50
"""How many advances a burst has."""
ADVANCE_SECONDS = 1.0


class Taken(Protocol):
    """How many cells were taken, and how many seconds of the burst are left after that."""

    @property
    def count(self) -> int:
        """The cells."""
        ...

    @property
    def spare(self) -> float:
        """The seconds."""
        ...


class Cells(Protocol):
    """The cells that all processes take from."""

    async def take(self, key: str, wanted: int, *, interval: float, tolerance: float) -> Taken:
        """Take up to ``wanted`` cells; raises ``Unavailable``."""
        ...


@dataclass(slots=True)
class _Advance:
    """Cells that are paid for until ``until``; or none, which the caller is told until then."""

    left: int
    spare: float
    until: float


class SharedLimiter:
    """Implements ``RateLimiter`` for all processes."""

    def __init__(self, policy: Policy, cells: Cells, clock: Clock) -> None:
        self._policy = policy
        self._cells = cells
        self._clock = clock
        self._interval = 1.0 / policy.per_second
        self._tolerance = self._interval * policy.burst
        self._wanted = max(1, policy.burst // ADVANCES)
        self._advances: dict[str, _Advance] = {}
        self._alone = Limiter(policy, clock)

    async def check(self, caller: str) -> Verdict:
        """See ``RateLimiter.check``."""
        now = self._clock.monotonic()
        advance = self._advances.get(caller)
        if advance is None or advance.until <= now or (advance.left == 0 and advance.spare >= 0):
            try:
                advance = await self._take(caller, now)
            except Unavailable:
                return await self._alone.check(caller)
        if advance.spare < 0:
            return verdict(self._policy, now - advance.until, 0.0)
        advance.left -= 1
        spare = advance.spare + advance.left * self._interval
        return verdict(self._policy, spare, self._tolerance - spare)

    async def _take(self, caller: str, now: float) -> _Advance:
        taken = await self._cells.take(
            f"{self._policy.name}:{caller}",
            self._wanted,
            interval=self._interval,
            tolerance=self._tolerance,
        )
        if taken.count:
            advance = _Advance(taken.count, max(0.0, taken.spare), now + ADVANCE_SECONDS)
        else:
            advance = _Advance(0, -1.0, now + self._interval - taken.spare)
        self._advances.pop(caller, None)
        if len(self._advances) >= MAX_CALLERS:
            self._advances.pop(next(iter(self._advances)))
        self._advances[caller] = advance
        return advance
