"""Pages of rows on PostgreSQL, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from kibble.kernel.paging import decode_cursor
from kibble.platform.engines.postgres import Postgres
from kibble.services.order.adapters.rows import LAST


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
    values: list[object] = [decode_cursor(cursor, str)[0] if cursor else LAST, limit]
    wanted = [f"{key} < $1"]
    for sql, given in conditions:
        marks = [f"${number}" for number, _ in enumerate(given, start=len(values) + 1)]
        wanted.append(sql.format(*marks))
        values += given
    where = " AND ".join(wanted)
    sql = f"{select} WHERE {where} ORDER BY {key} DESC LIMIT $2"  # allow(query): of tables
    return await postgres.fetch(sql, *values)
