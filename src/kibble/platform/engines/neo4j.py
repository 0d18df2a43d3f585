"""Neo4j: a pool of connections, errors in our words, and a service's store (https://neo4j.com).

Labels in queries are written plainly (``:Product``) and get the namespace in front, since the
Community edition has one database for all.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, LiteralString, Protocol, TypeVar, cast
from urllib.parse import unquote, urlsplit

import msgspec

from kibble.kernel.clock import Clock, to_text
from kibble.kernel.errors import KibbleError, StaleVersion, TimedOut, Unavailable
from kibble.platform.engines.neo4j_tables import without_tables
from kibble.platform.engines.together import Result, Together
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark, StoredReply
from kibble.platform.resilience import Breaker

with without_tables():
    from neo4j import (
        AsyncGraphDatabase,
        AsyncManagedTransaction,
        AsyncSession,
        NotificationMinimumSeverity,
    )
    from neo4j.exceptions import (
        ClientError,
        ConstraintError,
        DriverError,
        Neo4jError,
        TransientError,
    )

T = TypeVar("T")

CONNECTIONS = 16
CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
"""More than the first plan of a query takes on a cold server: 1 to 4 s."""
WRITE_SECONDS = 30.0
REPLY_LIFE = timedelta(hours=24)

_ALREADY_THERE = {
    f"Neo.ClientError.Schema.{what}"
    for what in (
        "EquivalentSchemaRuleAlreadyExists",
        "IndexAlreadyExists",
        "ConstraintAlreadyExists",
        "IndexWithNameAlreadyExists",
        "ConstraintWithNameAlreadyExists",
    )
}
_LABEL = re.compile(r"(?<=:)[A-Z][a-z]\w*")

Row = tuple[Any, ...]


class Neo4j:
    """Runs queries for one namespace. ``url`` is ``bolt://user:password@host:port``.

    Constraint violations become ``StaleVersion``, all else that the driver raises ``Unavailable``.
    A breaker keeps callers from waiting for a server that is gone.
    """

    def __init__(
        self,
        url: str,
        namespace: str,
        clock: Clock,
        *,
        read_seconds: float = READ_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        place = urlsplit(url)
        user = (unquote(place.username), unquote(place.password or "")) if place.username else None
        self.namespace = namespace
        self.breaker = Breaker("Neo4j", clock)
        self._read_seconds = read_seconds
        self._write_seconds = write_seconds
        self._driver = AsyncGraphDatabase.driver(
            f"{place.scheme}://{place.netloc.rpartition('@')[2]}",
            auth=user,
            max_connection_pool_size=CONNECTIONS,
            connection_timeout=CONNECT_SECONDS,
            connection_acquisition_timeout=read_seconds,
            max_transaction_retry_time=CONNECT_SECONDS,
            telemetry_disabled=True,
            # Remarks on queries, as of labels that nothing has yet, are sent, read and logged else.
            notifications_min_severity=NotificationMinimumSeverity.OFF,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._driver.close()

    def query(self, text: str) -> LiteralString:
        """Return a query with its labels in this namespace."""
        # Queries are put together from constants of this repository; values are parameters.
        return cast("LiteralString", _in_namespace(text, self.namespace))  # type: ignore[redundant-cast]  # mypy takes it for str

    async def read(self, text: str, **parameters: object) -> list[Row]:
        """Return the rows of a query."""
        async with self._session(self._read_seconds) as session:
            result = await session.run(self.query(text), parameters)
            return [tuple(record.values()) async for record in result]

    async def stream(self, text: str, size: int, **parameters: object) -> AsyncIterator[list[Row]]:
        """Yield the rows of a query in chunks of ``size``, as they are asked for."""
        async with self._session(self._write_seconds, size) as session:
            result = await session.run(self.query(text), parameters)
            while records := await result.fetch(size):
                yield [tuple(record.values()) for record in records]

    async def define(self, statement: str) -> None:
        """Make a constraint or an index, if it is not there.

        IF NOT EXISTS does not say so of one that another process makes at the same moment; when
        both are in each other's way, it is tried again.
        """

        async def work(running: AsyncManagedTransaction) -> None:
            await (await running.run(self.query(statement))).consume()

        async with self._session(self._write_seconds) as session:
            try:
                await session.execute_write(work)
            except ClientError as error:
                if error.code not in _ALREADY_THERE:
                    raise

    async def write(self, work: Callable[[AsyncManagedTransaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction, again when another was in its way."""
        async with self._session(self._write_seconds) as session:
            return await session.execute_write(work)

    @asynccontextmanager
    async def _session(self, seconds: float, fetch: int = 1_000) -> AsyncGenerator[AsyncSession]:
        self.breaker.check()
        try:
            async with asyncio.timeout(seconds), self._driver.session(fetch_size=fetch) as session:
                yield session
        except TimeoutError as error:
            self.breaker.record(succeeded=False)
            raise TimedOut("Neo4j did not answer in time.") from error
        except ConstraintError as error:
            raise StaleVersion("Another one was first.") from error
        except TransientError as error:
            raise Unavailable(f"Neo4j is too busy: {error}") from error
        except (DriverError, Neo4jError, OSError) as error:
            self.breaker.record(succeeded=False)
            raise Unavailable(f"Neo4j cannot answer: {error}") from error
        self.breaker.record(succeeded=True)


