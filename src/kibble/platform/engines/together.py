"""Work on one key that arrives together is done together: one conditional write for all of it.

While a batch is under way, what comes for its key waits and becomes the next one. Batches of
different keys run side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kibble.kernel.errors import KibbleError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

MAX_TOGETHER = 64

Result = tuple[Any, KibbleError | None]
"""A value, or the error to raise instead."""


@dataclass(slots=True)
class _Waiting(Generic[T]):
    """A piece of work, and the future that its caller awaits."""

    item: T
    answer: asyncio.Future[Any]

    def settle(self, result: Result) -> None:
        value, error = result
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(value)
        else:
            self.answer.set_exception(error)


@dataclass(slots=True)
class _Line(Generic[T]):
    """What waits for one key, and who works on it."""

    waiting: list[_Waiting[T]] = field(default_factory=list)
    worker: asyncio.Task[None] | None = None


class Together(Generic[K, T]):
    """Calls ``work`` with a key and what waits for it; ``work`` returns a result for each."""

    def __init__(self, work: Callable[[K, Sequence[T]], Awaitable[Sequence[Result]]]) -> None:
        self._work = work
        self._lines: dict[K, _Line[T]] = {}

    async def join(self, key: K, item: T) -> Any:
        """Have ``item`` worked on with others of its key; return its value, or raise its error.

        What ``work`` raises, all of its batch raise. A caller that goes away leaves its item there.
        """
        line = self._lines.setdefault(key, _Line[T]())
        waiting = _Waiting(item, asyncio.get_running_loop().create_future())
        line.waiting.append(waiting)
        if line.worker is None:
            line.worker = asyncio.create_task(self._run(key, line))
        return await waiting.answer

    async def _run(self, key: K, line: _Line[T]) -> None:
        while line.waiting:
            batch, line.waiting = line.waiting[:MAX_TOGETHER], line.waiting[MAX_TOGETHER:]
            await self._run_batch(key, batch)
        del self._lines[key]

    async def _run_batch(self, key: K, batch: Sequence[_Waiting[T]]) -> None:
        try:
            results = await self._work(key, [waiting.item for waiting in batch])
        except Exception as error:  # noqa: BLE001 - handed to the callers that await the work
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        for waiting, result in zip(batch, results, strict=True):
            waiting.settle(result)
