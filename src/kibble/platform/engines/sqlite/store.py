"""The store of a service on SQLite: state, outbox, inbox and idempotency in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from kibble.kernel.clock import to_text
from kibble.kernel.errors import StaleVersion
from kibble.platform.engines.sqlite.database import Database
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import LogEntry, ParkedEvent, Signal
from kibble.platform.persistence.changes import Changes, Publish, Save
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply

REPLY_LIFE = timedelta(hours=24)

Writer = Callable[[sqlite3.Connection, Any, int], None]
"""Writes one aggregate: the connection, the aggregate, the version that it was read at."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An event that is ready for the outbox."""

    topic: str
    type: str
    key: str
    created_at: str
    envelope: bytes


class SqliteStore:
    """Implements ``LocalStore`` for a service's database: its state, its log, its places.

    A service's adapter subclasses it, names a writer per aggregate type, and adds its queries.
    """

    def __init__(
        self,
        database: Database,
        envelopes: EnvelopeMaker,
        savers: Mapping[type, Writer],
        removers: Mapping[type, Writer] | None = None,
    ) -> None:
        self.database = database
        self.source = envelopes.source
        self.signal = Signal()
        self._envelopes = envelopes
        self._savers = savers
        self._removers = removers or {}

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``."""
        events = self._seal(changes.events)

        def work(connection: sqlite3.Connection) -> None:
            if inbox is not None:
                _mark(connection, inbox)
            self._write(connection, changes.saves, self._savers)
            self._write(connection, changes.removals, self._removers)
            if events:
                _publish(connection, events)
            if reply is not None:
                self.keep(connection, reply)

        topics = {event.topic for event in events}
        await self.database.write(work, then=lambda: self.signal.fire(topics))

    def seal(self, events: Iterable[Publish]) -> list[_Sealed]:
        """Return ``events`` as outbox rows, for a repository that writes by its own closure."""
        return self._seal(events)

    def publish(self, connection: sqlite3.Connection, events: list[_Sealed]) -> None:
        """Write sealed events inside a repository's own transaction; ``then`` fire ``signal``."""
        _publish(connection, events)

    def _seal(self, events: Iterable[Publish]) -> list[_Sealed]:
        sealed = []
        for publish in events:
            envelope, body = self._envelopes.make(publish.event, publish.sequence)
            sealed.append(
                _Sealed(
                    publish.event.topic, envelope.type, envelope.partitionkey, envelope.time, body
                )
            )
        return sealed

    def _write(
        self, connection: sqlite3.Connection, saves: Iterable[Save], writers: Mapping[type, Writer]
    ) -> None:
        for save in saves:
            writers[type(save.aggregate)](connection, save.aggregate, save.expected_version)

    def keep(self, connection: sqlite3.Connection, reply: StoredReply) -> None:
        """Keep an answer under its key; raises ``StaleVersion`` when the key was used meanwhile."""
        now = self._envelopes.clock.now()
        connection.execute(
            "DELETE FROM idempotency WHERE key = ? AND created_at < ?",
            (reply.key, to_text(now - REPLY_LIFE)),
        )
        try:
            connection.execute(
                "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
                (
                    reply.key,
                    reply.fingerprint,
                    reply.status,
                    msgspec.json.encode(reply.headers).decode(),
                    reply.body,
                    to_text(now),
                ),
            )
        except sqlite3.IntegrityError as error:
            raise StaleVersion("The key was used meanwhile.") from error

    async def find_reply(self, key: str) -> StoredReply | None:
        """See ``Store.find_reply``."""
        row = self.database.read_one(
            "SELECT key, fingerprint, status, headers, body FROM idempotency"
            " WHERE key = ? AND created_at >= ?",
            (key, to_text(self._envelopes.clock.now() - REPLY_LIFE)),
        )
        if row is None:
            return None
        headers = msgspec.json.decode(row[3], type=dict[str, str])
        return StoredReply(row[0], row[1], row[2], headers, row[4])

    # The producer's side of the bus: the outbox is the log.

    def read_log(self, topic: str, after: int, limit: int) -> list[LogEntry]:
        """See ``EventLog.read_log``."""
        rows = self.database.read(
            "SELECT position, type, key, created_at, envelope FROM outbox"
            " WHERE topic = ? AND position > ? ORDER BY position LIMIT ?",
            (topic, after, limit),
        )
        return [LogEntry(*row) for row in rows]

    # The consumer's side of the bus.

    async def offset(self, consumer: str, source: str, topic: str) -> int:
        """See ``OffsetStore.offset``."""
        row = self.database.read_one(
            "SELECT position FROM offsets WHERE consumer = ? AND source = ? AND topic = ?",
            (consumer, source, topic),
        )
        return row[0] if row else 0

    async def advance(self, consumer: str, source: str, topic: str, position: int) -> None:
        """See ``OffsetStore.advance``."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO offsets VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET position = excluded.position",
                (consumer, source, topic, position),
            )

        await self.database.write(work)

    async def park(self, event: ParkedEvent) -> None:
        """See ``ParkedEvents.park``."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO parked_events (consumer, topic, key, type, event_id, envelope, error,"
                " attempts, status, due_at, parked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET error = excluded.error, attempts = excluded.attempts,"
                " status = excluded.status, due_at = excluded.due_at",
                (
                    event.consumer,
                    event.topic,
                    event.key,
                    event.type,
                    event.event_id,
                    event.envelope,
                    event.error,
                    event.attempts,
                    event.status,
                    event.due_at,
                    event.parked_at,
                ),
            )

        await self.database.write(work)

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """See ``ParkedEvents.parked``."""
        rows = self.database.read(
            "SELECT consumer, topic, key, type, event_id, envelope, error, attempts, status,"
            " due_at, parked_at FROM parked_events WHERE (?1 IS NULL OR consumer = ?1)"
            " AND (?2 IS NULL OR status = ?2) ORDER BY position",
            (consumer, status),
        )
        return [ParkedEvent(*row) for row in rows]

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ParkedEvents.unpark``."""

        def work(connection: sqlite3.Connection) -> bool:
            return bool(
                connection.execute(
                    "DELETE FROM parked_events WHERE consumer = ? AND event_id = ?",
                    (consumer, event_id),
                ).rowcount
            )

        return await self.database.write(work)

    async def prune(self, before: str) -> None:
        """Forget idempotency records from before an RFC 3339 time."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM idempotency WHERE created_at < ?", (before,))

        await self.database.write(work)
        await self.database.shed_log()

    def close(self) -> None:
        """Commit what waits and close the database."""
        self.database.close()


def _mark(connection: sqlite3.Connection, inbox: InboxMark) -> None:
    try:
        connection.execute("INSERT INTO inbox VALUES (?, ?)", (inbox.consumer, inbox.event_id))
    except sqlite3.IntegrityError as error:
        raise DuplicateEvent(inbox.event_id) from error


def _publish(connection: sqlite3.Connection, events: Iterable[_Sealed]) -> None:
    connection.executemany(
        "INSERT INTO outbox (topic, type, key, created_at, envelope) VALUES (?, ?, ?, ?, ?)",
        [
            (event.topic, event.type, event.key, event.created_at, event.envelope)
            for event in events
        ],
    )