@lru_cache(maxsize=1_000)
def _in_namespace(text: str, namespace: str) -> str:
    return _LABEL.sub(lambda found: f"`{namespace}_{found[0]}`", text)


class Transaction:
    """The writes of one commit; it holds the lock on the numbers, so it is alone.

    ``counts`` are the highest numbers given by label.
    """

    def __init__(
        self, engine: Neo4j, running: AsyncManagedTransaction, counts: dict[str, int]
    ) -> None:
        self._engine = engine
        self._running = running
        self.counts = counts

    async def run(self, text: str, **parameters: object) -> list[Row]:
        """Run a statement and return its rows."""
        result = await self._running.run(self._engine.query(text), parameters)
        return [tuple(record.values()) async for record in result]

    def next_number(self, label: str) -> int:
        """Return the next number of a label, from 1."""
        self.counts[label] = self.counts.get(label, 0) + 1
        return self.counts[label]


class Saver(Protocol):
    """Writes aggregates of one type, in order."""

    async def __call__(self, transaction: Transaction, aggregates: Sequence[Any], /) -> None:
        """Write ``aggregates``."""
        ...


_Commit = tuple[Sequence[Any], StoredReply | None]
"""The aggregates that a commit saves, and the answer that it keeps."""


class Neo4jStore:
    """Implements ``ServiceStore`` for a service that only consumes, in transactions of its graph.

    It has no outbox, and no inbox either: what such a service saves changes nothing when it is
    saved again. All commits take the lock of one node, in which the numbers are that nodes get, so
    those that wait for it are written in one transaction.
    """

    def __init__(self, engine: Neo4j, clock: Clock, savers: Mapping[type, Saver]) -> None:
        self.engine = engine
        self._clock = clock
        self._savers = savers
        self._together = Together(self._write_together)

    async def migrate(self, schema: Sequence[str]) -> None:
        """Make what ``schema`` and the store need; several processes may do so at once."""
        statements = (*_SCHEMA, *schema)
        names = [f"{self.engine.namespace}_{place}" for place in range(len(statements))]
        for name, statement in zip(names, statements, strict=True):
            await self.engine.define(statement.format(name=f"`{name}`"))
        for name in names:
            await self.engine.define(f"CALL db.awaitIndex('{name}', 60)")

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        """See ``Store.commit``; a repeated event is written again, which changes nothing."""
        if changes.events or changes.removals:
            raise ValueError("a store that only consumes publishes and removes nothing")
        saves = [save.aggregate for save in changes.saves]
        await self._together.join("commits", (saves, reply))

    async def _write_together(self, _: str, commits: Sequence[_Commit]) -> list[Result]:
        """Write commits in one transaction; when that cannot be, each in its own."""
        try:
            await self._write(commits)
        except (StaleVersion, Unavailable):
            if len(commits) == 1:
                raise
            return [await self._write_alone(commit) for commit in commits]
        return [(None, None)] * len(commits)

    async def _write_alone(self, commit: _Commit) -> Result:
        try:
            await self._write([commit])
        except KibbleError as error:
            return (None, error)
        return (None, None)

    async def _write(self, commits: Sequence[_Commit]) -> None:
        async def work(transaction: Transaction) -> None:
            for _, reply in commits:
                if reply is not None:
                    await self._keep(transaction, reply)
            saves = [aggregate for saves, _ in commits for aggregate in saves]
            for kind, aggregates in groupby(saves, type):
                await self._savers[kind](transaction, list(aggregates))

        await self.transact(work)

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction, alone."""

        async def whole(running: AsyncManagedTransaction) -> T:
            transaction = Transaction(self.engine, running, {})
            ((counts,),) = await transaction.run(
                "MERGE (n:Numbers {name: 'numbers'}) SET n.locked = true RETURN properties(n)"
            )
            known = {key: value for key, value in counts.items() if isinstance(value, int)}
            transaction.counts = {key: value for key, value in known.items() if key != "locked"}
            answer = await work(transaction)
            await transaction.run(
                "MATCH (n:Numbers {name: 'numbers'}) SET n += $counts", counts=transaction.counts
            )
            return answer

        return await self.engine.write(whole)

    async def _keep(self, transaction: Transaction, reply: StoredReply) -> None:
        now = self._clock.now()
        await transaction.run(
            "MATCH (r:Reply {key: $key}) WHERE r.createdAt < $before DELETE r",
            key=reply.key,
            before=to_text(now - REPLY_LIFE),
        )
        await transaction.run(
            "CREATE (r:Reply {key: $key, fingerprint: $fingerprint, status: $status,"
            " headers: $headers, body: $body, createdAt: $now})",
            key=reply.key,
            fingerprint=reply.fingerprint,
            status=reply.status,
            headers=msgspec.json.encode(reply.headers).decode(),
            body=reply.body,
            now=to_text(now),
        )

    async def find_reply(self, key: str) -> StoredReply | None:
        """See ``Store.find_reply``."""
        rows = await self.engine.read(
            "MATCH (r:Reply {key: $key}) WHERE r.createdAt >= $after"
            " RETURN r.fingerprint, r.status, r.headers, r.body",
            key=key,
            after=to_text(self._clock.now() - REPLY_LIFE),
        )
        for fingerprint, status, headers, body in rows:
            decoded = msgspec.json.decode(headers, type=dict[str, str])
            return StoredReply(key, fingerprint, status, decoded, bytes(body))
        return None

    async def park(self, event: ParkedEvent) -> None:
        """See ``ConsumerStore.park``."""

        async def work(transaction: Transaction) -> None:
            await transaction.run(
                "MERGE (p:Parked {consumer: $consumer, eventId: $event_id})"
                " ON CREATE SET p.position = $position, p.topic = $topic, p.key = $key,"
                " p.type = $type, p.envelope = $envelope, p.parkedAt = $parked_at"
                " SET p.error = $error, p.attempts = $attempts, p.status = $status,"
                " p.dueAt = $due_at",
                position=transaction.next_number("Parked"),
                **{name: getattr(event, name) for name in _PARKED},
            )

        await self.transact(work)

    async def parked(
        self, consumer: str | None = None, status: str | None = None
    ) -> list[ParkedEvent]:
        """See ``ConsumerStore.parked``."""
        rows = await self.engine.read(
            "MATCH (p:Parked) WHERE ($consumer IS NULL OR p.consumer = $consumer)"
            " AND ($status IS NULL OR p.status = $status)"
            " RETURN p.consumer, p.topic, p.key, p.type, p.eventId, p.envelope, p.error,"
            " p.attempts, p.status, p.dueAt, p.parkedAt ORDER BY p.position",
            consumer=consumer,
            status=status,
        )
        return [ParkedEvent(*row) for row in rows]

    async def unpark(self, consumer: str, event_id: str) -> bool:
        """See ``ConsumerStore.unpark``."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run(
                "MATCH (p:Parked {consumer: $consumer, eventId: $event_id})"
                " DELETE p RETURN count(*)",
                consumer=consumer,
                event_id=event_id,
            )
            return bool(rows[0][0])

        return await self.transact(work)

    async def prune(self, before: str) -> None:
        """See ``ServiceStore.prune``."""

        async def work(transaction: Transaction) -> None:
            await transaction.run(
                "MATCH (r:Reply) WHERE r.createdAt < $before DELETE r", before=before
            )

        await self.transact(work)


_SCHEMA = tuple(
    f"CREATE CONSTRAINT {{name}} IF NOT EXISTS FOR (n:{label}) REQUIRE {key} IS UNIQUE"
    for label, key in (
        ("Numbers", "n.name"),
        ("Reply", "n.key"),
        ("Parked", "(n.consumer, n.eventId)"),
    )
)

_PARKED = (
    "consumer",
    "topic",
    "key",
    "type",
    "event_id",
    "envelope",
    "error",
    "attempts",
    "status",
    "due_at",
    "parked_at",
)
