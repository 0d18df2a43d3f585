"""The SQLite engine: group commit, isolation of failures, migrations, idempotency records."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from kibble.kernel.errors import StaleVersion, Unavailable
from kibble.platform.engines.sqlite import Database, Durability, SqliteStore, Table, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply
from kibble.services.inventory import adapters
from tests.fixtures.doubles import FakeClock, fake_ids

T = TypeVar("T")


@pytest.fixture(params=[False, True], ids=["threaded", "inline"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with one table, in both modes."""
    database = Database(tmp_path / "x.db", Durability.FULL, inline=request.param)
    connection = database.connect()
    connection.execute("CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT, version INTEGER)")
    connection.close()
    yield database
    database.close()


def _insert(name: str) -> Callable[[sqlite3.Connection], str]:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO notes VALUES (?, '', 1)", (name,))
        return name

    return work


class TestGroupCommit:
    async def test_answers_each_write_with_its_own_result(self, database: Database) -> None:
        names = [f"note {n}" for n in range(600)]
        written = await asyncio.gather(*(database.write(_insert(name)) for name in names))
        assert written == names
        assert database.read_one("SELECT count(*) FROM notes") == (600,)

    async def test_undoes_a_failed_write_and_keeps_its_neighbours(self, database: Database) -> None:
        writes = [database.write(_insert(name)) for name in ("a", "b", "a", "c")]
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [str, str, sqlite3.IntegrityError, str]
        assert database.read("SELECT name FROM notes ORDER BY name") == [("a",), ("b",), ("c",)]

    async def test_is_seen_by_reads_once_it_is_answered(self, database: Database) -> None:
        await database.write(_insert("a"))
        assert database.read_one("SELECT name FROM notes") == ("a",)

    async def test_says_unavailable_when_another_process_holds_the_file(
        self, database: Database, tmp_path: Path
    ) -> None:
        database._writer.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            await database.write(_insert("a"))
        other.execute("ROLLBACK")
        other.close()
        assert await database.write(_insert("a")) == "a"


class TestNobodyWaitsForEver:
    @pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "stopped"])
    @pytest.mark.parametrize("turns", range(1, 6))
    def test_a_loop_that_has_ended_holds_up_no_write_however_far_its_own_had_come(
        self, database: Database, turns: int, *, is_closed: bool
    ) -> None:
        ended = asyncio.new_event_loop()
        left = ended.create_task(database.write(_insert("left")))
        for _ in range(turns):
            ended.call_soon(ended.stop)
            ended.run_forever()
        if is_closed:
            ended.close()
        assert asyncio.run(_soon(database.write(_insert("next")))) == "next"
        kept = set(database.read("SELECT name FROM notes"))
        assert kept - {("left",)} == {("next",)}
        if not is_closed:
            assert ended.run_until_complete(_soon(left)) == "left"
            assert ended.run_until_complete(_soon(database.write(_insert("last")))) == "last"
            ended.close()

    async def test_a_write_that_is_cancelled_before_it_began_is_not_made(
        self, database: Database
    ) -> None:
        cancelled = asyncio.ensure_future(database.write(_insert("cancelled")))
        await asyncio.sleep(0)
        cancelled.cancel()
        assert await _soon(database.write(_insert("next"))) == "next"
        assert database.read("SELECT name FROM notes") == [("next",)]

    async def test_what_follows_a_commit_is_done_though_its_caller_was_cancelled(
        self, database: Database
    ) -> None:
        told: list[str] = []

        def work(connection: sqlite3.Connection) -> None:
            _insert("a")(connection)
            writing.cancel()

        writing = asyncio.ensure_future(database.write(work, then=lambda: told.append("a")))
        with pytest.raises(asyncio.CancelledError):
            await _soon(writing)
        await _soon(database.write(_insert("b")))
        assert (told, database.read_one("SELECT count(*) FROM notes")) == (["a"], (2,))

    async def test_what_follows_a_commit_is_not_done_when_the_write_failed(
        self, database: Database
    ) -> None:
        told: list[str] = []
        await database.write(_insert("a"))
        with pytest.raises(sqlite3.IntegrityError):
            await database.write(_insert("a"), then=lambda: told.append("a"))
        assert told == []

    async def test_a_write_that_breaks_its_transaction_fails_alone_with_its_neighbours(
        self, database: Database
    ) -> None:
        def work(_: sqlite3.Connection) -> None:
            raise asyncio.CancelledError

        writes = [database.write(_insert("neighbour")), database.write(work)]
        outcomes = await _soon(asyncio.gather(*writes, return_exceptions=True))
        assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
        assert await _soon(database.write(_insert("next"))) == "next"
        assert database.read("SELECT name FROM notes") == [("next",)]

    @pytest.mark.parametrize("turns", range(5))
    async def test_closing_answers_all_that_wait(self, database: Database, turns: int) -> None:
        first = asyncio.ensure_future(database.write(_insert("first")))
        for _ in range(turns):
            await asyncio.sleep(0)
        second = asyncio.ensure_future(database.write(_insert("second")))
        await asyncio.sleep(0)
        database.close()
        outcomes = await _soon(asyncio.gather(first, second, return_exceptions=True))
        assert {type(outcome) for outcome in outcomes} <= {str, Unavailable}
        kept = sqlite3.connect(database.path)
        names = [name for (name,) in kept.execute("SELECT name FROM notes ORDER BY rowid")]
        kept.close()
        assert [outcome for outcome in outcomes if isinstance(outcome, str)] == names

    async def test_a_closed_file_says_so(self, database: Database) -> None:
        database.close()
        with pytest.raises(Unavailable):
            await _soon(database.write(_insert("late")))


