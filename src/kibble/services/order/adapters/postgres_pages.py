"""Pages of rows on PostgreSQL, the newest or the first changed first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString

from kibble.platform.engines.postgres import Postgres
from kibble.services.order.adapters.rows import newest_place


async def newest(
    postgres: Postgres,
    select: str,
    key: LiteralString,
    conditions: Iterable[tuple[str, Sequence[object]]],
    *,
    limit: int,
    cursor: str | None,
) -> list[Any]:
    """Return up to ``limit`` rows after the cursor that meet all conditions.

    A condition is SQL with ``{}`` for each of its values, and these.
    """
    start = newest_place(cursor)
    wanted = [(f"{key} < {{}}", (start,)), *conditions]
    return await _page(postgres, select, wanted, f"{key} DESC", limit)


async def first_changed(
    postgres: Postgres,
    select: str,
    after: tuple[datetime, str],
    conditions: Iterable[tuple[str, Sequence[object]]],
    *,
    limit: int,
) -> list[Any]:
    """Return up to ``limit`` orders that meet all conditions, those changed first first.

    For conditions see ``newest``.
    """
    wanted = [("(updated_at, order_id) > ({}, {})", after), *conditions]
    return await _page(postgres, select, wanted, "updated_at, order_id", limit)


async def _page(
    postgres: Postgres,
    select: str,
    wanted: Iterable[tuple[str, Sequence[object]]],
    order: LiteralString,
    limit: int,
) -> list[Any]:
    values: list[object] = [limit]
    met: list[str] = []
    for sql, given in wanted:
        marks = [f"${number}" for number, _ in enumerate(given, start=len(values) + 1)]
        met.append(sql.format(*marks))
        values += given
    where = " AND ".join(met)
    sql = f"{select} WHERE {where} ORDER BY {order} LIMIT $1"  # allow(query): of tables
    return await postgres.fetch(sql, *values)
