"""The Apache driver behind awaitable calls, with its errors in Kibble's terms.

The driver answers on a thread of its own; a callback brings each answer to the loop. Nothing is
retried here: what a failed call means is for the caller to decide. Statements are prepared once.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from cassandra import ConsistencyLevel, DriverException
from cassandra import Unavailable as TooFewReplicas
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    DefaultConnection,
    ExecutionProfile,
    NoHostAvailable,
)
from cassandra.cluster import Session as DriversSession
from cassandra.connection import ConnectionException
from cassandra.policies import (
    DCAwareRoundRobinPolicy,
    FallthroughRetryPolicy,
    LoadBalancingPolicy,
    RoundRobinPolicy,
    TokenAwarePolicy,
)
from cassandra.protocol import ErrorMessage, RequestValidationException
from cassandra.query import BatchStatement, BatchType, PreparedStatement, tuple_factory

from kibble.kernel.errors import TimedOut, Unavailable

Row = tuple[Any, ...]
Statement = tuple[str, Sequence[object]]
"""CQL with a question mark for each of its values."""

REQUEST_SECONDS = 10.0
DEFAULT_PORT = 9042
MAX_BATCH = 50
"""The statements of one request: far below the 50 KiB that the server takes."""
PROTOCOL = 5


class Session(Protocol):
    """A keyspace, as adapters use it."""

    async def read(self, cql: str, *values: object, serial: bool = False) -> list[Row]:
        """Return the rows of a query, as a quorum of the data centre has them.

        ``serial`` also finishes or rules out conditional writes that are under way: what it shows
        is decided. Raises ``Unavailable``.
        """
        ...

    async def write(self, *statements: Statement) -> None:
        """Run statements, in any order; each must be repeatable.

        Few requests carry them, but they are not one write: after ``Unavailable`` some may be done.
        """
        ...

    async def decide(self, *statements: Statement) -> bool:
        """Run statements of one partition as one conditional write; tell whether it was applied.

        Raises ``TimedOut`` when the outcome is unknown: read with ``serial`` before deciding
        anything. ``Unavailable`` when it was certainly not applied.
        """
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where a cluster is: ``cassandra://[USER:PASSWORD@]HOST[,HOST][:PORT][?OPTIONS]``.

    Options: ``replication``, the copies of a keyspace that is made here (1); ``datacenter``, the
    one whose nodes are asked.
    """

    hosts: tuple[str, ...]
    port: int
    user: str
    password: str = field(repr=False)
    replication: int
    datacenter: str | None

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read an address; raises ``ValueError``."""
        parts = urlsplit(url)
        login, _, places = parts.netloc.rpartition("@")
        hosts, _, port = places.partition(":")
        if parts.scheme != "cassandra" or not hosts:
            raise ValueError("a Cassandra address looks like cassandra://HOST:PORT")
        user, _, password = login.partition(":")
        options = parse_qs(parts.query)
        return cls(
            hosts=tuple(hosts.split(",")),
            port=int(port or DEFAULT_PORT),
            user=unquote(user),
            password=unquote(password),
            replication=int(options.get("replication", ["1"])[0]),
            datacenter=options.get("datacenter", [None])[0],
        )


def keyspace_of(namespace: str, service: str) -> str:
    """Return the keyspace of a service in a namespace: letters, digits and underscores."""
    return "".join(c if c.isalnum() else "_" for c in f"{namespace}_{service}".lower())


class DriverSession:
    """Implements ``Session`` over the Apache driver."""

    def __init__(self, cluster: Cluster, session: DriversSession, keyspace: str) -> None:
        """``session`` has ``keyspace`` as its own; see ``open``."""
        self.keyspace = keyspace
        self._cluster = cluster
        self._session = session
        self._prepared: dict[str, PreparedStatement] = {}

    @classmethod
    async def open(cls, url: str, keyspace: str) -> DriverSession:
        """Connect, and make the keyspace if there is none. Raises ``Unavailable``."""
        address = Address.parse(url)
        cluster = _cluster(address)
        try:
            session = await asyncio.to_thread(cluster.connect)
            await asyncio.to_thread(_use_keyspace, session, keyspace, address.replication)
            # Where its partitions are: requests go to a node that has what they are about.
            await asyncio.to_thread(cluster.refresh_keyspace_metadata, keyspace)
        except Exception as error:
            await asyncio.to_thread(cluster.shutdown)
            if (known := _translated(error, conditional=False)) is None:
                raise
            raise known from error
        return cls(cluster, session, keyspace)

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.to_thread(self._cluster.shutdown)

    async def change_schema(self, cql: str) -> None:
        """Run a statement that changes the schema, and wait until all nodes agree."""
        try:
            await asyncio.to_thread(self._session.execute, cql, timeout=60.0)
        except Exception as error:
            if (known := _translated(error, conditional=False)) is None:
                raise
            raise known from error

    async def read(self, cql: str, *values: object, serial: bool = False) -> list[Row]:
        """See ``Session.read``."""
        bound = (await self._prepare(cql)).bind(values)
        if serial:
            bound.consistency_level = ConsistencyLevel.SERIAL
        return await self._run(bound, conditional=False)

    async def write(self, *statements: Statement) -> None:
        """See ``Session.write``."""
        parts = [
            statements[start : start + MAX_BATCH] for start in range(0, len(statements), MAX_BATCH)
        ]
        await asyncio.gather(*(self._send(part, conditional=False) for part in parts))

    async def decide(self, *statements: Statement) -> bool:
        """See ``Session.decide``."""
        rows = await self._send(statements, conditional=True)
        return bool(rows[0][0])

    async def _send(self, statements: Sequence[Statement], *, conditional: bool) -> list[Row]:
        """Send statements as one request."""
        bound = [(await self._prepare(cql)).bind(values) for cql, values in statements]
        if len(bound) == 1:
            return await self._run(bound[0], conditional=conditional)
        batch = BatchStatement(BatchType.UNLOGGED)
        for statement in bound:
            batch.add(statement)
        return await self._run(batch, conditional=conditional)

    async def _prepare(self, cql: str) -> PreparedStatement:
        prepared = self._prepared.get(cql)
        if prepared is None:
            try:
                prepared = await asyncio.to_thread(
                    self._session.prepare, cql, keyspace=self.keyspace
                )
            except Exception as error:
                if (known := _translated(error, conditional=False)) is None:
                    raise
                raise known from error
            self._prepared[cql] = prepared
        return prepared

    async def _run(self, statement: Any, *, conditional: bool) -> list[Row]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Row]] = loop.create_future()
        response = self._session.execute_async(statement)
        response.add_callbacks(
            lambda rows: loop.call_soon_threadsafe(_answer, answer, rows),
            lambda error: loop.call_soon_threadsafe(_fail, answer, error),
        )
        try:
            return await answer
        except Exception as error:
            if (known := _translated(error, conditional=conditional)) is None:
                raise
            raise known from error


def _answer(future: asyncio.Future[list[Row]], rows: list[Row] | None) -> None:
    if not future.done():
        future.set_result(rows or [])


def _fail(future: asyncio.Future[list[Row]], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


class SparingConnection(DefaultConnection):  # type: ignore[misc]  # the driver has no types
    """The driver's connection, with timers that let go of a request once it is answered."""

    @classmethod
    def create_timer(cls, timeout: float, callback: Callable[[], object]) -> SparingTimer:
        """Have ``callback`` called after ``timeout`` seconds, on a thread of the driver's."""
        return SparingTimer(super().create_timer, timeout, callback)


