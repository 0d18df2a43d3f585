"""Turns: how much of one turn of the event loop new requests may take.

Whatever is ready in a turn of the loop is done before the next, so a crowd that comes at once makes
everything wait that is in hand already. Here new requests have a few milliseconds of a turn; those
that come then wait in a lane of their class, and go one a turn, the most important first, while
orders, commits and events go on between them.

Who waits is refused once that has taken too long, and who comes while the first of its lane waits
that long is refused at once. How long is too long: half a second for a burst, 0.15 s when
somebody has waited at every moment of half a second, since such a queue does not drain (Maurer,
"Fail at Scale", ACM Queue 13(8), 2015, after CoDel, RFC 8289).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from kibble.gateway.flows import Work
from kibble.kernel.clock import Clock

TURN_SECONDS = 0.005
BURST_SECONDS = 0.5
STANDING_SECONDS = 0.15
"""The longest wait of the first of a lane: in a burst, and in a queue that does not drain."""
LANES = (Work.CHECKOUT, Work.BROWSING, Work.BATCH)


class _Waiter(NamedTuple):
    """A request that waits, and since when; its future is True when it has its turn."""

    since: float
    turn: asyncio.Future[bool]


class Turns:
    """Holds new requests back while a turn of the loop has had enough of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lanes = {work: deque[_Waiter]() for work in LANES}
        self._ends: float | None = None
        self._busy_since: float | None = None

    def has_time(self) -> bool:
        """Tell whether a request may go on at once."""
        now = self._clock.monotonic()
        if self._ends is None:
            self._ends = now + TURN_SECONDS
            asyncio.get_running_loop().call_soon(self._next)
            return True
        return self._busy_since is None and now < self._ends

    def wait(self, work: Work) -> asyncio.Future[bool]:
        """Wait for a turn, when there was no time; False when that takes too long, or would."""
        now = self._clock.monotonic()
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        lane = self._lanes[work]
        if lane and now - lane[0].since > self._patience(now):
            turn.set_result(False)
            return turn
        if self._busy_since is None:
            self._busy_since = now
        lane.append(_Waiter(now, turn))
        return turn

    def waiting(self) -> Iterator[tuple[Work, int]]:
        """Yield how many requests of each class wait."""
        return ((work, len(lane)) for work, lane in self._lanes.items())

    def _patience(self, now: float) -> float:
        since = now if self._busy_since is None else self._busy_since
        return STANDING_SECONDS if now - since > BURST_SECONDS else BURST_SECONDS

    def _next(self) -> None:
        """Begin the next turn: let one in, refuse those who have waited in vain."""
        if self._busy_since is None:
            self._ends = None
            return
        asyncio.get_running_loop().call_soon(self._next)
        now = self._clock.monotonic()
        self._let_one_in()
        self._refuse_those_from_before(now - 2 * self._patience(now))
        if not any(self._lanes.values()):
            self._busy_since = None

    def _let_one_in(self) -> None:
        for lane in self._lanes.values():
            while lane:
                turn = lane.popleft().turn
                if not turn.done():
                    turn.set_result(True)
                    return

    def _refuse_those_from_before(self, before: float) -> None:
        for lane in self._lanes.values():
            while lane and lane[0].since < before:
                turn = lane.popleft().turn
                if not turn.done():
                    turn.set_result(False)
