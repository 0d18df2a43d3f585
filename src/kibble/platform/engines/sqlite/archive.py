"""A service's state on SQLite as rows, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kibble.platform.persistence.archive import (
    BATCH,
    PLACE,
    Column,
    Row,
    Shape,
    packed,
    unpacked,
)

LEFT_OUT = frozenset({"migrations", "outbox", "offsets", "inbox"})
"""The store's own tables that say how events travel here, and how the file came to be."""

_NOT_APPLIED = (
    " WHERE NOT EXISTS (SELECT 1 FROM inbox i"
    " WHERE i.consumer = parked_events.consumer AND i.event_id = parked_events.event_id)"
)

_OUT: Mapping[Column, Callable[[Any], Any]] = {
    Column.BOOLEAN: bool,
    Column.JSON: msgspec.json.decode,
    Column.BYTES: packed,
}
_IN: Mapping[Column, Callable[[Any], Any]] = {
    Column.JSON: lambda value: msgspec.json.encode(value).decode(),
    Column.BYTES: unpacked,
}


class SqliteArchive:
    """Implements ``Archive`` for a file that nobody else has open."""

    def __init__(
        self,
        path: Path,
        shapes: Sequence[Shape],
        *,
        derived: Sequence[str] = (),
        left_out: frozenset[str] = frozenset(),
    ) -> None:
        """``derived`` makes what follows from the rows, in the tables ``left_out``.

        Raises ``ValueError`` when the file has a table or a column that is in no shape.
        """
        self.name = path.stem
        self.shapes = shapes
        self._derived = derived
        self._left_out = left_out
        self._connection = sqlite3.connect(path)
        self._check()

    def _check(self) -> None:
        ours = {one.name: {*one.kept} for one in self.shapes}
        there = {name: set(_columns(self._connection, name)) for name in self._tables()}
        numbered = {one.name for one in self.shapes if one.within is not None}
        for name in numbered & there.keys():
            there[name].discard("position")
        if ours != there:
            self._connection.close()
            raise ValueError(f"The tables of {self.name} are not those that an archive has.")

    def _tables(self) -> list[str]:
        rows = self._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        return [name for (name,) in rows if name not in LEFT_OUT | self._left_out]

    async def unfinished(self) -> int:
        """See ``Archive.unfinished``: the bus delivers from the outbox until none are left."""
        return 0

    async def is_empty(self) -> bool:
        """See ``Archive.is_empty``."""
        found = (
            self._connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()
            for name in self._tables()
        )
        return not any(found)

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``."""
        columns = [f'"{name}"' for name in table.kept]
        if table.within is not None:
            parts = f"PARTITION BY {', '.join(table.within)} " if table.within else ""
            columns.append(
                f"ROW_NUMBER() OVER ({parts}ORDER BY position, {table.kept[0]}) AS {PLACE}"
            )
        where = _NOT_APPLIED if table.name == "parked_events" else ""
        cursor = self._connection.execute(f'SELECT {", ".join(columns)} FROM "{table.name}"{where}')
        names = [column[0] for column in cursor.description]
        while found := cursor.fetchmany(BATCH):
            yield [
                {
                    name: _converted(value, _OUT.get(table.columns[name]))
                    for name, value in zip(names, row, strict=True)
                }
                for row in found
            ]

    async def begin(self) -> None:
        """See ``Archive.begin``: what an interrupted import left is removed."""
        with self._connection as connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'migrations'"
            ).fetchall():
                connection.execute(f'DELETE FROM "{name}"')

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``; what numbers its rows numbers them in the order in which they come.

        An import that is cut begins anew, so no row is there already.
        """
        columns = table.kept
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{name}"' for name in columns)
        with self._connection as connection:
            connection.executemany(
                f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',
                [
                    [_converted(row[name], _IN.get(table.columns[name])) for name in columns]
                    for row in rows
                ],
            )

    async def finish(self) -> None:
        """See ``Archive.finish``."""
        with self._connection as connection:
            for statement in self._derived:
                connection.execute(statement)

    async def close(self) -> None:
        """See ``Archive.close``."""
        self._connection.close()


def introspected(path: Path) -> list[Shape]:
    """Return the shapes of a file that is the same in all profiles, as its schema tells them."""
    kinds = {"TEXT": Column.TEXT, "INTEGER": Column.INTEGER, "REAL": Column.REAL}
    connection = sqlite3.connect(path)
    try:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " ORDER BY rowid"
        ).fetchall()
        return [
            Shape(
                name,
                tuple(column for column, _, is_key in _details(connection, name) if is_key),
                {column: kinds[kind] for column, kind, _ in _details(connection, name)},
            )
            for (name,) in tables
        ]
    finally:
        connection.close()


def _details(connection: sqlite3.Connection, table: str) -> list[tuple[str, str, bool]]:
    rows = connection.execute(f'PRAGMA table_info("{table}")')
    return [(row[1], row[2], bool(row[5])) for row in rows]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [name for name, _, _ in _details(connection, table)]


def _converted(value: Any, convert: Callable[[Any], Any] | None) -> Any:
    return value if value is None or convert is None else convert(value)
