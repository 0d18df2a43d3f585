"""The store of a service on PostgreSQL: one statement per commit, and the outbox for relays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from kibble.kernel.clock import from_text, to_text
from kibble.platform.engines.postgres.clause import Clause, Write, Writes
from kibble.platform.engines.postgres.committer import Committer
from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.lookup import Lookup
from kibble.platform.engines.postgres.outbox import OutboxShards, shard_of
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import OutboxEvent, ParkedEvent
from kibble.platform.persistence.changes import Changes, Publish, Save
from kibble.platform.persistence.store import InboxMark, StoredReply

REPLY_LIFE = timedelta(hours=24)
INBOX_LIFE = timedelta(days=30)
"""How much longer than a reply an inbox mark is kept: longer than any topic keeps an event."""

Writer = Callable[[Any, int], Iterable[Write]]
"""What to write for one aggregate: the aggregate, and the version that it was read at."""

# The inbox comes first: a repeated event is a duplicate, whatever else it would run into.
_INBOX = Clause(
    "INSERT INTO inbox (consumer, event_id) SELECT consumer, event_id FROM {rows}"
    " RETURNING 1 AS served",
    [("consumer", "text"), ("event_id", "text")],
)
_REPLY = Clause(
    "INSERT INTO idempotency AS i (key, fingerprint, status, headers, body, created_at)"
    " SELECT key, fingerprint, status, headers, body, created_at FROM {rows}"
    " ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint,"
    " status = excluded.status, headers = excluded.headers, body = excluded.body,"
    " created_at = excluded.created_at"
    f" WHERE i.created_at < excluded.created_at - interval '{REPLY_LIFE.total_seconds()} s'"
    " RETURNING 1 AS served",
    [
        ("key", "text"),
        ("fingerprint", "text"),
        ("status", "integer"),
        ("headers", "jsonb"),
        ("body", "bytea"),
        ("created_at", "timestamptz"),
    ],
)
_OUTBOX = Clause(
    "INSERT INTO outbox (shard, topic, type, key, created_at, envelope)"
    " SELECT shard, topic, type, key, created_at, envelope FROM {rows} ORDER BY nth",
    [
        ("shard", "smallint"),
        ("topic", "text"),
        ("type", "text"),
        ("key", "text"),
        ("created_at", "timestamptz"),
        ("envelope", "bytea"),
    ],
    counted=False,
)
_PARKED = (
    "consumer, topic, key, type, event_id, envelope, error, attempts, status, due_at, parked_at"
)


class PostgresStore:
    """Implements ``ServiceStore`` and ``Outbox`` for a service's schema.

    A service's adapter subclasses it, names a writer per aggregate type, and adds its queries.
    What one commit writes may touch each row once, see ``clause``.
    """

    def __init__(
        self,
        postgres: Postgres,
        envelopes: EnvelopeMaker,
        savers: Mapping[type, Writer],
        removers: Mapping[type, Writer] | None = None,
    ) -> None:
        self.postgres = postgres
        self.source = envelopes.source
        self.grown = asyncio.Event()
        self._envelopes = envelopes
        self._savers = savers
        self._removers = removers or {}
        self._committer = Committer(postgres)
        self._shards = OutboxShards(postgres, envelopes.clock)
        self._replies = Lookup(
            postgres,
            "SELECT key, fingerprint, status, headers, body, created_at FROM idempotency"
            " WHERE key = ANY($1::text[])",
        )

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``."""
        writes = Writes()
        if inbox is not None:
            writes.add(Write(_INBOX, [(inbox.consumer, inbox.event_id)]))
        _add(writes, changes.saves, self._savers)
        _add(writes, changes.removals, self._removers)
        if reply is not None:
            writes.add(Write(_REPLY, [self._reply_row(reply)]))
        writes.add(Write(_OUTBOX, [self._outbox_row(event) for event in changes.events]))
        await self._committer.commit(writes)
        if changes.events:
            self.grown.set()

    def _outbox_row(self, publish: Publish) -> Sequence[object]:
        envelope, body = self._envelopes.make(publish.event, publish.sequence)
        key = envelope.partitionkey
        at = from_text(envelope.time)
        return (shard_of(key), publish.event.topic, envelope.type, key, at, body)

    def _reply_row(self, reply: StoredReply) -> Sequence[object]:
        headers = msgspec.json.encode(reply.headers).decode()
        now = self._envelopes.clock.now()
        return (reply.key, reply.fingerprint, reply.status, headers, reply.body, now)

    async def find_reply(self, key: str) -> StoredReply | None:
        """See ``Store.find_reply``."""
        row = await self._replies.one(key)
        if row is None or row["created_at"] < self._envelopes.clock.now() - REPLY_LIFE:
            return None
        headers = msgspec.json.decode(row["headers"], type=dict[str, str])
        return StoredReply(key, row["fingerprint"], row["status"], headers, row["body"])

    # The producer's side of the bus.

    async def pending(self, limit: int) -> Sequence[OutboxEvent]:
        """See ``Outbox.pending``."""
        return await self._shards.pending(limit)

    async def settle(self, events: Sequence[OutboxEvent]) -> None:
        """See ``Outbox.settle``."""
        await self._shards.settle(events)

    async def release(self) -> None:
        """See ``Outbox.release``."""
        await self._shards.release()

    # The consumer's side of the bus.

    async def park(self, event: ParkedEvent) -> None:
        """See ``ConsumerStore.park``."""
        await self.postgres.execute(
            f"INSERT INTO parked_events ({_PARKED})"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            " ON CONFLICT (consumer, event_id) DO UPDATE SET error = excluded.error,"
            " attempts = excluded.attempts, status = excluded.status, due_at = excluded.due_at",
            event.consumer,
            event.topic,
            event.key,
            event.type,
            event.event_id,
            event.envelope,
            event.error,
            event.attempts,
            event.status,
            from_text(event.due_at),
            from_text(event.parked_at),
        )

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """See ``ConsumerStore.parked``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PARKED} FROM parked_events WHERE ($1::text IS NULL OR consumer = $1)"
            " AND ($2::text IS NULL OR status = $2) ORDER BY position",
            consumer,
            status,
        )
        return [_parked(*row.values()) for row in rows]

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ConsumerStore.unpark``."""
        return bool(
            await self.postgres.execute(
                "DELETE FROM parked_events WHERE consumer = $1 AND event_id = $2",
                consumer,
                event_id,
            )
        )

    async def prune(self, before: str) -> None:
        """Forget idempotency records from before an RFC 3339 time, and inbox marks long before.

        Claims that nobody gave back go with them.
        """
        moment = from_text(before)
        await self.postgres.execute("DELETE FROM claims WHERE until < $1", moment)
        await self.postgres.execute("DELETE FROM idempotency WHERE created_at < $1", moment)
        await self.postgres.execute("DELETE FROM inbox WHERE applied_at < $1", moment - INBOX_LIFE)

    async def close(self) -> None:
        """Give up the outbox and end all connections, once they have answered."""
        await self.release()
        await self.postgres.close()


def _add(writes: Writes, saves: Iterable[Save], writers: Mapping[type, Writer]) -> None:
    for save in saves:
        for write in writers[type(save.aggregate)](save.aggregate, save.expected_version):
            writes.add(write)


def _parked(*values: Any) -> ParkedEvent:
    *told, due_at, parked_at = values
    fields: list[Any] = [*told, to_text(due_at), to_text(parked_at)]
    return ParkedEvent(*fields)
