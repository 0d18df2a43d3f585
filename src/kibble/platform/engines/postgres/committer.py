"""Commits that wait at the same time share one statement, if they have the same shape.

While a statement of a shape is under way, further commits of that shape gather for the next one:
the more there is to do, the less each costs. A shared statement that fails took no effect; it is
split in halves until those that were overtaken are alone with their error.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.postgres.clause import Shape, Writes, arguments, statement
from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.errors import LostRace

MAX_BATCH = 128
LANES = 2
"""How many statements of one shape are under way at once: one at work, one on its way."""
RACES = 3
"""How often a statement is run again that the server undid for another's sake."""


class _Waiting(NamedTuple):
    writes: Writes
    future: asyncio.Future[None]


class _Lane:
    """The commits of one shape: those that wait, and how many statements are under way."""

    __slots__ = ("busy", "starting", "waiting")

    def __init__(self) -> None:
        self.waiting: list[_Waiting] = []
        self.busy = 0
        self.starting = False


class Committer:
    """Runs the statements of one schema."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._lanes: defaultdict[Shape, _Lane] = defaultdict(_Lane)
        self._tasks: set[asyncio.Task[None]] = set()

    async def commit(self, writes: Writes) -> None:
        """Write everything or nothing, durably; raises as ``Store.commit`` does."""
        shape = writes.shape
        if not shape:
            return
        future = asyncio.get_running_loop().create_future()
        lane = self._lanes[shape]
        lane.waiting.append(_Waiting(writes, future))
        self._start_soon(shape, lane)
        await future

    def _start_soon(self, shape: Shape, lane: _Lane) -> None:
        """Start at the end of this turn of the loop, so that whoever commits in it is included."""
        if lane.waiting and lane.busy < LANES and not lane.starting:
            lane.starting = True
            asyncio.get_running_loop().call_soon(self._start, shape, lane)

    def _start(self, shape: Shape, lane: _Lane) -> None:
        lane.starting = False
        batch, lane.waiting = lane.waiting[:MAX_BATCH], lane.waiting[MAX_BATCH:]
        batch = [item for item in batch if not item.future.done()]
        if not batch:
            self._start_soon(shape, lane)
            return
        lane.busy += 1
        task = asyncio.get_running_loop().create_task(self._work(shape, lane, batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, shape: Shape, lane: _Lane, batch: Sequence[_Waiting]) -> None:
        try:
            await self._settle(shape, batch)
        finally:
            lane.busy -= 1
            self._start_soon(shape, lane)

    async def _settle(self, shape: Shape, batch: Sequence[_Waiting]) -> None:
        """Write a batch, and answer everybody in it."""
        try:
            await self._run(shape, batch)
        except Exception as error:  # noqa: BLE001 - handed to those who await their commit
            if len(batch) > 1 and _may_be_of_one(error):
                middle = len(batch) // 2
                await self._settle(shape, batch[:middle])
                await self._settle(shape, batch[middle:])
            else:
                _answer(batch, error)
        else:
            _answer(batch, None)

    async def _run(self, shape: Shape, batch: Sequence[_Waiting]) -> None:
        arrays = arguments(shape, [item.writes for item in batch])
        for races in range(RACES):
            try:
                await self._postgres.run(statement(shape), arrays)
            except LostRace:
                if len(batch) > 1 or races == RACES - 1:
                    raise
            else:
                return


def _may_be_of_one(error: Exception) -> bool:
    """Tell whether the others of a batch might succeed; not so when the server is away."""
    return isinstance(error, LostRace) or not isinstance(error, Unavailable)


def _answer(batch: Sequence[_Waiting], error: Exception | None) -> None:
    for _, future in batch:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
