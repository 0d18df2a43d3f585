"""Statements put together from clauses: all that one use case writes, in one round trip.

A clause is a data-modifying fragment over *rows*, which come as an array per column. Several
clauses make one statement, a common table expression each, and so one transaction. Its text
depends on which clauses there are, never on how many rows each has: it is prepared once, and the
rows of several commits can share it. All clauses see the state from before the statement, and run
in no order: none may touch a row that another one touches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

_numbers = count()


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """A fragment that writes rows.

    ``sql`` has ``{rows}`` where the rows are read from: a table ``row`` with the ``columns``
    (name and type each), and ``nth``, which counts the rows from 1. A ``counted`` clause returns
    a column ``served``, whose sum has to be the number of rows; else the statement is undone.
    """

    sql: str
    columns: Sequence[tuple[str, str]]
    counted: bool = True
    number: int = -1

    def __post_init__(self) -> None:
        """Number the clause: the first ones made are checked first."""
        object.__setattr__(self, "number", next(_numbers))


class Write(NamedTuple):
    """Rows for a clause, each with the values of its columns in order."""

    clause: Clause
    rows: Sequence[Sequence[object]]


Shape = tuple[Clause, ...]
"""Which clauses a statement has, by number."""


class Writes:
    """What one commit writes."""

    def __init__(self) -> None:
        self._rows: dict[Clause, list[Sequence[object]]] = {}

    def add(self, write: Write) -> None:
        """Add the rows of a clause, after those that it has."""
        if write.rows:
            self._rows.setdefault(write.clause, []).extend(write.rows)

    @property
    def shape(self) -> Shape:
        """The clauses that have rows."""
        return tuple(sorted(self._rows, key=lambda clause: clause.number))

    def rows(self, clause: Clause) -> Sequence[Sequence[object]]:
        """Return the rows of one clause."""
        return self._rows[clause]


def arguments(shape: Shape, batch: Sequence[Writes]) -> list[list[Any]]:
    """Return the arrays for the statement of ``shape`` that writes a whole batch."""
    arrays: list[list[Any]] = []
    for clause in shape:
        rows = [row for writes in batch for row in writes.rows(clause)]
        arrays += [list(values) for values in zip(*rows, strict=True)]
    return arrays


@lru_cache(maxsize=1024)
def statement(shape: Shape) -> str:
    """Return the statement that runs all clauses of ``shape``."""
    fragments: list[str] = []
    checks: list[str] = []
    first = 1
    for index, clause in enumerate(shape):
        marks = [
            f"${number}::{kind}[]" for number, (_, kind) in enumerate(clause.columns, start=first)
        ]
        names = ", ".join(name for name, _ in clause.columns)
        rows = f"unnest({', '.join(marks)}) WITH ORDINALITY AS row({names}, nth)"
        fragments.append(f"c{index} AS ({clause.sql.format(rows=rows)})")
        if clause.counted:
            served = f"(SELECT coalesce(sum(served), 0)::bigint FROM c{index})"
            checks.append(f"require({served}, cardinality({marks[0]}))")
        first += len(marks)
    return f"WITH {', '.join(fragments)} SELECT {', '.join(checks) or '1'}"
