"""The item model that several processes share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest

from kibble.kernel.errors import StaleVersion, Unavailable
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes
from kibble.services.recommendation.adapters.in_loop import InLoopModelMaker
from kibble.services.recommendation.adapters.neo4j import Neo4jGraph, Neo4jItemModels
from kibble.services.recommendation.model import (
    Card,
    Edges,
    ItemModel,
    ProductNumber,
    Purchase,
    Reason,
    Tuning,
)
from kibble.services.recommendation.service import RefreshPolicy, SharedModelKeeper
from tests.fixtures.doubles import START
from tests.fixtures.engines import Space
from tests.fixtures.neo4j import IN_TURN, Neo4jShop

pytestmark = [pytest.mark.engine, IN_TURN]

POLICY = RefreshPolicy()


@dataclass
class Shared:
    """A graph, and processes that share its item model."""

    shop: Neo4jShop
    graph: Neo4jGraph

    def models(self, owner: str) -> Neo4jItemModels:
        return Neo4jItemModels(self.graph, owner)

    def keeper(self, owner: str) -> SharedModelKeeper:
        maker = InLoopModelMaker(Tuning(shrink=0.1, l2=1.0))
        clock, models = self.shop.clock, self.models(owner)
        return SharedModelKeeper(self.graph, maker, clock, POLICY, models=models)

    async def buy(self, order: str, *products: str) -> None:
        changes = Changes()
        for product in products:
            changes.save(Card(ProductId(product), product, "things", Money(100)))
        lines = {ProductId(product): 1 for product in products}
        changes.save(Purchase(OrderId(order), CustomerId(f"c{order}"), START, lines))
        await self.graph.commit(changes)

    async def join(self, variant: str, configurable: str, version: int) -> None:
        """Tell that a product is a variant of another one."""
        changes = Changes()
        price, parent = Money(100), ProductId(configurable)
        changes.save(Card(parent, configurable, "things", price))
        changes.save(
            Card(ProductId(variant), variant, "things", price, version=version, parent_id=parent)
        )
        await self.graph.commit(changes)


@pytest.fixture
async def shared(neo4j: Space) -> AsyncIterator[Shared]:
    async with Neo4jShop.empty(neo4j) as shop:
        yield Shared(shop, await shop.graph())


def same(one: ItemModel, other: ItemModel) -> bool:
    arrays, others = one.arrays(), other.arrays()
    return all(np.array_equal(arrays[name], others[name]) for name in arrays)


async def test_one_builds_and_the_others_load(shared: Shared) -> None:
    await shared.buy("1", "food", "bowl")
    first, second = shared.keeper("first"), shared.keeper("second")
    await first.refresh_if_due()
    assert len(first.model.products) == 2
    await second.refresh_if_due()
    assert same(first.model, second.model)


async def test_one_at_a_time_builds(shared: Shared) -> None:
    await shared.buy("1", "food", "bowl")
    tickets = await asyncio.gather(*(shared.models(f"m{n}").claim(1) for n in range(4)))
    assert sum(ticket is not None for ticket in tickets) == 1
    with pytest.raises(Unavailable):
        await shared.keeper("late").refresh()


async def test_is_due_when_edges_came_wherever_they_were_recorded(shared: Shared) -> None:
    await shared.buy("1", "food", "bowl")
    models = shared.models("one")
    ticket = await models.claim(1)
    assert ticket is not None
    await models.publish(ticket, ItemModel.empty(), 0)
    assert await models.claim(1) is None
    await shared.buy("1", "food", "bowl")
    assert await models.claim(1) is None
    await shared.buy("2", "food", "toy")
    assert await models.claim(3) is None
    assert await shared.models("two").claim(2) is not None


async def test_rests_after_a_build_unless_one_is_asked_for(shared: Shared) -> None:
    await shared.buy("1", "food", "bowl")
    models = shared.models("one")
    ticket = await models.claim(1)
    assert ticket is not None
    await models.publish(ticket, ItemModel.empty(), 3_600)
    await shared.buy("2", "food", "bowl")
    assert await models.claim(1) is None
    assert await models.claim(1, now=True) is not None


async def test_a_ticket_counts_once(shared: Shared) -> None:
    await shared.buy("1", "food", "bowl")
    models = shared.models("one")
    ticket = await models.claim(1)
    assert ticket is not None
    await models.publish(ticket, ItemModel.empty(), 0)
    with pytest.raises(StaleVersion):
        await models.publish(ticket, ItemModel.empty(), 0)
    with pytest.raises(StaleVersion):
        await shared.models("thief").publish(ticket, ItemModel.empty(), 0)
    found = await models.newer(0)
    assert found is not None
    assert found[0] == ticket.number
    assert await models.newer(ticket.number) is None


async def test_the_graph_alone_says_what_goes_with_a_product(shared: Shared) -> None:
    for order in range(3):
        await shared.buy(str(order), "food", "bowl")
    await shared.buy("9", "food", "toy")
    keeper = shared.keeper("one")
    built = await keeper.refresh()
    food = await number(shared.graph, "food")
    picks = await shared.models("other").similar(food, 5)
    assert [pick.product for pick in picks] == [pick.product for pick in built.related(food, 5)]
    assert picks[0].product == await number(shared.graph, "bowl")
    assert picks[0].reason is Reason.BOUGHT_TOGETHER
    fresh = shared.keeper("started just now")
    assert await fresh.related(food, 1) == picks[:1]


async def test_the_edges_follow_the_model(shared: Shared) -> None:
    await shared.buy("1", "food", "bowl")
    keeper = shared.keeper("one")
    await keeper.refresh()
    food, bowl = await number(shared.graph, "food"), await number(shared.graph, "bowl")
    for order in range(2, 6):
        await shared.buy(str(order), "food", "toy")
    await keeper.refresh()
    toy = await number(shared.graph, "toy")
    found = [pick.product for pick in await shared.models("x").similar(food, 5)]
    assert found == [toy, bowl]


async def test_is_due_when_a_variant_joins_its_family(shared: Shared) -> None:
    await shared.buy("1", "food, 3 kg", "bowl")
    models = shared.models("one")
    ticket = await models.claim(1)
    assert ticket is not None
    await models.publish(ticket, ItemModel.empty(), 0)
    await shared.join("food, 3 kg", "food", version=1)
    assert await models.claim(2) is None
    assert await models.claim(1) is not None


async def test_a_card_of_a_variant_that_tells_nothing_new_is_no_edge(shared: Shared) -> None:
    await shared.buy("1", "food, 3 kg", "bowl")
    await shared.join("food, 3 kg", "food", version=1)
    models = shared.models("one")
    ticket = await models.claim(1)
    assert ticket is not None
    await models.publish(ticket, ItemModel.empty(), 0)
    await shared.join("food, 3 kg", "food", version=2)
    assert await models.claim(1) is None


async def test_the_edges_of_a_product_that_became_a_variant_go(shared: Shared) -> None:
    for order in range(3):
        await shared.buy(str(order), "food, 3 kg", "bowl")
    keeper = shared.keeper("one")
    await keeper.refresh()
    small = await number(shared.graph, "food, 3 kg")
    assert await shared.models("x").similar(small, 5)
    await shared.join("food, 3 kg", "food", version=1)
    await keeper.refresh()
    bowl, food = await number(shared.graph, "bowl"), await number(shared.graph, "food")
    assert await shared.models("x").similar(small, 5) == []
    assert [pick.product for pick in await shared.models("x").similar(food, 5)] == [bowl]
    assert [pick.product for pick in await shared.models("x").similar(bowl, 5)] == [food]


async def test_a_large_model_comes_whole(shared: Shared) -> None:
    generator = np.random.default_rng(1)
    lines = np.column_stack(
        [
            np.repeat(np.arange(1, 6_001), 5),
            np.repeat(np.arange(1, 6_001), 5),
            generator.integers(1, 900, 30_000),
            np.full(30_000, 1_000),
        ]
    ).astype(np.uint32)
    sold = np.column_stack([np.arange(1, 900), np.zeros(899)]).astype(np.uint32)
    edges = Edges(lines, np.zeros((0, 3), np.uint32), sold, np.array(["things"]))
    model = await InLoopModelMaker(Tuning()).make(edges)
    models = shared.models("one")
    ticket = await models.claim(0)
    assert ticket is not None
    await models.publish(ticket, model, 0)
    found = await models.newer(0)
    assert found is not None
    assert same(found[1], model)


async def number(graph: Neo4jGraph, product: str) -> ProductNumber:
    card = await graph.card(ProductId(product))
    assert card is not None
    assert card.number is not None
    return card.number
