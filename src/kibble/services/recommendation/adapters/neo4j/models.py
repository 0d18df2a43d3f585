"""The item model that replicas share: one of them builds it, and leaves it in the graph.

The model is kept whole, as bytes in parts, since the scores of a customer's taste need all of it.
What goes with a product is kept as edges too, which the graph alone can answer from::

    (:Product)-[:SIMILAR {score, reason}]->(:Product)
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from io import BytesIO

from kibble.kernel.errors import StaleVersion
from kibble.platform.engines.neo4j import Neo4jStore, Row, Transaction
from kibble.services.recommendation.adapters.neo4j.writers import EDGES
from kibble.services.recommendation.model import ItemModel, Pick, ProductNumber, Reason
from kibble.services.recommendation.model.arrays import load, save
from kibble.services.recommendation.repository import Ticket

LEASE_SECONDS = 600.0
PART_BYTES = 1 << 20
MOST_SIMILAR = 20
"""SIMILAR edges of a product: its fan-out has an end, however much was sold."""
PRODUCTS_AT_ONCE = 200

_MODEL = "(m:Model {name: 'item model'})"


class Neo4jItemModels:
    """Implements ``ItemModels``; ``owner`` tells this process from others."""

    def __init__(self, store: Neo4jStore, owner: str) -> None:
        self._store = store
        self._engine = store.engine
        self._owner = owner

    async def newer(self, than: int) -> tuple[int, ItemModel] | None:
        """See ``ItemModels.newer``."""
        found = await self._engine.read(
            f"MATCH {_MODEL} WHERE m.number > $than RETURN m.number, m.key, m.parts", than=than
        )
        for number, key, parts in found:
            rows = await self._engine.read(
                "MATCH (p:ModelPart) WHERE p.key = $key RETURN p.bytes ORDER BY p.place", key=key
            )
            if len(rows) == parts:  # else the next one has just replaced it
                content = BytesIO(b"".join(row[0] for row in rows))
                return number, ItemModel.from_arrays(await asyncio.to_thread(load, content))
        return None

    async def claim(self, new_edges: int, *, now: bool = False) -> Ticket | None:
        """See ``ItemModels.claim``; times are the server's."""

        async def work(transaction: Transaction) -> Ticket | None:
            edges = transaction.counts.get(EDGES, 0)
            rows = await transaction.run(
                f"MERGE {_MODEL} WITH m, timestamp() AS now"
                " WHERE coalesce(m.until, 0) <= now"
                " AND ($now OR coalesce(m.rests, 0) <= now)"
                " AND ($now OR m.edges IS NULL OR m.edges + $new_edges <= $edges)"
                " SET m.owner = $owner, m.until = now + $lease"
                " RETURN coalesce(m.number, 0) + 1",
                owner=self._owner,
                lease=int(LEASE_SECONDS * 1_000),
                edges=edges,
                new_edges=new_edges,
                now=now,
            )
            return Ticket(rows[0][0], edges) if rows else None

        return await self._store.transact(work)

    async def publish(self, ticket: Ticket, model: ItemModel, rest_seconds: float) -> None:
        """See ``ItemModels.publish``; the edges follow the model."""
        key = f"{ticket.number} {self._owner}"
        mine = "m.owner = $owner AND coalesce(m.number, 0) + 1 = $number"
        held = {"owner": self._owner, "number": ticket.number}
        if not await self._run(f"MATCH {_MODEL} WHERE {mine} RETURN m.number", **held):
            raise StaleVersion("The ticket is another's, or used.")
        content = BytesIO()
        await asyncio.to_thread(save, content, model.arrays())
        parts = list(_parts(content.getvalue()))
        await self._run("MATCH (p:ModelPart) WHERE p.key = $key DELETE p", key=key)
        for place, part in enumerate(parts):
            await self._run(
                "CREATE (:ModelPart {key: $key, place: $place, bytes: $part})",
                key=key,
                place=place,
                part=part,
            )
        settled = await self._run(
            f"MATCH {_MODEL} WHERE {mine}"
            " SET m.number = $number, m.key = $key, m.parts = $parts, m.edges = $edges,"
            " m.owner = '', m.until = 0, m.rests = timestamp() + $rest RETURN m.number",
            **held,
            key=key,
            parts=len(parts),
            edges=ticket.edges,
            rest=int(rest_seconds * 1_000),
        )
        if not settled:
            await self._run("MATCH (p:ModelPart) WHERE p.key = $key DELETE p", key=key)
            raise StaleVersion("Another process built the item model meanwhile.")
        await self._run("MATCH (p:ModelPart) WHERE p.key <> $key DELETE p", key=key)
        await self._relate(model)

    async def similar(self, product: ProductNumber, count: int) -> list[Pick]:
        """See ``ItemModels.similar``."""
        rows = await self._engine.read(
            "MATCH (:Product {number: $product})-[s:SIMILAR]->(o:Product) WHERE o.sold"
            " RETURN o.number, s.score, s.reason ORDER BY s.score DESC, o.number LIMIT $count",
            product=product,
            count=count,
        )
        return [
            Pick(ProductNumber(number), score, Reason(reason), product)
            for number, score, reason in rows
        ]

    async def _relate(self, model: ItemModel) -> None:
        """Bring the SIMILAR edges to those of a model; most products' stay as they are."""
        rows = await self._engine.read(
            "MATCH (p:Product) WHERE p.similar IS NOT NULL RETURN p.number, p.similar"
        )
        known: dict[int, str] = {row[0]: row[1] for row in rows}
        changed: list[tuple[int, str, list[list[object]]]] = []
        products: list[int] = model.products.tolist()
        # A variant that was learnt to be one is in the model no more.
        for product in [*products, *(known.keys() - products)]:
            picks = model.related(ProductNumber(product), MOST_SIMILAR)
            edges: list[list[object]] = [
                [pick.product, round(pick.score, 2), pick.reason.value] for pick in picks
            ]
            mark = repr(edges)
            if known.get(product, "[]") != mark:
                changed.append((product, mark, edges))
            if len(changed) == PRODUCTS_AT_ONCE:
                await self._replace(changed)
                changed = []
            await asyncio.sleep(0)  # allow(clock): gives way to what waits, and takes no time
        await self._replace(changed)

    async def _replace(self, changed: list[tuple[int, str, list[list[object]]]]) -> None:
        async def work(transaction: Transaction) -> None:
            await transaction.run(
                "UNWIND $products AS number MATCH (p:Product {number: number})-[s:SIMILAR]->()"
                " DELETE s",
                products=[product for product, _, _ in changed],
            )
            await transaction.run(
                "UNWIND $rows AS row MATCH (p:Product {number: row[0]}) SET p.similar = row[1]"
                " WITH p, row UNWIND row[2] AS edge MATCH (o:Product {number: edge[0]})"
                " CREATE (p)-[:SIMILAR {score: edge[1], reason: edge[2]}]->(o)",
                rows=[list(one) for one in changed],
            )

        if changed:
            await self._store.transact(work)

    async def _run(self, statement: str, **parameters: object) -> list[Row]:
        async def work(transaction: Transaction) -> list[Row]:
            return await transaction.run(statement, **parameters)

        return await self._store.transact(work)


def _parts(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PART_BYTES):
        yield content[start : start + PART_BYTES]
