"""Shedding: when not all can be answered, what matters least waits, and then is refused.

The shop answers in one loop a process, so whatever one turn of the loop does is what everything in
hand waits for, and an order takes several. ``gateway.turns`` keeps a turn short. Orders are not
held there; they wait while the events of earlier ones are old, and when too many are in hand: how
many are too many is learnt from how long they take.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

from kibble.gateway.flows import Work
from kibble.gateway.turns import Turns
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.watched import Figure, watch

MAX_LAG_SECONDS = 5.0
LOOK_SECONDS = 0.1
RETRY_AFTER = 2

WINDOW_SECONDS = 0.4
SLOW_SECONDS = 1.0
MOST_IN_HAND = 512
LEAST_IN_HAND = 32
START_IN_HAND = 256


class InHand:
    """How many new orders may be worked on at once: more while they are quick, fewer when slow.

    Additive increase, multiplicative decrease, at most once a window.
    """

    def __init__(self) -> None:
        self.count = 0
        self.most = START_IN_HAND
        self._ends = 0.0

    def answered(self, seconds: float, now: float) -> None:
        """Learn from an order that took ``seconds``."""
        if now < self._ends:
            return
        if seconds > SLOW_SECONDS:
            self.most = max(LEAST_IN_HAND, self.most * 4 // 5)
            self._ends = now + WINDOW_SECONDS
        elif self.count * 2 > self.most:
            self.most = min(MOST_IN_HAND, self.most + 8)
            self._ends = now + WINDOW_SECONDS


class Shedder:
    """Lets work in as long as it can be answered in time."""

    def __init__(self, lag_seconds: Callable[[], float], clock: Clock) -> None:
        """``lag_seconds`` tells how old the oldest event is that a consumer has not taken."""
        self._lag_seconds = lag_seconds
        self._clock = clock
        self._lag = 0.0
        self._looked_at = float("-inf")
        self._turns = Turns(clock)
        self._in_hand = InHand()
        watch(self)

    async def admits(self, work: Work) -> bool:
        """Wait for a turn of this class; return False when that takes too long, or would."""
        if self._turns.has_time() or await self._turns.wait(work):
            return True
        metrics.request_shed(work.name.lower())
        return False

    @contextmanager
    def placing(self) -> Generator[None]:
        """Work on a new order; raises ``Unavailable`` when new ones must wait."""
        now = self._clock.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._lag, self._looked_at = self._lag_seconds(), now
        hand = self._in_hand
        if self._lag > MAX_LAG_SECONDS or hand.count >= hand.most:
            metrics.request_shed("placing")
            raise busy()
        hand.count += 1
        try:
            yield
        finally:
            hand.count -= 1
            ended = self._clock.monotonic()
            hand.answered(ended - now, ended)

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        yield Figure("kibble_orders_in_flight", (), self._in_hand.count)
        yield Figure("kibble_orders_in_flight_limit", (), self._in_hand.most)
        for work, count in self._turns.waiting():
            yield Figure("kibble_requests_waiting", (work.name.lower(),), count)


def busy() -> Unavailable:
    """Return what is told to whoever has to come back."""
    return Unavailable("The shop is very busy; try again in a moment.", retry_after=RETRY_AFTER)
