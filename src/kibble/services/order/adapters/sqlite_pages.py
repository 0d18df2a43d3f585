"""Pages of rows on SQLite, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, LiteralString

from kibble.kernel.paging import decode_cursor
from kibble.platform.engines.sqlite import Database
from kibble.services.order.adapters.rows import LAST


def newest(
    database: Database,
    select: str,
    key: LiteralString,
    conditions: Iterable[tuple[object, ...]],
    *,
    limit: int,
    cursor: str | None,
) -> list[tuple[Any, ...]]:
    """Return up to ``limit`` rows after the cursor that meet all conditions (SQL, its values)."""
    start = decode_cursor(cursor, str)[0] if cursor else LAST
    wanted = [(f"{key} < ?", start), *conditions]
    where = " AND ".join(str(sql) for sql, *_ in wanted)
    values = [value for _, *given in wanted for value in given]
    sql = f"{select} WHERE {where} ORDER BY {key} DESC LIMIT ?"  # allow(query): of tables
    return database.read(sql, (*values, limit))
