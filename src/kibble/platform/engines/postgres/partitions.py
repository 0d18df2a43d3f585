"""Tables that grow for ever, parted by the month in which their rows' UUIDv7 was made.

The key of such a table is partitioned by its own value: a UUIDv7 begins with its time, so a month
is a range of ids, and whoever looks for an id looks into one partition. What belongs to no month
(older, or imported) is in the partition ``..._rest``, which its migration makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import structlog

from kibble.kernel.ids import uuid7
from kibble.platform.engines.postgres.connection import Postgres

_log = structlog.get_logger()

MONTHS_AHEAD = 2
_MONTHS = 12


async def ensure_partitions(postgres: Postgres, tables: Sequence[str], now: datetime) -> None:
    """Make the partitions of this month and the next ones; those that exist are left alone.

    ``tables`` comes with what is referred to first. Every process may call it, at the start and
    every day. Raises ``Unavailable``.
    """
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(MONTHS_AHEAD + 1):
        following = _next(month)
        for table in tables:
            await _ensure(postgres, table, month, following)
        month = following


async def _ensure(postgres: Postgres, table: str, start: datetime, end: datetime) -> None:
    name = f"{table}_{start:%Y_%m}"
    # Looked up first: making a partition waits until nobody reads the table.
    if (await postgres.fetch("SELECT to_regclass($1)", name))[0][0] is not None:
        return
    try:
        # One transaction, so that the lock lasts until the partition is there for all.
        await postgres.run(
            "SELECT"  # allow(query): the names of our own tables
            f" pg_advisory_xact_lock('{table}'::regclass::bigint);"
            f" CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table}"
            f" FOR VALUES FROM ('{_first_id(start)}') TO ('{_first_id(end)}')",
            [],
        )
    except asyncpg.CheckViolationError:
        # The month's first rows are in the rest already: they are found there, only less quickly.
        _log.warning("rows of a month are in the rest", table=table, month=f"{start:%Y-%m}")


def _next(month: datetime) -> datetime:
    years, index = divmod(month.month, _MONTHS)
    return month.replace(year=month.year + years, month=index + 1)


def _first_id(moment: datetime) -> str:
    return uuid7(int(moment.timestamp() * 1000), 0)
