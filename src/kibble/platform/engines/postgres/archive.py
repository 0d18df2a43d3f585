"""A service's state on PostgreSQL as rows, and back; the server converts both ways.

Tables and columns are named as in the interchange format. What a value of that format is in a
column follows from the column's type, which the catalogue tells.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.errors import translated
from kibble.platform.persistence.archive import BATCH, PLACE, Column, Row, Shape, packed

if TYPE_CHECKING:
    from kibble.platform.engines.postgres.connection import Connection

LONG_SECONDS = 3600.0
"""How long one statement may take that goes through a whole table."""
NUMBER = "position"
"""Where the order of rows is kept that the server numbers."""

_READ = {
    "timestamp with time zone": (
        "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    ),
    "numeric": "({} * 100)::bigint",
    "jsonb": "{}::text",
    "uuid": "{}::text",
    "character": "{}::text",
}
"""How a value is read, by its column's type; all others are as they are."""
_WRITE = {
    "numeric": "{} * 0.01",
    "bytea": "decode({} ->> '$base64', 'base64')",
}
_RECORD = {
    Column.TEXT: "text",
    Column.INTEGER: "bigint",
    Column.REAL: "double precision",
    Column.BOOLEAN: "boolean",
    Column.JSON: "jsonb",
    Column.BYTES: "jsonb",
}
_COLUMNS = (
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
    " WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
)
_NOT_APPLIED = (
    " WHERE NOT EXISTS (SELECT 1 FROM inbox i"
    " WHERE i.consumer = t.consumer AND i.event_id = t.event_id)"
)

Types = Mapping[str, str]
"""The types of a table's columns by name."""


class PostgresArchive:
    """Implements ``Archive`` for a service's schema."""

    def __init__(
        self, name: str, postgres: Postgres, shapes: Sequence[Shape], derived: Sequence[str] = ()
    ) -> None:
        """``derived`` makes what the schema keeps beside the rows; each may be repeated."""
        self.name = name
        self.shapes = shapes
        self._postgres = postgres
        self._derived = derived

    async def unfinished(self) -> int:
        """See ``Archive.unfinished``."""
        ((count,),) = await self._postgres.fetch("SELECT count(*) FROM outbox")
        return int(count)

    async def is_empty(self) -> bool:
        """See ``Archive.is_empty``."""
        for table in self.shapes:
            if await self._postgres.fetch(f'SELECT 1 FROM "{table.name}" LIMIT 1'):
                return False
        return True

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``."""
        select = _select(table, await self._types(table))
        async with self._patient() as connection, connection.transaction(readonly=True):
            cursor = await connection.cursor(select, timeout=LONG_SECONDS)
            while found := await cursor.fetch(BATCH, timeout=LONG_SECONDS):
                yield [_row(table, tuple(values)) for values in found]

    @asynccontextmanager
    async def _patient(self) -> AsyncGenerator[Connection]:
        """Give a connection whose statements may go through whole tables."""
        connection = await self._postgres.connect()
        try:
            with translated():
                await connection.execute(f"SET statement_timeout = '{LONG_SECONDS:.0f}s'")
                yield connection
        finally:
            await connection.close()

    async def _types(self, table: Shape) -> Types:
        rows = await self._postgres.fetch(_COLUMNS, f'"{table.name}"')
        return {row[0]: row[1] for row in rows}

    async def begin(self) -> None:
        """See ``Archive.begin``: rows that are there already will stay as they are."""

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``."""
        insert = _insert(table, await self._types(table))
        await self._postgres.execute(insert, msgspec.json.encode(rows).decode())

    async def finish(self) -> None:
        """See ``Archive.finish``."""
        async with self._patient() as connection:
            for statement in self._derived:
                await connection.execute(statement, timeout=LONG_SECONDS)
        for table in self.shapes:
            if NUMBER in _numbered(table):
                await self._postgres.fetch(
                    f"SELECT setval(pg_get_serial_sequence($1, '{NUMBER}'),"
                    f' (SELECT coalesce(max({NUMBER}), 0) + 1 FROM "{table.name}"), false)',
                    f'"{table.name}"',
                )

    async def close(self) -> None:
        """See ``Archive.close``."""
        await self._postgres.close()


def _numbered(table: Shape) -> Sequence[str]:
    """Return the column that the server numbers, if the table has one."""
    if table.within is not None or table.key == (NUMBER,):
        return [NUMBER]
    return []


def _select(table: Shape, types: Types) -> str:
    columns: list[str] = []
    for name in table.columns:
        if name not in table.kept:
            parts = f"PARTITION BY {', '.join(table.within)} " if table.within else ""
            columns.append(f"row_number() OVER ({parts}ORDER BY t.{NUMBER}, t.{table.kept[0]})")
        else:
            columns.append(_READ.get(types[name], "{}").format(f't."{name}"'))
    where = _NOT_APPLIED if table.name == "parked_events" else ""
    return f'SELECT {", ".join(columns)} FROM "{table.name}" t{where}'


def _insert(table: Shape, types: Types) -> str:
    targets = {name: NUMBER if name == PLACE else name for name in table.columns}
    record = ", ".join(f'"{name}" {_RECORD[kind]}' for name, kind in table.columns.items())
    values = [_value(name, types[target]) for name, target in targets.items()]
    columns = ", ".join(f'"{target}"' for target in targets.values())
    return (
        f'INSERT INTO "{table.name}" ({columns}) OVERRIDING SYSTEM VALUE'
        f" SELECT {', '.join(values)} FROM jsonb_to_recordset($1::jsonb) AS r({record})"
        " ON CONFLICT DO NOTHING"
    )


def _value(name: str, kind: str) -> str:
    value = _WRITE.get(kind, "{}").format(f'r."{name}"')
    # A cast to a length that is not told would cut: the column itself knows.
    return value if kind == "character" else f"CAST({value} AS {kind})"


def _row(table: Shape, values: Sequence[Any]) -> Row:
    return {
        name: _plain(value, kind)
        for (name, kind), value in zip(table.columns.items(), values, strict=True)
    }


def _plain(value: Any, kind: Column) -> Any:
    if value is None:
        return None
    if kind is Column.JSON:
        return msgspec.json.decode(value)
    return packed(value) if kind is Column.BYTES else value
