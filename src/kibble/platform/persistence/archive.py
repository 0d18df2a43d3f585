"""The archive port: a service's whole state as rows of named tables, whatever engine keeps it.

The rows are the interchange format. Their values are those of JSON, by kind of column: bytes are
``{"$base64": text}``, amounts are minor units, times RFC 3339 texts in UTC with microseconds. What
an engine makes by itself is not in them: how events travel (outboxes, places in logs, marks of what
was applied), search indices, caches, and what is derived from other rows.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import msgspec

Row = Mapping[str, Any]
"""A value for each of a table's columns."""

BATCH = 500
"""How many rows an archive gives and takes at a time."""

_BYTES = "$base64"


class Column(Enum):
    """What a column's values are in JSON; all of them may be null."""

    TEXT = "a string"
    INTEGER = "an integer"
    REAL = "a number"
    BOOLEAN = "true or false"
    JSON = "any value; the order of an object's names means nothing"
    BYTES = "an object with its base64 text"


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A table of the interchange format; each is one of a kind.

    ``key`` has the columns that tell rows apart. Where ``within`` is not None, the engines keep an
    order of rows by numbers of their own; the column ``place`` then counts the rows from 1, among
    those with the same values in the columns ``within``.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    within: tuple[str, ...] | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns that an engine keeps as they are: all but ``place``."""
        return tuple(c for c in self.columns if self.within is None or c != PLACE)


PLACE = "place"


def shape(
    name: str,
    key: str,
    *,
    text: str = "",
    integer: str = "",
    boolean: str = "",
    json: str = "",
    blob: str = "",
    within: str | None = None,
) -> Shape:
    """Return a table's shape from lists of names, separated by spaces."""
    kinds = {
        Column.TEXT: text,
        Column.INTEGER: integer,
        Column.BOOLEAN: boolean,
        Column.JSON: json,
        Column.BYTES: blob,
    }
    columns = {column: kind for kind, names in kinds.items() for column in names.split()}
    if within is not None:
        columns[PLACE] = Column.INTEGER
    return Shape(
        name, tuple(key.split()), columns, None if within is None else tuple(within.split())
    )


IDEMPOTENCY = shape(
    "idempotency",
    "key",
    text="key fingerprint created_at",
    integer="status",
    json="headers",
    blob="body",
)
"""The answers kept under idempotency keys."""

PARKED_EVENTS = shape(
    "parked_events",
    "place",
    text="consumer topic key type event_id error status due_at parked_at",
    integer="attempts",
    blob="envelope",
    within="",
)
"""The events that consumers could not apply, but for those whose effects are there by now."""

MESSAGING = (IDEMPOTENCY, PARKED_EVENTS)
"""The tables that every service has."""


class Archive(Protocol):
    """One service's state, to be read while nobody writes, or to be loaded where there is none."""

    @property
    def name(self) -> str:
        """The service's name."""
        ...

    @property
    def shapes(self) -> Sequence[Shape]:
        """Its tables, in the order in which they are to be loaded."""
        ...

    async def unfinished(self) -> int:
        """Count what must be done before the state can be read.

        That is events that are not published, and changes that are not complete everywhere.
        """
        ...

    async def is_empty(self) -> bool:
        """Tell whether there is no state at all."""
        ...

    def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """Yield a table's rows in batches, in any order. Raises ``Unavailable``."""
        ...

    async def begin(self) -> None:
        """Get ready for ``load``: also after an import of the same rows that was interrupted."""
        ...

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """Write rows as they are, telling nobody; call it in the order of their keys.

        Rows that are there already stay. Raises ``Unavailable``.
        """
        ...

    async def finish(self) -> None:
        """Make what is derived from the rows; after this, services may run."""
        ...

    async def close(self) -> None:
        """Leave the engine."""
        ...


def packed(value: bytes) -> dict[str, str]:
    """Return bytes as a row has them."""
    return {_BYTES: base64.b64encode(value).decode()}


def unpacked(value: Any) -> bytes:
    """Return the bytes that ``packed`` wrote."""
    return base64.b64decode(value[_BYTES])


def line(row: Row) -> bytes:
    """Return a row as one line of JSON, the same for the same values."""
    return msgspec.json.encode(row, order="deterministic") + b"\n"


def batches(rows: Iterable[Row], size: int = BATCH) -> Iterable[list[Row]]:
    """Return rows in batches."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
