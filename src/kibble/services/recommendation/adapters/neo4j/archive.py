"""The graph on Neo4j as rows, and back; nodes keep their numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kibble.platform.engines.neo4j import Neo4jStore, Transaction
from kibble.platform.engines.neo4j import Row as Record
from kibble.platform.persistence.archive import (
    BATCH,
    IDEMPOTENCY,
    PARKED_EVENTS,
    Column,
    Row,
    Shape,
    packed,
    unpacked,
)
from kibble.services.recommendation.adapters import archive
from kibble.services.recommendation.adapters.neo4j.writers import EDGES

NAME = "recommendation"
LABELS = ("Product", "Customer", "Order", "Reply", "Parked")
_NUMBERED = ("Product", "Customer", "Order")


@dataclass(frozen=True, slots=True)
class _Nodes:
    """How a table's rows are kept as nodes.

    ``read`` returns what it is sorted by, and then the columns of one row, or a list of the rows
    of one node. ``write`` writes the row ``row``.
    """

    read: str
    write: str
    columns: Sequence[str]
    nested: bool = False


def _edges(read: str, write: str, *columns: str) -> _Nodes:
    return _Nodes(read, write, columns, nested=True)


_PAGE = "ORDER BY n.number LIMIT $limit"
_KEPT: Mapping[Shape, _Nodes] = {
    archive.PRODUCTS: _Nodes(
        "MATCH (n:Product) WHERE n.number > $after RETURN n.number AS at, n.number, n.id, n.name,"
        " n.category, n.price, n.currency, n.image, n.species, n.regular_price,"
        " coalesce(n.sold, false), coalesce(n.sequence, 0),"
        f" head(COLLECT {{ MATCH (n)-[:VARIANT_OF]->(p:Product) RETURN p.number }}) {_PAGE}",
        "MERGE (n:Product {number: row.number}) SET n.id = row.product_id, n.name = row.name,"
        " n.category = row.category, n.price = row.price, n.currency = row.currency,"
        " n.image = row.image, n.species = row.species,"
        " n.regular_price = row.regular_price, n.sold = row.sold, n.sequence = row.sequence"
        " FOREACH (parent IN CASE WHEN row.parent IS NULL THEN [] ELSE [row.parent] END |"
        " MERGE (p:Product {number: parent}) MERGE (n)-[:VARIANT_OF]->(p))",
        (
            "number",
            "product_id",
            "name",
            "category",
            "price",
            "currency",
            "image",
            "species",
            "regular_price",
            "sold",
            "sequence",
            "parent",
        ),
    ),
    archive.CUSTOMERS: _Nodes(
        "MATCH (n:Customer) WHERE n.number > $after"
        f" RETURN n.number AS at, n.number, n.id, coalesce(n.erased, false) {_PAGE}",
        "MERGE (n:Customer {number: row.number}) SET n.id = row.customer_id,"
        " n.erased = CASE WHEN row.erased THEN true ELSE null END",
        ("number", "customer_id", "erased"),
    ),
    archive.ORDERS: _Nodes(
        "MATCH (n:Order) WHERE n.number > $after OPTIONAL MATCH (c:Customer)-[:PLACED]->(n)"
        f" RETURN n.number AS at, n.number, n.id, c.number, n.at {_PAGE}",
        "MERGE (n:Order {number: row.number}) SET n.id = row.order_id, n.at = row.bought_at"
        " WITH n, row MATCH (c:Customer {number: row.customer}) MERGE (c)-[:PLACED]->(n)",
        ("number", "order_id", "customer", "bought_at"),
    ),
    archive.PURCHASES: _edges(
        "MATCH (n:Order) WHERE n.number > $after RETURN n.number,"
        " COLLECT { MATCH (n)-[e:CONTAINS]->(p:Product) RETURN [n.number, p.number, e.quantity] }"
        f" {_PAGE}",
        "MATCH (n:Order {number: row.order_number}) MATCH (p:Product {number: row.product})"
        " MERGE (n)-[e:CONTAINS]->(p) SET e.quantity = row.quantity",
        "order_number",
        "product",
        "quantity",
    ),
    archive.BOUGHT: _edges(
        "MATCH (n:Customer) WHERE n.number > $after RETURN n.number,"
        " COLLECT { MATCH (n)-[e:BOUGHT]->(p:Product)"
        f" RETURN [n.number, p.number, e.orders, e.at] }} {_PAGE}",
        "MATCH (n:Customer {number: row.customer}) MATCH (p:Product {number: row.product})"
        " MERGE (n)-[e:BOUGHT]->(p) SET e.orders = row.orders, e.at = row.bought_at",
        "customer",
        "product",
        "orders",
        "bought_at",
    ),
    archive.VIEWED: _edges(
        "MATCH (n:Customer) WHERE n.number > $after RETURN n.number,"
        " COLLECT { MATCH (n)-[e:VIEWED]->(p:Product) RETURN [n.number, p.number, e.at] }"
        f" {_PAGE}",
        "MATCH (n:Customer {number: row.customer}) MATCH (p:Product {number: row.product})"
        " MERGE (n)-[e:VIEWED]->(p) SET e.at = row.viewed_at",
        "customer",
        "product",
        "viewed_at",
    ),
    IDEMPOTENCY: _Nodes(
        "MATCH (n:Reply) WHERE n.key > $after RETURN n.key AS at, n.key, n.fingerprint, n.status,"
        " n.headers, n.body, n.createdAt ORDER BY n.key LIMIT $limit",
        "MERGE (n:Reply {key: row.key}) SET n.fingerprint = row.fingerprint,"
        " n.status = row.status, n.headers = row.headers, n.body = row.body,"
        " n.createdAt = row.created_at",
        ("key", "fingerprint", "status", "headers", "body", "created_at"),
    ),
    PARKED_EVENTS: _Nodes(
        "MATCH (n:Parked) WHERE n.position > $after RETURN n.position, n.consumer, n.topic, n.key,"
        " n.type, n.eventId, n.envelope, n.error, n.attempts, n.status, n.dueAt, n.parkedAt"
        " ORDER BY n.position LIMIT $limit",
        "MERGE (n:Parked {consumer: row.consumer, eventId: row.event_id})"
        " SET n.topic = row.topic, n.key = row.key, n.type = row.type, n.envelope = row.envelope,"
        " n.error = row.error, n.attempts = row.attempts, n.status = row.status,"
        " n.dueAt = row.due_at, n.parkedAt = row.parked_at, n.position = row.place",
        (
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
        ),
    ),
}


class Neo4jArchive:
    """Implements ``Archive`` over the graph's store."""

    def __init__(self, store: Neo4jStore, close: Callable[[], Awaitable[None]]) -> None:
        self.name = NAME
        self.shapes = archive.SHAPES
        self._store = store
        self._close = close

    async def unfinished(self) -> int:
        """See ``Archive.unfinished``: the graph publishes nothing."""
        return 0

    async def is_empty(self) -> bool:
        """See ``Archive.is_empty``."""
        for label in LABELS:
            if await self._store.engine.read(f"MATCH (n:{label}) RETURN 1 LIMIT 1"):
                return False
        return True

    async def rows(self, table: Shape) -> AsyncIterator[Sequence[Row]]:
        """See ``Archive.rows``."""
        nodes = _KEPT[table]
        after: object = "" if table is IDEMPOTENCY else 0
        place = 0
        while found := await self._store.engine.read(nodes.read, after=after, limit=BATCH):
            after = found[-1][0]
            rows = [_row(table, nodes.columns, values) for values in _values(nodes, found)]
            if table.within is not None:
                rows = [{**row, "place": place + nth} for nth, row in enumerate(rows, start=1)]
                place += len(rows)
            yield rows

    async def begin(self) -> None:
        """See ``Archive.begin``: nodes and edges are merged with those that are there."""

    async def load(self, table: Shape, rows: Sequence[Row]) -> None:
        """See ``Archive.load``."""
        values = [
            {name: _inward(value, table.columns[name]) for name, value in row.items()}
            for row in rows
        ]

        async def work(transaction: Transaction) -> None:
            await transaction.run(f"UNWIND $rows AS row {_KEPT[table].write}", rows=values)

        await self._store.transact(work)

    async def finish(self) -> None:
        """See ``Archive.finish``: numbers go on after those that were given."""

        async def work(transaction: Transaction) -> None:
            for label in _NUMBERED:
                rows = await transaction.run(f"MATCH (n:{label}) RETURN coalesce(max(n.number), 0)")
                transaction.counts[label] = rows[0][0]
            parked = await transaction.run("MATCH (n:Parked) RETURN coalesce(max(n.position), 0)")
            edges = await transaction.run(
                "RETURN COUNT { (:Order)-[:CONTAINS]->() } + COUNT { (:Customer)-[:VIEWED]->() }"
                " + COUNT { (:Product)-[:VARIANT_OF]->() }"
            )
            transaction.counts |= {"Parked": parked[0][0], EDGES: edges[0][0]}

        await self._store.transact(work)

    async def close(self) -> None:
        """See ``Archive.close``."""
        await self._close()


def _values(nodes: _Nodes, found: Sequence[Record]) -> Sequence[Sequence[Any]]:
    if nodes.nested:
        return [values for record in found for values in record[1]]
    return [record[1:] for record in found]


def _row(table: Shape, columns: Sequence[str], values: Sequence[Any]) -> Row:
    return {
        name: _outward(value, table.columns[name])
        for name, value in zip(columns, values, strict=True)
    }


def _outward(value: Any, kind: Column) -> Any:
    if kind is Column.JSON:
        return msgspec.json.decode(value)
    return packed(bytes(value)) if kind is Column.BYTES else value


def _inward(value: Any, kind: Column) -> Any:
    if kind is Column.JSON:
        return msgspec.json.encode(value).decode()
    return unpacked(value) if kind is Column.BYTES else value
