"""The audit log in an SQLite file of its own. Triggers refuse to change or to delete an entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from kibble.kernel.paging import Page, encode_cursor, page_of
from kibble.platform.audit.archive import AuditArchive
from kibble.platform.audit.entry import START, Act, Entry, Row, Wanted, chained, content
from kibble.platform.engines.sqlite.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    body BLOB NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor, sequence);
CREATE INDEX IF NOT EXISTS audit_by_target ON audit (target, sequence);
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is never altered'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_whole BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is never altered'); END;
"""
_INSERT = "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_STORED = "sequence, CAST(body AS BLOB), previous, hash"


class SqliteAuditLog:
    """Implements ``AuditLog``; every entry survives a power cut."""

    def __init__(self, path: Path, *, inline: bool = False) -> None:
        self._database = Database(path, inline=inline)
        connection = self._database.connect()
        try:
            connection.executescript(_SCHEMA)
        finally:
            connection.close()

    async def append(self, act: Act) -> None:
        """See ``AuditLog.append``."""
        body = content(act)

        def work(connection: sqlite3.Connection) -> None:
            last = connection.execute(
                "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"
            ).fetchone()
            sequence, previous = (last[0] + 1, last[1]) if last else (1, START)
            made = Row(sequence, body, previous, chained(sequence, body, previous))
            connection.execute(_INSERT, _values(made, act))

        await self._database.write(work)

    async def find(self, wanted: Wanted) -> Page[Entry]:
        """See ``AuditLog.find``."""
        conditions = {
            "actor = ?": wanted.actor,
            "action = ?": wanted.action,
            "target = ?": wanted.target,
            "at >= ?": wanted.since,
            "at < ?": wanted.until,
            "sequence < ?": wanted.below,
        }
        given = {clause: value for clause, value in conditions.items() if value is not None}
        where = " AND ".join(given) or "1"
        rows = self._database.read(
            f"SELECT {_STORED} FROM audit WHERE {where} ORDER BY sequence DESC LIMIT ?",
            (*given.values(), wanted.limit + 1),
        )
        entries = [Row(*row).entry() for row in rows]
        return page_of(entries, wanted.limit, lambda entry: encode_cursor(entry.sequence))

    async def rows(self, after: int, limit: int) -> Sequence[Row]:
        """See ``AuditLog.rows``."""
        found = self._database.read(
            f"SELECT {_STORED} FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
            (after, limit),
        )
        return [Row(*row) for row in found]

    async def restore(self, rows: Sequence[Row]) -> None:
        """See ``MovableLog.restore``."""
        values = [_values(row, row.entry().act) for row in rows]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(f"{_INSERT} ON CONFLICT DO NOTHING", values)

        await self._database.write(work)

    def close(self) -> None:
        """Commit what waits and release the file."""
        self._database.close()


def _values(row: Row, act: Act) -> tuple[object, ...]:
    """Return an entry's columns."""
    return (
        row.sequence,
        act.at,
        act.actor,
        act.action,
        act.target,
        row.body,
        row.previous,
        row.hash,
    )


def audit_archive(data_dir: Path) -> AuditArchive:
    """Return the log of an embedded shop, to be moved."""
    log = SqliteAuditLog(audit_path(data_dir))

    async def close() -> None:
        log.close()

    return AuditArchive(log, close)


def audit_path(data_dir: Path) -> Path:
    """Return where an embedded shop keeps its audit log."""
    return data_dir / "audit.db"
