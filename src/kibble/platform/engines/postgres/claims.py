"""Claims of work that the processes of one service share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kibble.platform.engines.postgres.connection import Postgres

_TAKE = (
    "INSERT INTO claims AS c (key, holder, until) VALUES ($1, $2, $4)"
    " ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE c.until <= $3"
)
_GIVE_BACK = "DELETE FROM claims WHERE key = ANY($1::text[]) AND holder = $2"


class PostgresClaims:
    """Implements ``Claims`` for the processes of one schema; each has a ``holder`` of its own."""

    def __init__(self, postgres: Postgres, holder: str) -> None:
        self._postgres = postgres
        self._holder = holder

    async def take(self, key: str, now: datetime, until: datetime) -> bool:
        """See ``Claims.take``. Raises ``Unavailable``."""
        return bool(await self._postgres.execute(_TAKE, key, self._holder, now, until))

    async def give_back(self, keys: Sequence[str]) -> None:
        """See ``Claims.give_back``. Raises ``Unavailable``."""
        await self._postgres.execute(_GIVE_BACK, list(keys), self._holder)
