"""What is written to the graph, many aggregates of one type in a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

from kibble.platform.engines.neo4j import Transaction
from kibble.services.recommendation.model import Card, Erasure, Purchase, View, Withdrawal
from kibble.services.recommendation.model.edges import seconds

EDGES = "edges"
"""The count of edges that were recorded, beside the numbers: it tells when a model is due."""


async def save_cards(transaction: Transaction, cards: Sequence[Card]) -> None:
    """Save products as they are shown; the highest version wins.

    A variant that joins its family is an edge to learn from: what was bought now counts together.
    """
    parents = (card.parent_id for card in cards if card.parent_id)
    await numbered(transaction, "Product", (*parents, *(card.product_id for card in cards)))
    for card in cards:
        saved = await transaction.run(
            "MATCH (p:Product {id: $id}) WHERE p.sequence < $sequence"
            " SET p.name = $name, p.category = $category, p.price = $price,"
            " p.currency = $currency, p.image = $image, p.species = $species,"
            " p.regular_price = $regular, p.sold = true, p.sequence = $sequence RETURN p.id",
            id=card.product_id,
            name=card.name,
            category=card.category,
            price=card.price.minor,
            currency=card.price.currency,
            image=card.image,
            species=card.species,
            regular=card.regular_price.minor if card.regular_price else None,
            sequence=card.version,
        )
        if saved and card.parent_id:
            await _join(transaction, card.product_id, card.parent_id)


async def _join(transaction: Transaction, variant: str, configurable: str) -> None:
    ((joined,),) = await transaction.run(
        "MATCH (v:Product {id: $variant}) MATCH (c:Product {id: $configurable})"
        " WHERE NOT EXISTS { (v)-[:VARIANT_OF]->(c) }"
        " OPTIONAL MATCH (v)-[before:VARIANT_OF]->() DELETE before"
        " CREATE (v)-[:VARIANT_OF]->(c) RETURN count(*)",
        variant=variant,
        configurable=configurable,
    )
    _count(transaction, joined)


async def save_withdrawals(transaction: Transaction, withdrawals: Sequence[Withdrawal]) -> None:
    """Save that products are gone."""
    await numbered(transaction, "Product", (one.product_id for one in withdrawals))
    for one in withdrawals:
        await transaction.run(
            "MATCH (p:Product {id: $id}) WHERE p.sequence < $sequence"
            " SET p.sold = false, p.sequence = $sequence",
            id=one.product_id,
            sequence=one.version,
        )


async def save_purchases(transaction: Transaction, purchases: Sequence[Purchase]) -> None:
    """Save orders with their lines; of an order that is known, the lines that are not."""
    await _save_orders(transaction, purchases)
    lines = {
        (purchase.order_id, product_id): quantity
        for purchase in purchases
        for product_id, quantity in purchase.quantities.items()
    }
    await numbered(transaction, "Product", (product_id for _, product_id in lines))
    ((added,),) = await transaction.run(
        "UNWIND $lines AS line"
        " MATCH (o:Order {id: line[0]}) MATCH (p:Product {id: line[1]})"
        " WHERE NOT EXISTS { (o)-[:CONTAINS]->(p) }"
        " CREATE (o)-[:CONTAINS {quantity: line[2]}]->(p)"
        " WITH o, p"
        " OPTIONAL MATCH (c:Customer)-[:PLACED]->(o)"
        " FOREACH (buyer IN CASE WHEN c IS NULL THEN [] ELSE [c] END |"
        " MERGE (buyer)-[b:BOUGHT]->(p)"
        " ON CREATE SET b.orders = 1, b.at = o.at"
        " ON MATCH SET b.orders = b.orders + 1,"
        " b.at = CASE WHEN o.at > b.at THEN o.at ELSE b.at END)"
        " RETURN count(*)",
        lines=[[order, product, quantity] for (order, product), quantity in lines.items()],
    )
    _count(transaction, added)


async def _save_orders(transaction: Transaction, purchases: Sequence[Purchase]) -> None:
    """Save the orders that are new, each with its customer and time as they come first."""
    first: dict[str, Purchase] = {}
    for purchase in purchases:
        first.setdefault(purchase.order_id, purchase)
    known = await _known(transaction, "Order", first)
    new = [one for order_id, one in first.items() if order_id not in known]
    customers = [one.customer_id for one in new if one.customer_id is not None]
    await numbered(transaction, "Customer", customers)
    orders = [
        [one.order_id, transaction.next_number("Order"), seconds(one.bought_at), one.customer_id]
        for one in new
    ]
    await transaction.run(
        "UNWIND $orders AS row CREATE (o:Order {id: row[0], number: row[1], at: row[2]})"
        " WITH o, row MATCH (c:Customer {id: row[3]}) WHERE NOT coalesce(c.erased, false)"
        " CREATE (c)-[:PLACED]->(o)",
        orders=orders,
    )


async def save_views(transaction: Transaction, views: Sequence[View]) -> None:
    """Save what customers looked at; the latest time counts."""
    await numbered(transaction, "Customer", (view.customer_id for view in views))
    await numbered(transaction, "Product", (view.product_id for view in views))
    ((seen,),) = await transaction.run(
        "UNWIND $views AS row"
        " MATCH (c:Customer {id: row[0]}) WHERE NOT coalesce(c.erased, false)"
        " MATCH (p:Product {id: row[1]})"
        " MERGE (c)-[v:VIEWED]->(p)"
        " ON CREATE SET v.at = row[2]"
        " ON MATCH SET v.at = CASE WHEN row[2] > v.at THEN row[2] ELSE v.at END"
        " RETURN count(*)",
        views=[[view.customer_id, view.product_id, seconds(view.viewed_at)] for view in views],
    )
    _count(transaction, seen)


async def save_erasures(transaction: Transaction, erasures: Sequence[Erasure]) -> None:
    """Take the names off customers' purchases, drop their views, and remember whom to forget."""
    for erasure in erasures:
        await numbered(transaction, "Customer", [erasure.customer_id])
        forgotten = await transaction.run(
            "MATCH (c:Customer {id: $id}) WHERE NOT coalesce(c.erased, false)"
            " OPTIONAL MATCH (c)-[v:VIEWED]->() DELETE v"
            " WITH DISTINCT c REMOVE c.id RETURN c.number",
            id=erasure.customer_id,
        )
        if forgotten:
            await transaction.run(
                "CREATE (:Customer {id: $id, number: $number, erased: true})",
                id=erasure.customer_id,
                number=transaction.next_number("Customer"),
            )


async def numbered(transaction: Transaction, label: LiteralString, ids: Iterable[str]) -> None:
    """Make a node with a number for each id that has none, in order."""
    wanted = dict.fromkeys(ids)
    known = await _known(transaction, label, wanted)
    new = [[one, transaction.next_number(label)] for one in wanted if one not in known]
    if new:
        await transaction.run(
            f"UNWIND $new AS row CREATE (n:{label} {{id: row[0], number: row[1]}})"
            + (" SET n.sold = false, n.sequence = 0" if label == "Product" else ""),
            new=new,
        )


async def _known(
    transaction: Transaction, label: LiteralString, ids: Mapping[str, object]
) -> set[str]:
    found = await transaction.run(
        f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) RETURN n.id", ids=list(ids)
    )
    return {row[0] for row in found}


def _count(transaction: Transaction, edges: int) -> None:
    transaction.counts[EDGES] = transaction.counts.get(EDGES, 0) + edges
