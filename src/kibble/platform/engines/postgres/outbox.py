"""The outbox as relays see it: shards, each owned by one relay at a time.

A relay's session holds an advisory lock for each shard that it owns. It reads and settles through
that same session, so whoever can read owns: a session that ended, for whatever reason, can do
neither, and its locks are free for others. A relay that was cut off and comes back therefore has a
new session; what its old one read is fenced off by the shard's token, which every change of owner
raises.

Nothing is skipped: a row is deleted because it was published, never because of its position. Order
per key: an aggregate's commit that builds on another began after that one ended, so its position
is higher and whoever reads it reads the other one too; commits that overlap have no order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kibble.kernel.clock import Clock, to_text
from kibble.kernel.errors import Unavailable
from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.errors import translated
from kibble.platform.messaging.log import OutboxEvent

if TYPE_CHECKING:
    from kibble.platform.engines.postgres.connection import Connection

T = TypeVar("T")

SHARDS = 16
PRESENT = SHARDS
"""The number of the lock that all relays share: who holds it is counted."""
SHARE_SECONDS = 1.0
"""How often a relay looks whether it owns its share: how long a dead one's shards wait."""

# Locks are named by the table's number and the shard's, which no other schema has.
_LOCKS = (
    "SELECT objid::int AS shard, pid = pg_backend_pid() AS mine FROM pg_locks"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    " AND classid = 'relay_fences'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_ANNOUNCE = "SELECT pg_advisory_lock_shared('relay_fences'::regclass::oid::int, $1)"
_TAKE = "SELECT pg_try_advisory_lock('relay_fences'::regclass::oid::int, $1)"
_GIVE = "SELECT pg_advisory_unlock('relay_fences'::regclass::oid::int, $1)"
_FENCE = "UPDATE relay_fences SET token = token + 1 WHERE shard = $1 RETURNING token"
_PENDING = (
    "SELECT position, shard, topic, type, key, created_at, envelope FROM outbox"
    " WHERE shard = ANY($1::smallint[]) ORDER BY position LIMIT $2"
)
_SETTLE = (
    "DELETE FROM outbox o USING relay_fences f,"
    " unnest($1::bigint[], $2::smallint[], $3::bigint[]) AS done (position, shard, token)"
    " WHERE o.position = done.position AND f.shard = done.shard AND f.token = done.token"
)


class Place(NamedTuple):
    """Where an event is, and the token under which it was read."""

    position: int
    shard: int
    token: int


def shard_of(key: str) -> int:
    """Return the shard of a key: the same in every process, for ever."""
    return hashlib.blake2b(key.encode(), digest_size=1).digest()[0] % SHARDS


class OutboxShards:
    """One relay's part of the outbox."""

    def __init__(self, postgres: Postgres, clock: Clock) -> None:
        self._postgres = postgres
        self._clock = clock
        self._session: Connection | None = None
        self._tokens: dict[int, int] = {}
        self._shared_at: float | None = None

    async def pending(self, limit: int) -> list[OutboxEvent]:
        """See ``Outbox.pending``."""
        return await self._in_session(lambda session: self._pending(session, limit))

    async def settle(self, events: Sequence[OutboxEvent]) -> None:
        """See ``Outbox.settle``."""
        if events:
            positions, shards, tokens = zip(*(event.place for event in events), strict=True)
            await self._in_session(
                lambda session: session.execute(_SETTLE, positions, shards, tokens)
            )

    async def release(self) -> None:
        """See ``Outbox.release``."""
        session = self._forget()
        if session is None or session.is_closed():
            return
        try:
            with translated():
                await session.close()
        except Unavailable:
            session.terminate()

    async def _in_session(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do ``work`` in the session that owns the shards; whatever fails ends it, and them."""
        if self._session is None:
            self._session = await self._postgres.connect()
        try:
            with translated():
                return await work(self._session)
        except BaseException:
            if session := self._forget():
                session.terminate()
            raise

    def _forget(self) -> Connection | None:
        session, self._session = self._session, None
        self._tokens = {}
        self._shared_at = None
        return session

    async def _pending(self, session: Connection, limit: int) -> list[OutboxEvent]:
        now = self._clock.monotonic()
        if self._shared_at is None or now - self._shared_at >= SHARE_SECONDS:
            await self._share(session)
            self._shared_at = now
        rows = await session.fetch(_PENDING, list(self._tokens), limit)
        return [
            OutboxEvent(
                Place(position, shard, self._tokens[shard]),
                topic,
                type_,
                key,
                to_text(created_at),
                envelope,
            )
            for position, shard, topic, type_, key, created_at, envelope in rows
        ]

    async def _share(self, session: Connection) -> None:
        """Take free shards up to this relay's share, or give back what is beyond it.

        Called between batches: what this relay has published is settled.
        """
        if self._shared_at is None:
            # What is settled late or never is published again; nobody has to wait for the disk.
            await session.execute("SET synchronous_commit = off")
            await session.execute(_ANNOUNCE, PRESENT)
        locks = await session.fetch(_LOCKS)
        relays = sum(row["shard"] == PRESENT for row in locks)
        share = -(-SHARDS // relays)
        for shard in list(self._tokens)[share:]:
            del self._tokens[shard]
            await session.execute(_GIVE, shard)
        taken = {row["shard"] for row in locks}
        for shard in sorted(set(range(SHARDS)) - taken)[: share - len(self._tokens)]:
            if await session.fetchval(_TAKE, shard):
                self._tokens[shard] = await session.fetchval(_FENCE, shard)
