"""What an audit log does, on every engine."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from kibble.kernel.errors import Conflict
from kibble.platform.audit.archive import ENTRIES, AuditArchive, MovableLog
from kibble.platform.audit.entry import Act, AuditLog, Wanted, verify
from kibble.platform.config import Settings
from kibble.platform.engines.postgres.audit import PostgresAuditLog
from kibble.platform.engines.sqlite.audit import SqliteAuditLog, audit_archive, audit_path
from tests.fixtures.engines import Space, start_server
from tests.fixtures.spaces.postgres import postgres

__all__ = ["postgres", "start_server"]

_namespaces = count()


@dataclass(frozen=True)
class Held:
    """A log, another process's view of it, and SQL as somebody who has got hold of the engine."""

    log: MovableLog
    other: AuditLog
    attack: Callable[[str], Awaitable[None]]
    disarm: str


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Held]:
    log, other = SqliteAuditLog(audit_path(tmp_path)), SqliteAuditLog(audit_path(tmp_path))

    async def attack(sql: str) -> None:
        with closing(sqlite3.connect(audit_path(tmp_path), isolation_level=None)) as connection:
            connection.execute(sql)

    yield Held(log, other, attack, "DROP TRIGGER {}")
    log.close()
    other.close()


@pytest.fixture
async def on_postgres(postgres: Space) -> AsyncIterator[Held]:
    namespace = f"{postgres.namespace}_audit_{next(_namespaces)}"
    settings = Settings(postgres_url=postgres.url, namespace=namespace)
    log, other = PostgresAuditLog(settings), PostgresAuditLog(settings)

    async def attack(sql: str) -> None:
        connection = await asyncpg.connect(
            postgres.url, server_settings={"search_path": f"{namespace}_audit"}
        )
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    yield Held(log, other, attack, "DROP TRIGGER audit_is_whole ON audit")
    await attack(f'DROP SCHEMA IF EXISTS "{namespace}_audit" CASCADE')
    await log.close()
    await other.close()


@pytest.fixture(params=["sqlite", pytest.param("on_postgres", marks=pytest.mark.engine)])
def held(request: pytest.FixtureRequest) -> Held:
    made: Held = request.getfixturevalue(request.param)
    return made


def act(name: str, actor: str = "sam", at: str = "2026-03-02T15:00:00.000000Z") -> Act:
    return Act(
        act=name,
        at=at,
        actor=actor,
        action="update_product",
        target="/api/products/1",
        outcome="done",
        before={"price": 1},
        after={"price": 2.5, "name": "Brötchen"},
    )


async def test_gives_back_what_was_written_newest_first(held: Held) -> None:
    for name in ("a", "b", "c"):
        await held.log.append(act(name))
    page = await held.other.find(Wanted(limit=2))
    assert [entry.act for entry in page.items] == [act("c"), act("b")]
    assert page.cursor is not None
    rest = await held.other.find(Wanted(below=page.items[-1].sequence))
    assert [entry.act.act for entry in rest.items] == ["a"]


async def test_finds_by_who_what_where_and_when(held: Held) -> None:
    later = "2026-03-02T16:00:00.000000Z"
    await held.log.append(act("a"))
    await held.log.append(act("b", actor="alex", at=later))
    for wanted, expected in (
        (Wanted(actor="alex"), ["b"]),
        (Wanted(action="update_product"), ["b", "a"]),
        (Wanted(target="/api/products/2"), []),
        (Wanted(since=later), ["b"]),
        (Wanted(until=later), ["a"]),
        (Wanted(actor="sam", since=later), []),
    ):
        found = await held.log.find(wanted)
        assert [entry.act.act for entry in found.items] == expected


async def test_is_one_chain_of_all_who_write(held: Held) -> None:
    await asyncio.gather(
        *(log.append(act(f"{n}")) for n in range(20) for log in (held.log, held.other))
    )
    told = await verify(held.log, batch=7)
    assert (told.entries, told.problem) == (40, None)


@pytest.mark.parametrize(
    "sql", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit WHERE sequence = 2"]
)
async def test_is_not_altered_by_a_statement(held: Held, sql: str) -> None:
    await held.log.append(act("a"))
    await held.log.append(act("b"))
    with pytest.raises((sqlite3.Error, asyncpg.PostgresError), match="never altered"):
        await held.attack(sql)


@pytest.mark.parametrize(
    ("sql", "trigger", "problem"),
    [
        ("UPDATE audit SET body = '{}' WHERE sequence = 2", "audit_stays", "was altered"),
        ("DELETE FROM audit WHERE sequence = 2", "audit_is_whole", "is missing"),
    ],
)
async def test_shows_what_somebody_altered_who_could(
    held: Held, sql: str, trigger: str, problem: str
) -> None:
    for name in ("a", "b", "c"):
        await held.log.append(act(name))
    await held.attack(held.disarm.format(trigger))
    await held.attack(sql)
    told = await verify(held.other)
    assert told.entries == 1
    assert told.problem is not None
    assert problem in told.problem


async def never_closed() -> None:
    """Leave the log to its fixture."""


async def move(one: AuditArchive, other: AuditArchive) -> None:
    """Load the rows of one archive into another, as an import does that was interrupted once."""
    for _ in range(2):
        await other.begin()
        async for rows in one.rows(ENTRIES):
            await other.load(ENTRIES, rows)
        await other.finish()


async def test_moves_here_and_away_with_its_chain_which_goes_on(held: Held, tmp_path: Path) -> None:
    old, new = audit_archive(tmp_path / "old"), audit_archive(tmp_path / "new")
    first = SqliteAuditLog(audit_path(tmp_path / "old"))
    here = AuditArchive(held.log, never_closed)
    assert await here.is_empty()
    for name in ("a", "b", "c"):
        await first.append(act(name))
    await move(old, here)
    assert await held.other.rows(0, 9) == await first.rows(0, 9)
    assert not await here.is_empty()
    await held.other.append(act("d"))
    await move(here, new)
    last = SqliteAuditLog(audit_path(tmp_path / "new"))
    await last.append(act("e"))
    told = await verify(last)
    assert (told.entries, told.problem) == (5, None)
    found = await last.find(Wanted(actor="sam"))
    assert "".join(one.act.act for one in found.items) == "edcba"
    for log in (first, last):
        log.close()
    for archive in (old, new):
        await archive.close()


async def test_that_somebody_altered_does_not_move(held: Held) -> None:
    for name in ("a", "b"):
        await held.log.append(act(name))
    await held.attack(held.disarm.format("audit_stays"))
    await held.attack("UPDATE audit SET hash = 'x' WHERE sequence = 2")
    with pytest.raises(Conflict, match="Entry 2 was altered"):
        [rows async for rows in AuditArchive(held.log, never_closed).rows(ENTRIES)]
