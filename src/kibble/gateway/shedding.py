"""Shedding: what matters least is refused before the shop becomes slow for everybody.

The shop answers in one loop a process, so its queue is in front of the loop, and the time that
the loop comes late is what a request waits there. As long as that stays above a target, the class
of work that matters least is halved, and so on upwards; once it is below, they come back in small
steps, the most important one first. A single stall (a large commit, the garbage collector) is not
a queue: the least lateness of a window counts, and only while the process itself is at work for
a good part of it; on a machine that others keep busy, refusing would make nothing quicker (CoDel,
RFC 8289, section 3.2; classes as in "Overload Control for Scaling WeChat Microservices", SoCC
2018).

New orders wait as well while the events of earlier ones are old, and when too many are in hand:
how many are too many is learnt from how long they take.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from time import process_time

from kibble.gateway.flows import Work
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.watched import Figure, watch

MAX_LAG_SECONDS = 5.0
LOOK_SECONDS = 0.1
RETRY_AFTER = 2

LATE_SECONDS = 0.1
BUSY_SHARE = 0.35
"""Of a core's time: less than a process gets where it competes with one other."""
WINDOW_SECONDS = 0.4
TICK_SECONDS = 0.02
LEAST_SHARE = 0.05
LEAST_CHECKOUT = 0.125
STEP_BACK = 0.1

SLOW_SECONDS = 1.0
MOST_IN_HAND = 512
LEAST_IN_HAND = 32
START_IN_HAND = 256


class Shares:
    """Which share of each class of work is let in."""

    def __init__(self) -> None:
        self._shares = {Work.BATCH: 1.0, Work.BROWSING: 1.0, Work.CHECKOUT: 1.0}
        self._credit = dict.fromkeys(self._shares, 0.0)

    def of(self, work: Work) -> float:
        """Return the share of ``work`` that is let in, from 0 to 1."""
        return self._shares.get(work, 1.0)

    def admits(self, work: Work) -> bool:
        """Tell whether the next request is among its class's share: evenly spread, no dice."""
        share = self._shares.get(work, 1.0)
        if share >= 1.0:
            return True
        self._credit[work] += share
        if self._credit[work] < 1.0:
            return False
        self._credit[work] -= 1.0
        return True

    def shrink(self) -> None:
        """Halve the least important class that is still let in."""
        for work, share in self._shares.items():
            least = LEAST_CHECKOUT if work is Work.CHECKOUT else 0.0
            if share > least:
                half = share / 2
                self._shares[work] = max(least, half if half >= LEAST_SHARE else 0.0)
                return

    def grow(self) -> None:
        """Let in a step more of the most important class that is held back."""
        for work, share in reversed(self._shares.items()):
            if share < 1.0:
                self._shares[work] = min(1.0, share + STEP_BACK)
                return


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

    def __init__(
        self,
        lag_seconds: Callable[[], float],
        clock: Clock,
        cpu_seconds: Callable[[], float] = process_time,
    ) -> None:
        """``lag_seconds`` tells how old the oldest event is that a consumer has not taken.

        ``cpu_seconds`` is how much CPU time the process has used.
        """
        self._cpu_seconds = cpu_seconds
        self._cpu_before = cpu_seconds()
        self._lag_seconds = lag_seconds
        self._clock = clock
        self._lag = 0.0
        self._looked_at = float("-inf")
        self._shares = Shares()
        self._in_hand = InHand()
        self._least = float("inf")
        self._window_began = clock.monotonic()
        watch(self)

    def check(self, work: Work) -> None:
        """Raise ``Unavailable`` when a request of this class must wait."""
        if not self._shares.admits(work):
            metrics.request_shed(work.name.lower())
            raise _busy()

    @contextmanager
    def placing(self) -> Generator[None]:
        """Work on a new order; raises ``Unavailable`` when new ones must wait."""
        now = self._clock.monotonic()
        if now - self._looked_at > LOOK_SECONDS:
            self._lag, self._looked_at = self._lag_seconds(), now
        hand = self._in_hand
        if self._lag > MAX_LAG_SECONDS or hand.count >= hand.most:
            metrics.request_shed("placing")
            raise _busy()
        hand.count += 1
        try:
            yield
        finally:
            hand.count -= 1
            ended = self._clock.monotonic()
            hand.answered(ended - now, ended)

    def late(self, seconds: float) -> None:
        """Learn that the loop came ``seconds`` late to something that was due."""
        now = self._clock.monotonic()
        self._least = min(self._least, seconds)
        if now < self._window_began + WINDOW_SECONDS:
            return
        used = self._cpu_seconds()
        is_busy = used - self._cpu_before > BUSY_SHARE * (now - self._window_began)
        if self._least > LATE_SECONDS and is_busy:
            self._shares.shrink()
        else:
            self._shares.grow()
        self._least = float("inf")
        self._cpu_before, self._window_began = used, now

    async def watch(self) -> None:
        """Measure how late the loop comes, until cancelled."""
        while True:
            began = self._clock.monotonic()
            await self._clock.sleep(TICK_SECONDS)
            self.late(self._clock.monotonic() - began - TICK_SECONDS)

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        yield Figure("kibble_orders_in_flight", (), self._in_hand.count)
        yield Figure("kibble_orders_in_flight_limit", (), self._in_hand.most)
        for work in (Work.BATCH, Work.BROWSING, Work.CHECKOUT):
            yield Figure("kibble_admitted_share", (work.name.lower(),), self._shares.of(work))


def _busy() -> Unavailable:
    return Unavailable("The shop is very busy; try again in a moment.", retry_after=RETRY_AFTER)
