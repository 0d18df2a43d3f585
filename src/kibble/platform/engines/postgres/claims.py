"""Claims of work that the processes of one service share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.together import Result, Together

_TAKE = (
    "INSERT INTO claims AS c (key, holder, until)"
    " SELECT key, $2, until FROM unnest($1::text[], $4::timestamptz[]) AS row (key, until)"
    " ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE c.until <= $3 RETURNING key"
)
_GIVE_BACK = "DELETE FROM claims WHERE key = ANY($1::text[]) AND holder = $2"


class PostgresClaims:
    """Implements ``Claims`` for the processes of one schema; each has a ``holder`` of its own.

    What is taken, and what is given back, while a statement is under way is in the next one.
    """

    def __init__(self, postgres: Postgres, holder: str) -> None:
        self._postgres = postgres
        self._holder = holder
        self._takes = Together(self._take_all)
        self._returns = Together(self._give_all_back)

    async def take(self, key: str, now: datetime, until: datetime) -> bool:
        """See ``Claims.take``. Raises ``Unavailable``."""
        taken: bool = await self._takes.join("take", (key, now, until))
        return taken

    async def _take_all(
        self, _: str, wanted: Sequence[tuple[str, datetime, datetime]]
    ) -> list[Result]:
        """Take claims for all, each key once: of two who want one, the first gets it."""
        first = {key: until for key, _now, until in reversed(wanted)}
        now = min(item[1] for item in wanted)
        rows = await self._postgres.fetch(
            _TAKE, list(first), self._holder, now, list(first.values())
        )
        taken = {row[0] for row in rows}
        results: list[Result] = []
        for key, *_rest in wanted:
            results.append((key in taken, None))
            taken.discard(key)
        return results

    async def give_back(self, keys: Sequence[str]) -> None:
        """See ``Claims.give_back``. Raises ``Unavailable``."""
        await self._returns.join("give back", keys)

    async def _give_all_back(self, _: str, lists: Sequence[Sequence[str]]) -> list[Result]:
        keys = [key for listed in lists for key in listed]
        await self._postgres.execute(_GIVE_BACK, keys, self._holder)
        return [(None, None)] * len(lists)