class SparingTimer:
    """A timer that keeps nothing once it is cancelled.

    The driver's own stay in its queue until they would have rung, ten seconds later, and each has
    its request, with statement and answer: 5 MB at twenty orders a second.
    """

    def __init__(
        self,
        create: Callable[[float, Callable[[], None]], Any],
        timeout: float,
        callback: Callable[[], object],
    ) -> None:
        """``create`` makes the driver's timer."""
        self._callback: Callable[[], object] | None = callback
        self._timer = create(timeout, self._ring)

    def _ring(self) -> None:
        if (callback := self._callback) is not None:
            callback()

    def cancel(self) -> None:
        """Let the callback go."""
        self._callback = None
        self._timer.cancel()


def _cluster(address: Address) -> Cluster:
    nearby: LoadBalancingPolicy = (
        DCAwareRoundRobinPolicy(address.datacenter) if address.datacenter else RoundRobinPolicy()
    )
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(nearby),
        retry_policy=FallthroughRetryPolicy(),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        serial_consistency_level=ConsistencyLevel.SERIAL,
        request_timeout=REQUEST_SECONDS,
        row_factory=tuple_factory,
    )
    login = (
        PlainTextAuthProvider(username=address.user, password=address.password)
        if address.user
        else None
    )
    return Cluster(
        address.hosts,
        port=address.port,
        auth_provider=login,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        connection_class=SparingConnection,
        protocol_version=PROTOCOL,
        connect_timeout=int(REQUEST_SECONDS),
        control_connection_timeout=REQUEST_SECONDS,
        schema_metadata_enabled=False,  # of every keyspace that the server has: megabytes
    )


def _use_keyspace(session: DriversSession, keyspace: str, replication: int) -> None:
    """Make the keyspace unless it is there, and take it as the session's own."""
    session.default_fetch_size = 0  # no paging: every query says how many rows it wants
    session.execute(
        f"CREATE KEYSPACE IF NOT EXISTS {keyspace}"  # allow(query): the operator's namespace
        " WITH replication ="
        f" {{'class': 'NetworkTopologyStrategy', 'replication_factor': {replication}}}",
        timeout=60.0,
    )
    session.set_keyspace(keyspace)


def _translated(error: Exception, *, conditional: bool) -> Unavailable | None:
    """Return a driver's error in Kibble's terms; None for what is a defect of the statement."""
    if isinstance(error, RequestValidationException):
        return None
    if isinstance(error, TooFewReplicas):
        return Unavailable("Cassandra has too few nodes up.")
    if isinstance(error, DriverException | NoHostAvailable | ConnectionException | ErrorMessage):
        if conditional:
            return TimedOut("Cassandra did not say whether it wrote.")
        return Unavailable("Cassandra does not answer.")
    return None


def table_id(keyspace: str, table: str) -> uuid.UUID:
    """Return the id of a table that several processes may create at once: for all the same."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"kibble:{keyspace}:{table}")
