"""Background work goes on, whatever it fails with, until it is cancelled itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.tasks import Periodic, Worker, attempt
from tests.fixtures.doubles import FakeClock
from tests.fixtures.eventually import eventually

FAILURES = [
    Unavailable("The store is away."),
    RuntimeError("a bug"),
    asyncio.CancelledError("a job of somebody's pool"),
]
LONG = 60.0


class Bench:
    """Work that fails as often as it is told to, and what was done of it."""

    def __init__(self, *failures: BaseException) -> None:
        self.clock = FakeClock()
        self.failures = list(failures)
        self.done: list[str] = []

    async def work(self, key: str = "once") -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.done.append(key)

    async def load(self) -> Iterable[str]:
        await self.work("loaded")
        return ["left"]

    async def has_done(self, *keys: str) -> None:
        """Let time pass until these keys were worked on."""

        async def look() -> set[str]:
            self.clock.advance(LONG)
            return set(self.done)

        await eventually(look, until=set(keys).__eq__)


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Have ``work`` done meanwhile, in a group, as the shop does."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        yield task
        task.cancel()


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
async def test_periodic_work_goes_on_after_a_failure(failure: BaseException) -> None:
    bench = Bench(failure)
    async with running(Periodic("test", 1.0, bench.work, bench.clock).run()):
        await bench.has_done("once")


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
async def test_a_worker_tries_a_key_again_and_keeps_all_its_hands(failure: BaseException) -> None:
    bench = Bench(failure, failure)
    worker = Worker("test", load=_nothing, work=bench.work, clock=bench.clock, concurrency=1)
    worker.submit("a")
    worker.submit("b")
    async with running(worker.run()):
        await bench.has_done("a", "b")


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
async def test_a_worker_works_while_what_was_left_cannot_be_loaded_yet(
    failure: BaseException,
) -> None:
    bench, shelf = Bench(), Bench(failure)
    worker = Worker("test", load=shelf.load, work=bench.work, clock=shelf.clock)
    worker.submit("new")
    async with running(worker.run()):
        await bench.has_done("new")
        await shelf.has_done("loaded")
        await bench.has_done("new", "left")


async def test_work_ends_when_it_is_cancelled_itself() -> None:
    forever = asyncio.Event()
    task = asyncio.ensure_future(attempt(forever.wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def _nothing() -> Iterable[str]:
    return []
