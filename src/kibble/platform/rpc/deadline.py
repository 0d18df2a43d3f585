"""How long the caller still waits, carried from service to service.

A call made for a request takes no longer than the request has left: work that nobody waits for any
more is not begun. Between processes the time that is left travels, not a moment, since clocks
differ.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from kibble.kernel.clock import Clock

HEADER = "x-kibble-timeout-ms"

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline_in(seconds: float, clock: Clock) -> Generator[None]:
    """Give what runs inside at most ``seconds``, or less if it has less already."""
    wanted = clock.monotonic() + seconds
    outer = _deadline.get()
    token = _deadline.set(wanted if outer is None else min(outer, wanted))
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining_seconds(clock: Clock) -> float | None:
    """Return how long the caller still waits, 0 or less for no longer; None when nobody said."""
    deadline = _deadline.get()
    return None if deadline is None else deadline - clock.monotonic()
