"""Counts of failures that are this process's own."""

from __future__ import annotations

from collections import deque
from math import ceil

from kibble.kernel.clock import Clock
from kibble.services.customer.errors import TooManyTries
from kibble.services.customer.model import WINDOW_SECONDS, Tried, account_key

MAX_KEYS = 100_000


class LocalThrottle:
    """Implements ``Throttle`` in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

    async def begin(self, tried: Tried) -> None:
        """See ``Throttle.begin``."""
        now = self._clock.monotonic()
        wait = max(self._wait(key, allowed, now) for key, allowed in tried.buckets())
        if wait > 0:
            raise TooManyTries(max(1, ceil(wait)))
        self.count(tried)

    def count(self, tried: Tried) -> None:
        """Count a try that somebody else has allowed."""
        now = self._clock.monotonic()
        for key, allowed in tried.buckets():
            if key not in self._failures and len(self._failures) >= MAX_KEYS:
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(key, deque(maxlen=allowed)).append(now)

    def _wait(self, key: str, allowed: int, now: float) -> float:
        failures = self._failures.get(key)
        if failures is None:
            return 0.0
        while failures and failures[0] <= now - WINDOW_SECONDS:
            failures.popleft()
        if not failures:
            del self._failures[key]
        return failures[-allowed] + WINDOW_SECONDS - now if len(failures) >= allowed else 0.0

    async def undo(self, tried: Tried) -> None:
        """See ``Throttle.undo``."""
        for key, _ in tried.buckets():
            if failures := self._failures.get(key):
                failures.pop()

    async def forget(self, account: str) -> None:
        """See ``Throttle.forget``."""
        self._failures.pop(account_key(account), None)
