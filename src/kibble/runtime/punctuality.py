"""How late the event loop is: the wait that no single request's time shows."""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.platform.telemetry import metrics

LOOK_SECONDS = 0.5


class LoopWatch:
    """Sleeps over and over, and counts by how much each sleep was too long."""

    name = "loop watch"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def run(self) -> None:
        """See ``Task.run``."""
        while True:
            due = self._clock.monotonic() + LOOK_SECONDS
            await self._clock.sleep(LOOK_SECONDS)
            metrics.loop_was_late(max(0.0, self._clock.monotonic() - due))
