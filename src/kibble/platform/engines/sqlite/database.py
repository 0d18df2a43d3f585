"""One SQLite file: reads inline in the event loop, writes by one thread with group commit.

All writes that wait at the same moment share one transaction, and so one ``fsync``; a savepoint
each keeps a failed one from taking the others with it. A write is answered after its commit.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar

from kibble.kernel.errors import Unavailable

T = TypeVar("T")
Row = tuple[Any, ...]

MAX_BATCH = 256


class Durability(Enum):
    """What a commit waits for (https://www.sqlite.org/pragma.html#pragma_synchronous)."""

    FULL = "FULL"
    """Every commit is on disk: survives a power cut. For orders, payments and stock."""
    NORMAL = "NORMAL"
    """Survives a killed process; a power cut may lose the last commits. For what can be rebuilt."""


class _Write(Generic[T]):
    """A write that waits for its turn, and the future that its caller awaits."""

    __slots__ = ("error", "future", "result", "work")

    def __init__(self, work: Callable[[sqlite3.Connection], T], future: asyncio.Future[T]) -> None:
        self.work = work
        self.future = future
        self.result: T | None = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set together with error=None
        else:
            self.future.set_exception(self.error)


class Database:
    """An open SQLite file.

    ``inline`` writes in the event loop instead of a thread, for the simulator and for scripts:
    the order of writes is then that of the calls.
    """

    def __init__(
        self, path: Path, durability: Durability = Durability.FULL, *, inline: bool = False
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._durability = durability
        self._reader = self._connect()
        self._reader.execute("PRAGMA query_only = ON")
        self._inline = self._connect() if inline else None
        self._queue: queue.SimpleQueue[_Write[Any] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._durability.value}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -8192")
        return connection

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query, from the last commit."""
        return self._reader.execute(sql, parameters).fetchall()

    def read_one(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        row: Row | None = self._reader.execute(sql, parameters).fetchone()
        return row

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in a transaction and return its result once that is durable.

        Whatever ``work`` raises undoes its own writes alone, and is raised here. Raises
        ``Unavailable`` when the file cannot be written (disk full, locked by another process).
        """
        item = _Write(work, asyncio.get_running_loop().create_future())
        if self._inline is not None:
            _commit(self._inline, [item])
            item.settle()
        else:
            self._queue.put(item)
            if self._thread is None:
                self._start(asyncio.get_running_loop())
        result: T = await item.future
        return result

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        name = f"writer of {self.path.name}"
        self._thread = threading.Thread(target=self._write_all, args=(loop,), name=name, daemon=True)
        self._thread.start()

    def _write_all(self, loop: asyncio.AbstractEventLoop) -> None:
        connection = self._connect()
        while True:
            batch, more = self._next_batch()
            if batch:
                _commit(connection, batch)
                loop.call_soon_threadsafe(_settle, batch)
            if not more:
                connection.close()
                return

    def _next_batch(self) -> tuple[list[_Write[Any]], bool]:
        """Wait for a write, then take all others that wait; False when the database is closing."""
        item = self._queue.get()
        batch: list[_Write[Any]] = []
        try:
            while item is not None and len(batch) < MAX_BATCH:
                batch.append(item)
                item = self._queue.get_nowait()
        except queue.Empty:
            return batch, True
        if item is not None:
            batch.append(item)
        return batch, item is not None

    def close(self) -> None:
        """Commit what waits, stop the writer, and close the file."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        if self._inline is not None:
            self._inline.close()
        self._reader.close()


def _settle(batch: Sequence[_Write[Any]]) -> None:
    for item in batch:
        item.settle()


def _commit(connection: sqlite3.Connection, batch: Sequence[_Write[Any]]) -> None:
    """Run a batch in one transaction, and note each write's result or error."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for item in batch:
            _run(connection, item)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        failure = Unavailable(f"The store cannot be written: {error}")
        for item in batch:
            item.error = item.error or failure


def _run(connection: sqlite3.Connection, item: _Write[Any]) -> None:
    """Run one write in a savepoint; an error of the file itself fails the whole batch."""
    connection.execute("SAVEPOINT one")
    try:
        item.result = item.work(connection)
    except sqlite3.OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - handed to the caller that awaits the write
        item.error = error
        connection.execute("ROLLBACK TO one")
    connection.execute("RELEASE one")
