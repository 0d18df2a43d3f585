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
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from kibble.kernel.errors import Unavailable
from kibble.platform.telemetry.watched import Figure, watch

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

    __slots__ = ("error", "future", "result", "then", "work")

    def __init__(
        self,
        work: Callable[[sqlite3.Connection], T],
        future: asyncio.Future[T],
        then: Callable[[], None] | None,
    ) -> None:
        self.work = work
        self.future = future
        self.then = then
        self.result: T | None = None
        self.error: BaseException | None = None

    @property
    def is_awaited(self) -> bool:
        """Tell whether there is somebody to answer: not a cancelled caller, nor an ended loop."""
        return not (self.future.done() or self.future.get_loop().is_closed())

    def settle(self) -> None:
        if not self.is_awaited:
            return
        if self.error is None:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set together with error=None
        else:
            self.future.set_exception(self.error)


_Commit: TypeAlias = tuple[list[_Write[Any]], asyncio.AbstractEventLoop]
"""A batch whose statements have run, and the loop that waits for its commit."""


class Database:
    """An open SQLite file, used by one event loop at a time.

    A loop that ends, or a caller that is cancelled, holds up nobody: the next write takes over what
    was left. ``inline`` commits in the loop too, for the simulator: the order of everything is then
    that of the calls.
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
        self._under_way: list[_Write[Any]] = []
        self._driver: asyncio.AbstractEventLoop | None = None
        self._commits: queue.SimpleQueue[_Commit | None] = queue.SimpleQueue()
        self._committed = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False
        watch(self)

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        yield Figure("kibble_waiting_writes", (self.path.stem,), len(self._waiting))

    def connect(self) -> sqlite3.Connection:
        """Return a new connection with the file's settings; the caller closes it."""
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._durability.value}")
        connection.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten: an erased person is not to be found in free pages.
        connection.execute("PRAGMA secure_delete = ON")
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

    async def write(
        self, work: Callable[[sqlite3.Connection], T], *, then: Callable[[], None] | None = None
    ) -> T:
        """Run ``work`` in a transaction and return its result once that is durable.

        ``work`` may be run again before it is answered, so it must only write to the connection.
        Whatever it raises undoes its own writes alone, and is raised here. ``then`` is called in
        the loop after the commit, also when the caller was cancelled meanwhile; a write whose
        caller is cancelled before it began is not made. Raises ``Unavailable`` when the file
        cannot be written (disk full, locked by another process) or was closed.
        """
        if self._closed:
            raise _closed()
        loop = asyncio.get_running_loop()
        item = _Write(work, loop.create_future(), then)
        self._waiting.append(item)
        if self._driver is not loop:
            self._drive(loop)
        result: T = await item.future
        return result

    def _drive(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have ``loop`` go on, unless another one does: one that runs, in a thread of its own.

        When a loop ended in the middle of a round, its commit is waited for: it is in the thread.
        """
        if self._driver is not None and self._driver.is_running():
            return
        if self._under_way:
            self._committed.wait()
            self._answer()
        self._driver = loop
        loop.call_soon(self._start, loop)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run all writes that wait in one transaction, and have it committed."""
        if self._driver is not loop or self._under_way or self._closed:
            return
        batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        self._under_way = [item for item in batch if item.is_awaited]
        try:
            if self._under_way and self._run(loop):
                return
        except BaseException as error:
            _fail(self._writer, self._under_way, error)
            self._finish(loop)
            raise
        self._finish(loop)

    def _run(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Run the batch that is under way; tell whether the thread commits it."""
        if not _run_all(self._writer, self._under_way):
            return False
        if self._inline:
            _commit(self._writer, self._under_way)
            return False
        self._hand_over(loop)
        return True

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._thread is None:
            name = f"committer of {self.path.name}"
            thread = threading.Thread(target=self._commit_all, name=name, daemon=True)
            thread.start()
            self._thread = thread
        self._committed.clear()
        self._commits.put((self._under_way, loop))

    def _commit_all(self) -> None:
        while (handed := self._commits.get()) is not None:
            batch, loop = handed
            _commit(self._writer, batch)
            self._committed.set()
            with suppress(RuntimeError):  # the loop has ended: the next one answers, see _drive
                loop.call_soon_threadsafe(self._end, batch, loop)

    def _end(self, batch: list[_Write[Any]], loop: asyncio.AbstractEventLoop) -> None:
        """Finish what the thread has committed, unless another loop, or ``close``, did."""
        if batch is self._under_way:
            self._finish(loop)

    def _finish(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer the writes of a batch, and start on those that came meanwhile."""
        self._driver = loop if self._waiting else None
        if self._waiting:
            loop.call_soon(self._start, loop)
        self._answer()

    def _answer(self) -> None:
        batch, self._under_way = self._under_way, []
        for item in batch:
            item.settle()
        for item in batch:
            if item.then is not None and item.error is None:
                item.then()

    async def shed_log(self) -> None:
        """Take the write-ahead log into the file, and empty it of what was overwritten since."""
        await asyncio.to_thread(self._shed_log)

    def _shed_log(self) -> None:
        connection = self.connect()
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()

    def close(self) -> None:
        """End the commit that is under way, and close the file; what waits is ``Unavailable``."""
        self._closed = True
        if self._thread is not None:
            self._commits.put(None)
            self._thread.join()
            self._thread = None
        self._writer.close()
        self._reader.close()
        left, self._waiting = self._waiting, []
        for item in left:
            item.error = _closed()
            item.settle()
        self._answer()


def _closed() -> Unavailable:
    return Unavailable("The store is closed.")


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
    except Exception as error:  # noqa: BLE001 - handed to the callers; the thread has to live on
        _fail(connection, batch, error)


def _fail(
    connection: sqlite3.Connection, batch: Sequence[_Write[Any]], error: BaseException
) -> None:
    """Undo the whole batch: nothing of it was written."""
    reason = repr(error)
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error as worse:
        reason = f"{reason}, then {worse!r}"
    for item in batch:
        item.error = item.error or Unavailable(f"The store cannot be written: {reason}")


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
