"""Rate limits by the generic cell rate algorithm: one number per caller, 0.4 us a check.

Headers follow draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from kibble.kernel.clock import Clock

MAX_CALLERS = 100_000


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests a second on average, and at most ``burst`` at once."""

    name: str
    per_second: float
    burst: int

    @property
    def header(self) -> bytes:
        """The RateLimit-Policy header."""
        window = max(1, round(self.burst / self.per_second))
        return f'"{self.name}";q={self.burst};w={window}'.encode()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, how many more may, and in how many seconds all may again."""

    allowed: bool
    remaining: int
    retry_after: int
    header: bytes


class Limiter:
    """One policy's callers."""

    def __init__(self, policy: Policy, clock: Clock) -> None:
        self.policy = policy
        self._clock = clock
        self._interval = 1.0 / policy.per_second
        self._tolerance = self._interval * policy.burst
        self._arrivals: dict[str, float] = {}

    def check(self, caller: str) -> Verdict:
        """Count a request of ``caller``, unless its limit is used up."""
        now = self._clock.monotonic()
        arrival = max(self._arrivals.get(caller, 0.0), now) + self._interval
        spare = self._tolerance - (arrival - now)
        if spare < 0:
            return self._verdict(allowed=False, remaining=0, seconds=-spare)
        if caller not in self._arrivals and len(self._arrivals) >= MAX_CALLERS:
            self._arrivals.pop(next(iter(self._arrivals)))
        self._arrivals[caller] = arrival
        remaining = int(spare / self._interval)
        return self._verdict(allowed=True, remaining=remaining, seconds=arrival - now)

    def _verdict(self, *, allowed: bool, remaining: int, seconds: float) -> Verdict:
        whole = max(1, ceil(seconds))
        header = f'"{self.policy.name}";r={remaining};t={whole}'.encode()
        return Verdict(allowed, remaining, whole, header)
