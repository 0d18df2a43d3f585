"""Sorting more rows than memory holds: a table's lines, in a file of their own, by its key."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from kibble.platform.persistence.archive import Row, Shape, line

KEY_COLUMNS = 2
"""As many as the longest key has."""


async def spooled(
    shape: Shape, batches: AsyncIterator[Sequence[Row]], scratch: Path
) -> sqlite3.Connection:
    """Return a database with all rows of a table, for ``lines``, which closes it."""
    database = sqlite3.connect(scratch)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("DROP TABLE IF EXISTS spool")
    database.execute("CREATE TABLE spool (first, second, line BLOB)")
    async for rows in batches:
        database.executemany(
            "INSERT INTO spool VALUES (?, ?, ?)",
            [(*_key(shape, row), line(row)) for row in rows],
        )
    return database


def _key(shape: Shape, row: Row) -> list[object]:
    values = [row[name] for name in shape.key]
    return [*values, *[None] * (KEY_COLUMNS - len(values))]


def lines(database: sqlite3.Connection) -> Iterator[bytes]:
    """Yield a table's lines in the order of its key, and then close its database."""
    with closing(database):
        for (content,) in database.execute("SELECT line FROM spool ORDER BY first, second, line"):
            yield content
