"""The graph on Neo4j.

::

    (:Customer {id, number, erased})-[:PLACED]->(:Order {id, number, at})
    (:Order)-[:CONTAINS {quantity}]->(:Product {id, number, name, ..., sold, sequence})
    (:Customer)-[:BOUGHT {orders, at}]->(:Product)    (:Customer)-[:VIEWED {at}]->(:Product)
    (:Product)-[:VARIANT_OF]->(:Product)

Times are whole seconds since 1970. An erased customer's node has lost its id; another one with the
id, and ``erased``, keeps what arrives late from naming the person again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import LiteralString

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.engines.neo4j import Neo4j, Neo4jStore, Row
from kibble.services.recommendation.adapters.neo4j import writers
from kibble.services.recommendation.adapters.rows import card_of
from kibble.services.recommendation.model import (
    Card,
    Erasure,
    ProductNumber,
    Profile,
    Purchase,
    Trace,
    View,
    Withdrawal,
)
from kibble.services.recommendation.model.arrays import Rows
from kibble.services.recommendation.model.edges import rows
from kibble.services.recommendation.repository import Bounds

SCHEMA = (
    *(
        f"CREATE CONSTRAINT {{name}} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{key} IS UNIQUE"
        for label in ("Product", "Customer", "Order")
        for key in ("id", "number")
    ),
    "CREATE INDEX {name} IF NOT EXISTS FOR (p:Product) ON (p.category, p.number)",
    "CREATE CONSTRAINT {name} IF NOT EXISTS FOR (m:Model) REQUIRE m.name IS UNIQUE",
    "CREATE INDEX {name} IF NOT EXISTS FOR (p:ModelPart) ON (p.key, p.place)",
)

_CARD = (
    "p.id, p.name, p.category, p.price, p.currency, p.image, p.species, p.regular_price,"
    " p.number, p.sequence,"
    " COLLECT { MATCH (p)-[:VARIANT_OF]->(of) RETURN [of.id, of.number] }"
)


class Neo4jGraph(Neo4jStore):
    """Implements ``Graph``."""

    def __init__(
        self,
        engine: Neo4j,
        clock: Clock,
        bounds: Bounds = Bounds(),  # noqa: B008 - a frozen value
    ) -> None:
        super().__init__(
            engine,
            clock,
            {
                Card: writers.save_cards,
                Withdrawal: writers.save_withdrawals,
                Purchase: writers.save_purchases,
                View: writers.save_views,
                Erasure: writers.save_erasures,
            },
        )
        self._bounds = bounds

    async def open(self) -> None:
        """Make constraints and indexes; raises ``Unavailable``."""
        await self.migrate(SCHEMA)

    async def warm(self) -> None:
        """Have the server plan every query that a customer waits for: the first time takes long."""
        with suppress(Unavailable):
            await self.card(ProductId(""))
            await self.cards([ProductNumber(0)])
            await self.newest(None, 1)
            await self.newest("", 1)
            await self.profile(CustomerId(""))

    async def card(self, product_id: ProductId) -> Card | None:
        """See ``Graph.card``."""
        found = await self.engine.read(
            f"MATCH (p:Product {{id: $id}}) WHERE p.sold RETURN {_CARD}", id=product_id
        )
        return _card(found[0]) if found else None

    async def cards(self, products: Collection[ProductNumber]) -> dict[ProductNumber, Card]:
        """See ``Graph.cards``."""
        if not products:
            return {}
        found = await self.engine.read(
            "UNWIND $numbers AS number MATCH (p:Product {number: number}) WHERE p.sold"
            f" RETURN {_CARD}",
            numbers=list(products),
        )
        return {ProductNumber(row[8]): _card(row) for row in found}

    async def newest(self, category: str | None, count: int) -> list[Card]:
        """See ``Graph.newest``."""
        # Of a number above 0 is every product; it tells the planner to walk the index backwards.
        wanted = "" if category is None else "p.category = $category AND "
        found = await self.engine.read(
            f"MATCH (p:Product) WHERE {wanted}p.number > 0 AND p.sold"
            f" AND NOT EXISTS {{ (p)-[:VARIANT_OF]->() }} RETURN {_CARD}"
            " ORDER BY p.number DESC LIMIT $count",
            category=category,
            count=count,
        )
        return [_card(row) for row in found]

    async def profile(self, customer_id: CustomerId) -> Profile:
        """See ``Graph.profile``."""
        found = await self.engine.read(
            "MATCH (c:Customer {id: $id}) RETURN"
            " COLLECT { MATCH (c)-[b:BOUGHT]->(p) OPTIONAL MATCH (p)-[:VARIANT_OF]->(of)"
            " RETURN [p.number, b.orders, p.species, of.number]"
            " ORDER BY b.at DESC LIMIT $bought },"
            " COLLECT { MATCH (c)-[v:VIEWED]->(p) OPTIONAL MATCH (p)-[:VARIANT_OF]->(of)"
            " RETURN [coalesce(of.number, p.number), p.species]"
            " ORDER BY v.at DESC LIMIT $viewed }",
            id=customer_id,
            bought=self._bounds.bought,
            viewed=self._bounds.viewed,
        )
        return Profile.of(*found[0]) if found else Profile()

    async def trace(self, customer_id: CustomerId) -> Trace:
        """See ``Graph.trace``."""
        return Trace(
            await self._edges("BOUGHT", customer_id), await self._edges("VIEWED", customer_id)
        )

    async def _edges(
        self, kind: LiteralString, customer_id: CustomerId
    ) -> tuple[tuple[ProductId, datetime], ...]:
        found = await self.engine.read(
            f"MATCH (c:Customer {{id: $id}})-[e:{kind}]->(p:Product) RETURN p.id, e.at"
            " ORDER BY e.at DESC, p.number",
            id=customer_id,
        )
        return tuple(
            (ProductId(product), datetime.fromtimestamp(when, UTC)) for product, when in found
        )

    def lines(self) -> AsyncIterator[Rows]:
        """See ``Graph.lines``."""
        return self._chunks(
            "MATCH (o:Order)-[:CONTAINS]->(p:Product) OPTIONAL MATCH (c:Customer)-[:PLACED]->(o)"
            " RETURN o.number, coalesce(c.number, 0), p.number, o.at ORDER BY o.number, p.number",
            width=4,
        )

    def views(self) -> AsyncIterator[Rows]:
        """See ``Graph.views``."""
        return self._chunks(
            "MATCH (c:Customer)-[v:VIEWED]->(p:Product)"
            " RETURN c.number, p.number, v.at ORDER BY c.number, p.number",
            width=3,
        )

    def families(self) -> AsyncIterator[Rows]:
        """See ``Graph.families``."""
        return self._chunks(
            "MATCH (p:Product)-[:VARIANT_OF]->(of:Product)"
            " RETURN p.number, of.number ORDER BY p.number",
            width=2,
        )

    async def _chunks(self, query: str, width: int) -> AsyncIterator[Rows]:
        async for chunk in self.engine.stream(query, self._bounds.chunk_rows):
            yield rows(chunk, width)

    async def sold(self) -> AsyncIterator[list[tuple[int, str]]]:
        """See ``Graph.sold``."""
        async for chunk in self.engine.stream(
            "MATCH (p:Product) WHERE p.sold RETURN p.number, p.category ORDER BY p.number",
            self._bounds.chunk_rows,
        ):
            yield [(number, category) for number, category in chunk]


def _card(row: Row) -> Card:
    *known, parents = row
    parent_id, parent = parents[0] if parents else (None, None)
    return card_of((*known, parent, parent_id))
