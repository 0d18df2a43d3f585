"""Background work: what runs beside requests and events until the process stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import KibbleError
from kibble.platform.telemetry.watched import Figure, watch

_log = structlog.get_logger()

K = TypeVar("K", bound=Hashable)

LONGEST_PAUSE_SECONDS = 30.0


class Task(Protocol):
    """Something that runs until it is cancelled."""

    name: str

    async def run(self) -> None:
        """Run until cancelled."""
        ...


async def attempt(work: Awaitable[object]) -> BaseException | None:
    """Wait for ``work``; return what it failed with, for those who have to go on after any failure.

    A ``CancelledError`` is such a failure, unless it is this task that is cancelled: work that
    waits for what is cancelled itself (a pool's job, another task) fails with one as well, and a
    task group takes a task that ends so for one that was meant to end.
    """
    try:
        await work
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return error
    except Exception as error:  # noqa: BLE001 - handed to the caller, which logs it and goes on
        return error
    return None


def unexpected(error: BaseException) -> BaseException | None:
    """Return an error whose traceback the log should have: one that is no ``KibbleError``."""
    return None if isinstance(error, KibbleError) else error


@dataclass(slots=True)
class Periodic:
    """Does ``work`` at once, then every ``seconds``; a failure is logged, and it goes on."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]
    clock: Clock

    async def run(self) -> None:
        """See ``Task.run``."""
        while True:
            if error := await attempt(self.work()):
                _log.warning(
                    "periodic work failed",
                    task=self.name,
                    error=repr(error),
                    exc_info=unexpected(error),
                )
            await self.clock.sleep(self.seconds)


class Worker(Generic[K]):
    """Works on keys side by side, each key once at a time, with growing pauses after a failure.

    The store knows what is left to do; the queue only saves looking. ``load`` returns the keys
    that were left by an earlier run; ``submit`` is called after the commit that made new work.
    """

    def __init__(
        self,
        name: str,
        *,
        load: Callable[[], Awaitable[Iterable[K]]],
        work: Callable[[K], Awaitable[object]],
        clock: Clock,
        concurrency: int = 16,
    ) -> None:
        self.name = name
        self._load = load
        self._work = work
        self._clock = clock
        self._concurrency = concurrency
        self._queue: asyncio.Queue[K] = asyncio.Queue()
        self._queued: set[K] = set()
        self._busy: set[K] = set()
        self._again: set[K] = set()
        watch(self)

    def submit(self, key: K) -> None:
        """Have ``key`` worked on; one that is being worked on is looked at once more afterwards."""
        if key in self._busy:
            self._again.add(key)
        elif key not in self._queued:
            self._queued.add(key)
            self._queue.put_nowait(key)

    @property
    def depth(self) -> int:
        """How many keys wait."""
        return self._queue.qsize()

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        yield Figure("kibble_waiting_work", (self.name,), self.depth)

    async def run(self) -> None:
        """See ``Task.run``."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._concurrency):
                group.create_task(self._work_on_all(group))
            group.create_task(self._load_all())

    async def _load_all(self) -> None:
        """Queue what an earlier run has left, as soon as the store tells it."""
        attempts = 0
        while error := await attempt(self._submit_all()):
            _log.warning(
                "work not loaded", task=self.name, error=repr(error), exc_info=unexpected(error)
            )
            attempts += 1
            await self._clock.sleep(_pause(attempts))

    async def _submit_all(self) -> None:
        for key in await self._load():
            self.submit(key)

    async def _work_on_all(self, group: asyncio.TaskGroup) -> None:
        while True:
            key = await self._queue.get()
            self._queued.discard(key)
            self._busy.add(key)
            await self._work_on(key, group, 0)

    async def _work_on(self, key: K, group: asyncio.TaskGroup, attempts: int) -> None:
        if error := await attempt(self._work(key)):
            _log.warning(
                "work failed",
                task=self.name,
                key=str(key),
                error=repr(error),
                exc_info=unexpected(error),
            )
            group.create_task(self._work_on_later(key, group, attempts + 1))
            return
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.submit(key)

    async def _work_on_later(self, key: K, group: asyncio.TaskGroup, attempts: int) -> None:
        await self._clock.sleep(_pause(attempts))
        await self._work_on(key, group, attempts)

    async def drain(self) -> None:
        """Work on everything that is there now, one by one: for tests and one-shot commands."""
        await self._submit_all()
        while not self._queue.empty():
            key = self._queue.get_nowait()
            self._queued.discard(key)
            await self._work(key)


def _pause(attempts: int) -> float:
    """Return how many seconds to wait after so many failures."""
    longest: float = min(0.2 * 2**attempts, LONGEST_PAUSE_SECONDS)
    return longest
