"""What identifies people, on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, LiteralString, TypeVar

import msgspec

from kibble.platform.engines.sqlite import Database, Table
from kibble.services.customer.adapters.kept import ALL, EXPIRING, Kept

A = TypeVar("A")

Saver = Callable[[sqlite3.Connection, Any, int], None]
_COLUMNS = ("id", "lookup", "owner", "until", "document")
_encode = msgspec.json.Encoder().encode


def savers() -> Mapping[type[Any], Saver]:
    """Return what writes each type."""
    return {kept.type: _saver(kept, Table(kept.table, *_COLUMNS)) for kept in ALL}


def removers() -> Mapping[type[Any], Saver]:
    """Return what deletes each type."""
    return {kept.type: _remover(Table(kept.table, *_COLUMNS)) for kept in ALL}


def _saver(kept: Kept[Any], table: Table) -> Saver:
    def save(connection: sqlite3.Connection, aggregate: Any, expected: int) -> None:
        row = kept.row(aggregate)
        document = _encode(row["document"]).decode()
        fields = (row["id"], row["lookup"], row["owner"], row["until"], document)
        table.save(connection, fields, expected)

    return save


def _remover(table: Table) -> Saver:
    def remove(connection: sqlite3.Connection, aggregate: Any, expected: int) -> None:
        table.delete(connection, aggregate.id, expected)

    return remove


def find(
    database: Database, kept: Kept[A], which: LiteralString = "1", *values: str | int
) -> list[A]:
    """Return what the condition ``which`` holds for, in the order of its ``lookup``."""
    rows = database.read(
        f"SELECT document, version FROM {kept.table} WHERE {which} ORDER BY lookup, id", values
    )
    return [kept.aggregate(msgspec.json.decode(row[0]), row[1]) for row in rows]


def find_one(database: Database, kept: Kept[A], column: LiteralString, value: str) -> A | None:
    """Return the one that has ``value`` in a column."""
    return next(iter(find(database, kept, f"{column} = ?", value)), None)


def forget(connection: sqlite3.Connection, moment: str) -> int:
    """Delete what is past its time; return how much there was."""
    return sum(
        connection.execute(f"DELETE FROM {kept.table} WHERE until <= ?", (moment,)).rowcount
        for kept in EXPIRING
    )