async def _soon(work: Awaitable[T]) -> T:
    """Return what ``work`` returns; what would wait for ever fails."""
    async with asyncio.timeout(20):
        return await work


class TestTable:
    table = Table("notes", "name", "text")

    async def test_saves_what_is_at_the_version_that_was_read(self, database: Database) -> None:
        await database.write(lambda c: self.table.save(c, ("a", "first"), 0))
        await database.write(lambda c: self.table.save(c, ("a", "second"), 1))
        assert database.read("SELECT * FROM notes") == [("a", "second", 2)]

    @pytest.mark.parametrize("expected", [0, 1, 3])
    async def test_refuses_what_was_changed_or_made_meanwhile(
        self, database: Database, expected: int
    ) -> None:
        await database.write(lambda c: self.table.save(c, ("a", "first"), 0))
        await database.write(lambda c: self.table.save(c, ("a", "second"), 1))
        with pytest.raises(StaleVersion):
            await database.write(lambda c: self.table.save(c, ("a", "third"), expected))
        with pytest.raises(StaleVersion):
            await database.write(lambda c: self.table.delete(c, "a", 1))
        assert database.read("SELECT * FROM notes") == [("a", "second", 2)]


class TestMigrations:
    def test_run_once_and_are_remembered(self, tmp_path: Path) -> None:
        database = Database(tmp_path / "inventory.db")
        for _ in range(2):
            migrate(database, adapters.__name__)
        names = {name for (name,) in database.read("SELECT name FROM migrations")}
        assert {"0001_messaging.sql", "0001_inventory.sql"} <= names
        database.close()

    def test_refuse_a_database_from_the_future(self, tmp_path: Path) -> None:
        database = Database(tmp_path / "inventory.db")
        migrate(database, adapters.__name__)
        connection = database.connect()
        connection.execute(
            "INSERT INTO migrations VALUES (?, '9999_later.sql')", (adapters.__name__,)
        )
        connection.close()
        with pytest.raises(RuntimeError, match="newer"):
            migrate(database, adapters.__name__)
        database.close()


class TestStore:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        """A store without aggregates of its own."""
        database = Database(tmp_path / "s.db")
        migrate(database, adapters.__name__)
        clock = FakeClock()
        yield SqliteStore(database, EnvelopeMaker("test", clock, fake_ids(clock)), {})
        database.close()

    async def test_applies_an_event_once(self, store: SqliteStore) -> None:
        mark = InboxMark("test", "event-1")
        await store.commit(Changes(), inbox=mark)
        with pytest.raises(DuplicateEvent):
            await store.commit(Changes(), inbox=mark)

    async def test_keeps_one_answer_a_key_for_a_day(self, store: SqliteStore) -> None:
        reply = StoredReply("key", "print", 201, {"location": "/x"}, b"{}")
        await store.commit(Changes(), reply=reply)
        with pytest.raises(StaleVersion):
            await store.commit(Changes(), reply=reply)
        assert await store.find_reply("key") == reply
        clock = store._envelopes.clock
        assert isinstance(clock, FakeClock)
        clock.advance(24 * 3600 + 1)
        assert await store.find_reply("key") is None
        await store.commit(Changes(), reply=reply)
