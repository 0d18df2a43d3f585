"""Shares of a fixed number of shards among the processes that are alive.

A lease is a row that expires by itself; taking and renewing it are conditional writes, so that a
shard has one owner. Each process also shows that it lives, and owns no more than its fair share.
"""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.kernel.errors import TimedOut
from kibble.platform.engines.cassandra.session import Session

TTL_SECONDS = 20
RENEW_SECONDS = 5.0
SAFE_SECONDS = 10.0
"""How long an owner trusts a lease that it renewed: well before the row expires."""


class ShardLeases:
    """The shards of ``source`` that this process owns."""

    def __init__(
        self, session: Session, clock: Clock, source: str, owner: str, shards: int
    ) -> None:
        self._session = session
        self._clock = clock
        self._source = source
        self._owner = owner
        self._shards = shards
        self._renewed: dict[int, float] = {}
        self._kept: float | None = None

    def owned(self) -> list[int]:
        """Return the shards that nobody else can own at this moment."""
        oldest = self._clock.monotonic() - SAFE_SECONDS
        return sorted(shard for shard, at in self._renewed.items() if at > oldest)

    async def keep(self) -> None:
        """Renew what is owned, take what is free, give up what is too much; every few seconds.

        Raises ``Unavailable``.
        """
        now = self._clock.monotonic()
        if self._kept is not None and now - self._kept < RENEW_SECONDS:
            return
        fair = await self._fair_share()
        for shard in sorted(self._renewed)[fair:]:
            await self._give_up(shard)
        for shard in sorted(self._renewed):
            await self._renew(shard)
        for shard in range(self._shards):
            if shard not in self._renewed and len(self._renewed) < fair:
                await self._take(shard)
        self._kept = now

    async def release(self) -> None:
        """Give up everything, and be no longer counted."""
        for shard in list(self._renewed):
            await self._give_up(shard)
        self._kept = None
        await self._session.write(
            ("DELETE FROM relays WHERE source = ? AND relay = ?", (self._source, self._owner))
        )

    async def _fair_share(self) -> int:
        """Show that this process lives, and return how many shards it may own."""
        await self._session.write(
            (
                f"INSERT INTO relays (source, relay) VALUES (?, ?) USING TTL {TTL_SECONDS}",
                (self._source, self._owner),
            )
        )
        alive = await self._session.read("SELECT relay FROM relays WHERE source = ?", self._source)
        return -(-self._shards // max(1, len(alive)))

    async def _take(self, shard: int) -> None:
        """Take a lease that is free, or ours by a write whose outcome was never heard."""
        at = self._clock.monotonic()
        if await self._decide(
            f"INSERT INTO leases (name, owner) VALUES (?, ?) IF NOT EXISTS USING TTL {TTL_SECONDS}",
            self._name(shard),
            self._owner,
        ) or await self._prolong(shard):
            self._renewed[shard] = at

    async def _renew(self, shard: int) -> None:
        at = self._clock.monotonic()
        if await self._prolong(shard):
            self._renewed[shard] = at
        else:
            del self._renewed[shard]

    async def _prolong(self, shard: int) -> bool:
        return await self._decide(
            f"UPDATE leases USING TTL {TTL_SECONDS} SET owner = ? WHERE name = ? IF owner = ?",
            self._owner,
            self._name(shard),
            self._owner,
        )

    async def _give_up(self, shard: int) -> None:
        del self._renewed[shard]
        await self._decide(
            "DELETE FROM leases WHERE name = ? IF owner = ?", self._name(shard), self._owner
        )

    async def _decide(self, cql: str, *values: object) -> bool:
        """Decide; an unknown outcome is not counted on: who takes the lease next finds it out."""
        try:
            return await self._session.decide((cql, values))
        except TimedOut:
            return False

    def _name(self, shard: int) -> str:
        return f"{self._source}:{shard}"
