"""Shedding: new orders are refused before the backlog makes everybody slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.platform.telemetry.watched import Figure, watch

MAX_LAG_SECONDS = 5.0
MAX_IN_FLIGHT = 256
LOOK_SECONDS = 0.1


class Shedder:
    """Lets new work in while events are fresh and few requests are in flight."""

    def __init__(self, lag_seconds: Callable[[], float], clock: Clock) -> None:
        self._lag_seconds = lag_seconds
        self._clock = clock
        self._lag = 0.0
        self._looked_at = float("-inf")
        self.in_flight = 0
        watch(self)

    def check(self) -> None:
        """Raise ``Unavailable`` when new work must wait."""
        now = self._clock.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._lag, self._looked_at = self._lag_seconds(), now
        if self._lag > MAX_LAG_SECONDS or self.in_flight >= MAX_IN_FLIGHT:
            raise Unavailable("The shop is very busy; try again in a moment.", retry_after=2)

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        yield Figure("kibble_orders_in_flight", (), self.in_flight)
        yield Figure("kibble_orders_in_flight_limit", (), MAX_IN_FLIGHT)
