"""Reads by key that are asked for in one turn of the loop share one query."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import asyncpg

from kibble.platform.engines.postgres.connection import Postgres

Rows = list[asyncpg.Record]


class Lookup:
    """One query by key. ``sql`` compares a column with ``ANY($1)`` and selects it first.

    The value that it selects has to equal the key that was asked for.
    """

    def __init__(self, postgres: Postgres, sql: str) -> None:
        self._postgres = postgres
        self._sql = sql
        self._waiting: defaultdict[Any, list[asyncio.Future[Rows]]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    async def all(self, key: object) -> Rows:
        """Return the rows of a key, in the query's order; raises ``Unavailable``."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._start)
        future: asyncio.Future[Rows] = loop.create_future()
        self._waiting[key].append(future)
        return await future

    async def one(self, key: object) -> asyncpg.Record | None:
        """Return the row of a key, or None; raises ``Unavailable``."""
        rows = await self.all(key)
        return rows[0] if rows else None

    def _start(self) -> None:
        asked, self._waiting = self._waiting, defaultdict(list)
        task = asyncio.get_running_loop().create_task(self._read(asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, asked: dict[Any, list[asyncio.Future[Rows]]]) -> None:
        try:
            found: defaultdict[Any, Rows] = defaultdict(list)
            for row in await self._postgres.fetch(self._sql, list(asked)):
                found[row[0]].append(row)
        except Exception as error:  # noqa: BLE001 - handed to those who asked
            for future in _open(asked):
                future.set_exception(error)
            return
        for key, futures in asked.items():
            for future in futures:
                if not future.done():
                    future.set_result(found[key])


def _open(asked: dict[Any, list[asyncio.Future[Rows]]]) -> list[asyncio.Future[Rows]]:
    return [future for futures in asked.values() for future in futures if not future.done()]
