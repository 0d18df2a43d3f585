"""One SQLite file: statements in the event loop, the commit in a thread of its own, group commit.

All writes that wait while a commit is under way share the next transaction, and so one ``fsync``;
one that fails does not take the others with it. A write is answered after its commit. Statements
run in the loop's thread because they hold the interpreter's lock anyway: a thread that runs them
fights for that lock at every step (see docs/decisions/0005).
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
    """An open SQLite file, used by one event loop.

    ``inline`` commits in the loop too, for the simulator: the order of everything is then that of
    the calls.
    """

    def __init__(
        self, path: Path, durability: Durability = Durability.FULL, *, inline: bool = False
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._durability = durability
        self._reader = self.connect()
        self._reader.execute("PRAGMA query_only = ON")
        self._writer = self.connect()
        self._inline = inline
        self._waiting: list[_Write[Any]] = []
        self._committing = False
        self._commits: queue.SimpleQueue[tuple[list[_Write[Any]], asyncio.AbstractEventLoop] | None]
        self._commits = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def connect(self) -> sqlite3.Connection:
        """Return a new connection with the file's settings; the caller closes it."""
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._durability.value}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -8192")
        connection.execute("PRAGMA mmap_size = 268435456")
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

        ``work`` may be run again before it is answered, so it must only write to the connection.
        Whatever it raises undoes its own writes alone, and is raised here. Raises
        ``Unavailable`` when the file cannot be written (disk full, locked by another process).
        """
        loop = asyncio.get_running_loop()
        item = _Write(work, loop.create_future())
        self._waiting.append(item)
        if len(self._waiting) == 1 and not self._committing:
            loop.call_soon(self._start, loop)
        result: T = await item.future
        return result

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run all writes that wait in one transaction, and have it committed."""
        batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        if not batch:
            return
        self._committing = True
        if not _run_all(self._writer, batch):
            self._finish(batch, loop)
        elif self._inline:
            _commit(self._writer, batch)
            self._finish(batch, loop)
        else:
            self._hand_over(batch, loop)

    def _hand_over(self, batch: list[_Write[Any]], loop: asyncio.AbstractEventLoop) -> None:
        if self._thread is None:
            name = f"committer of {self.path.name}"
            self._thread = threading.Thread(target=self._commit_all, name=name, daemon=True)
            self._thread.start()
        self._commits.put((batch, loop))

    def _commit_all(self) -> None:
        while (handed := self._commits.get()) is not None:
            batch, loop = handed
            _commit(self._writer, batch)
            loop.call_soon_threadsafe(self._finish, batch, loop)

    def _finish(self, batch: Sequence[_Write[Any]], loop: asyncio.AbstractEventLoop) -> None:
        """Answer the writes of a batch, and start on those that came meanwhile."""
        self._committing = False
        for item in batch:
            item.settle()
        if self._waiting:
            loop.call_soon(self._start, loop)

    def close(self) -> None:
        """End the commit that is under way, and close the file; no write may wait any more."""
        if self._thread is not None:
            self._commits.put(None)
            self._thread.join()
            self._thread = None
        self._writer.close()
        self._reader.close()


def _run_all(connection: sqlite3.Connection, batch: Sequence[_Write[Any]]) -> bool:
    """Run a batch in a transaction that is left open; False when the file cannot be written.

    A batch in which a write fails is undone and run again with a savepoint around each write:
    savepoints cost two statements a write, and failures are rare.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        if not _run_together(connection, batch):
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            for item in batch:
                _run_alone(connection, item)
    except sqlite3.Error as error:
        _fail(connection, batch, error)
        return False
    return True


def _run_together(connection: sqlite3.Connection, batch: Sequence[_Write[Any]]) -> bool:
    """Run all writes of a batch; False as soon as one fails."""
    for item in batch:
        try:
            item.result = item.work(connection)
        except sqlite3.OperationalError:
            raise
        except Exception:  # noqa: BLE001 - told to its caller when it is run alone
            return False
    return True


def _commit(connection: sqlite3.Connection, batch: Sequence[_Write[Any]]) -> None:
    try:
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        _fail(connection, batch, error)


def _fail(
    connection: sqlite3.Connection, batch: Sequence[_Write[Any]], error: sqlite3.Error
) -> None:
    """Undo the whole batch: nothing of it was written."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    for item in batch:
        item.error = item.error or Unavailable(f"The store cannot be written: {error}")


def _run_alone(connection: sqlite3.Connection, item: _Write[Any]) -> None:
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
