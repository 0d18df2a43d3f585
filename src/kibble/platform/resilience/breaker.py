"""A circuit breaker: stops calling what keeps failing, and probes until it is back.

Opens at half of at least 20 calls failed within 30 s, cools for 10 s, closes after 3 good probes.
"""

from __future__ import annotations

import math
from collections import deque

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable

WINDOW_SECONDS = 30.0
MIN_CALLS = 20
FAILURE_SHARE = 0.5
COOL_SECONDS = 10.0
PROBES = 3


class NotCalled(Unavailable):
    """The breaker is open: nothing was sent; ``retry_after`` is when to try, in seconds."""


class Breaker:
    """The state of one upstream; it counts calls, it does not make them."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._calls: deque[tuple[float, bool]] = deque()
        self._opened_at: float | None = None
        self._probes = 0
        self._failures = 0

    @property
    def is_open(self) -> bool:
        """Tell whether calls are refused right now."""
        return self._cooling_seconds() > 0

    def _cooling_seconds(self) -> float:
        if self._opened_at is None:
            return 0.0
        return self._opened_at + COOL_SECONDS - self._clock.monotonic()

    def check(self) -> None:
        """Raise ``NotCalled`` while the breaker is open."""
        if (left := self._cooling_seconds()) > 0:
            raise NotCalled(
                f"{self.name} keeps failing; not called for now.", retry_after=math.ceil(left)
            )

    def record(self, *, succeeded: bool) -> None:
        """Count a call's outcome; open or close accordingly."""
        now = self._clock.monotonic()
        if self._opened_at is not None:
            self._record_probe(now, succeeded=succeeded)
            return
        self._calls.append((now, succeeded))
        self._failures += not succeeded
        while self._calls[0][0] < now - WINDOW_SECONDS:
            self._failures -= not self._calls.popleft()[1]
        enough = len(self._calls) >= MIN_CALLS
        if enough and self._failures >= FAILURE_SHARE * len(self._calls):
            self._open(now)

    def _record_probe(self, now: float, *, succeeded: bool) -> None:
        if not succeeded:
            self._open(now)
            return
        self._probes += 1
        if self._probes >= PROBES:
            self._opened_at = None
            self._calls.clear()
            self._failures = 0

    def _open(self, now: float) -> None:
        self._opened_at = now
        self._probes = 0
