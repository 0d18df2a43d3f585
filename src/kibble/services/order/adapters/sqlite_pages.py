"""Pages of rows on SQLite, the newest or the first changed first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString

from kibble.kernel.clock import to_text
from kibble.platform.engines.sqlite import Database
from kibble.services.order.adapters.rows import newest_place


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
    start = newest_place(cursor)
    wanted = [(f"{key} < ?", start), *conditions]
    return _page(database, select, wanted, f"{key} DESC", limit)


def first_changed(
    database: Database,
    select: str,
    after: tuple[datetime, str],
    conditions: Iterable[tuple[object, ...]],
    *,
    limit: int,
) -> list[tuple[Any, ...]]:
    """Return up to ``limit`` orders that meet all conditions, those changed first first."""
    changed_at, order_id = after
    wanted = [("(updated_at, order_id) > (?, ?)", to_text(changed_at), order_id), *conditions]
    return _page(database, select, wanted, "updated_at, order_id", limit)


def _page(
    database: Database,
    select: str,
    wanted: Sequence[tuple[object, ...]],
    order: LiteralString,
    limit: int,
) -> list[tuple[Any, ...]]:
    where = " AND ".join(str(sql) for sql, *_ in wanted)
    values = [value for _, *given in wanted for value in given]
    sql = f"{select} WHERE {where} ORDER BY {order} LIMIT ?"  # allow(query): of tables
    return database.read(sql, (*values, limit))
