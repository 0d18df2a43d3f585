"""Tables: how the values of an aggregate's row become columns, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from kibble.platform.engines.postgres.clause import Clause, Write


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column: the type in which values come, and what turns them into the column's."""

    type: str
    write: str = "{}"
    read: str = "{}"


UUID = Kind("uuid", read="{}::text")
TEXT = Kind("text")
INTEGER = Kind("integer")
BOOLEAN = Kind("boolean")
TIME = Kind("timestamptz")
JSON = Kind("jsonb")
"""JSON text, in and out."""
MONEY = Kind("bigint", write="{} * 0.01", read="({} * 100)::bigint")
"""Minor units outside, DECIMAL(10, 2) inside: the server converts, in exact decimals."""


class Table:
    """A table of aggregates: a key, columns, and ``version``, which is the last column."""

    def __init__(
        self, table: LiteralString, key: LiteralString, key_kind: Kind = UUID, /, **columns: Kind
    ) -> None:
        self._kinds = {key: key_kind, **columns}
        self.columns = ", ".join([*(_read(*c) for c in self._kinds.items()), "version"])
        """What to select: the columns in order, then the version."""
        typed = [(name, kind.type) for name, kind in self._kinds.items()]
        values = {name: kind.write.format(f"row.{name}") for name, kind in self._kinds.items()}
        there = f"t.{key} = row.{key} AND t.version = row.expected"
        sets = ", ".join(f"{name} = {values[name]}" for name in columns)
        self._insert = Clause(
            f"INSERT INTO {table} ({', '.join(values)}, version)"
            f" SELECT {', '.join(values.values())}, 1 FROM {{rows}}",
            typed,
            counted=False,
        )
        self._update = Clause(
            f"UPDATE {table} AS t SET {sets}, version = row.expected + 1 FROM {{rows}}"
            f" WHERE {there} RETURNING 1 AS served",
            [*typed, ("expected", "integer")],
        )
        self._delete = Clause(
            f"DELETE FROM {table} AS t USING {{rows}} WHERE {there} RETURNING 1 AS served",
            [(key, key_kind.type), ("expected", "integer")],
        )

    def save(self, values: Sequence[object], expected: int) -> Write:
        """Insert the row (``expected`` 0) or update the one that is at version ``expected``.

        ``values`` has the columns' order, without the version.
        """
        if expected == 0:
            return Write(self._insert, [values])
        return Write(self._update, [(*values, expected)])

    def remove(self, key: str, expected: int) -> Write:
        """Delete the row that is at version ``expected``."""
        return Write(self._delete, [(key, expected)])


class Rows:
    """A table of what belongs to aggregates: rows that are only ever added."""

    def __init__(self, table: LiteralString, /, **columns: Kind) -> None:
        self.columns = ", ".join(_read(*column) for column in columns.items())
        """What to select: the columns in order."""
        values = [kind.write.format(f"row.{name}") for name, kind in columns.items()]
        self._insert = Clause(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(values)} FROM {{rows}} ORDER BY nth",
            [(name, kind.type) for name, kind in columns.items()],
            counted=False,
        )

    def add(self, rows: Sequence[Sequence[object]]) -> Write:
        """Insert rows, each with the values of the columns in order."""
        return Write(self._insert, rows)


def _read(name: str, kind: Kind) -> str:
    expression = kind.read.format(name)
    return name if expression == name else f"{expression} AS {name}"
