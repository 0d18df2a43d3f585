"""What a request that was answered leaves in the queue of Cassandra's driver."""

from __future__ import annotations

import weakref
from collections.abc import Callable

from cassandra.connection import Timer

from kibble.platform.engines.cassandra.session import SparingTimer

SECONDS = 10.0


class Request:
    """Somebody who waits for an answer."""

    def __init__(self) -> None:
        self.is_late = False

    def give_up(self) -> None:
        """Wait no longer."""
        self.is_late = True


class Queue:
    """The driver's timers."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def create(self, timeout: float, callback: Callable[[], None]) -> Timer:
        """Make one, and keep it until it would have rung."""
        self.timers.append(Timer(timeout, callback))
        return self.timers[-1]


def test_a_timer_rings_when_its_time_has_come() -> None:
    queue, request = Queue(), Request()
    SparingTimer(queue.create, SECONDS, request.give_up)
    [timer] = queue.timers
    assert not timer.finish(timer.end - 1)
    assert not request.is_late
    assert timer.finish(timer.end)
    assert request.is_late


def test_a_cancelled_timer_neither_rings_nor_keeps_anything() -> None:
    queue, request = Queue(), Request()
    SparingTimer(queue.create, SECONDS, request.give_up).cancel()
    [timer] = queue.timers
    assert timer.finish(timer.end)
    assert not request.is_late
    kept = weakref.ref(request)
    del request
    assert kept() is None
