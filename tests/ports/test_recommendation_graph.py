"""What every store of the graph does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.changes import Aggregate, Changes
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply
from kibble.platform.service import ServiceStore
from kibble.services.recommendation import adapters
from kibble.services.recommendation.adapters.sqlite import SqliteGraph
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
from kibble.services.recommendation.repository import Bounds, Graph
from tests.fixtures.doubles import START, FakeClock, fake_ids
from tests.fixtures.neo4j import IN_TURN, Neo4jShop

T = TypeVar("T")

ANNA, BEN = CustomerId("anna"), CustomerId("ben")
FOOD, TOY = ProductId("food"), ProductId("toy")
SMALL, LARGE = ProductId("food, 3 kg"), ProductId("food, 12 kg")
SECONDS = int(START.timestamp())


Open = Callable[[Bounds], Awaitable[Graph]]


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=[pytest.mark.engine, IN_TURN])])
async def open_graph(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    """Open an empty graph; each adapter of the port in turn."""
    if request.param == "neo4j":
        async with Neo4jShop.empty(request.getfixturevalue("neo4j")) as shop:
            yield shop.graph
        return
    clock = FakeClock()
    database = Database(tmp_path / "recommendation.db", Durability.NORMAL)
    migrate(database, adapters.__name__)

    async def open_sqlite(bounds: Bounds) -> Graph:
        envelopes = EnvelopeMaker("recommendation", clock, fake_ids(clock))
        return SqliteGraph(database, envelopes, bounds)

    yield open_sqlite
    database.close()


@pytest.fixture
async def graph(open_graph: Open) -> Graph:
    return await open_graph(Bounds())


async def save(graph: Graph, *aggregates: Aggregate) -> None:
    changes = Changes()
    for aggregate in aggregates:
        changes.save(aggregate)
    await graph.commit(changes)


def card(
    product_id: ProductId,
    sequence: int = 1,
    *,
    name: str = "Food",
    category: str = "things",
    image: str | None = None,
    species: str | None = None,
    of: ProductId | None = None,
    regular_price: Money | None = None,
) -> Card:
    return Card(
        product_id,
        name,
        category,
        Money(250),
        image,
        species,
        version=sequence - 1,
        parent_id=of,
        regular_price=regular_price,
    )


def purchase(
    order: str, customer: CustomerId | None, *products: ProductId, at: datetime = START
) -> Purchase:
    return Purchase(OrderId(order), customer, at, dict.fromkeys(products, 1))


async def number(graph: Graph, product_id: ProductId) -> ProductNumber:
    found = await graph.card(product_id)
    assert found is not None
    assert found.number is not None
    return found.number


async def rows(chunks: AsyncIterator[T]) -> list[T]:
    return [chunk async for chunk in chunks]


async def lines(graph: Graph) -> list[list[int]]:
    return [row for chunk in await rows(graph.lines()) for row in chunk.tolist()]


async def views(graph: Graph) -> list[list[int]]:
    return [row for chunk in await rows(graph.views()) for row in chunk.tolist()]


async def families(graph: Graph) -> list[list[int]]:
    return [row for chunk in await rows(graph.families()) for row in chunk.tolist()]


class TestProducts:
    async def test_finds_a_card_as_it_was_saved(self, graph: Graph) -> None:
        await save(graph, card(FOOD, image="/food.png", species="cat"))
        found = await graph.card(FOOD)
        assert found == Card(
            FOOD, "Food", "things", Money(250), "/food.png", "cat", ProductNumber(1), 1
        )
        assert await graph.cards([ProductNumber(1), ProductNumber(9)]) == {1: found}

    async def test_a_sale_is_kept_until_a_card_comes_without(self, graph: Graph) -> None:
        await save(graph, card(FOOD, 1, regular_price=Money(300)))
        found = await graph.card(FOOD)
        assert found is not None
        assert found.regular_price == Money(300)
        await save(graph, card(FOOD, 2))
        found = await graph.card(FOOD)
        assert found is not None
        assert found.regular_price is None

    async def test_the_highest_sequence_wins_in_whatever_order(self, graph: Graph) -> None:
        await save(graph, card(FOOD, 3, name="New"))
        await save(graph, card(FOOD, 2, name="Old"))
        assert (await graph.cards([ProductNumber(1)]))[ProductNumber(1)].name == "New"

    async def test_a_withdrawn_product_is_not_found_any_more(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(TOY))
        await save(graph, Withdrawal(FOOD, 1))
        assert await graph.card(FOOD) is None
        assert await graph.cards([ProductNumber(1)]) == {}
        assert [one.product_id for one in await graph.newest(None, 5)] == [TOY]
        assert [pair for chunk in await rows(graph.sold()) for pair in chunk] == [(2, "things")]

    async def test_a_withdrawal_outlives_a_creation_that_comes_late(self, graph: Graph) -> None:
        await save(graph, Withdrawal(FOOD, 1))
        await save(graph, card(FOOD, 1))
        assert await graph.card(FOOD) is None

    async def test_a_product_that_was_only_bought_is_not_sold_yet(self, graph: Graph) -> None:
        await save(graph, purchase("1", ANNA, FOOD))
        assert await graph.card(FOOD) is None
        await save(graph, card(FOOD))
        assert await number(graph, FOOD) == 1

    async def test_names_the_newest_of_a_category_first(self, graph: Graph) -> None:
        for name in ("a", "b", "c"):
            await save(graph, card(ProductId(name), category="toys"))
        await save(graph, card(FOOD, category="food"))
        assert [one.product_id for one in await graph.newest("toys", 2)] == ["c", "b"]
        assert [one.product_id for one in await graph.newest(None, 2)] == [FOOD, "c"]
        assert await graph.newest("nothing", 2) == []


class TestFamilies:
    async def test_a_variant_knows_its_configurable_product(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL, of=FOOD), card(TOY))
        found = await graph.card(SMALL)
        assert found is not None
        assert (found.parent_id, found.parent, found.family) == (FOOD, 1, 1)
        assert (await graph.cards([ProductNumber(2)]))[ProductNumber(2)] == found
        assert await families(graph) == [[2, 1]]

    async def test_are_known_whatever_event_comes_first(self, graph: Graph) -> None:
        await save(graph, purchase("1", ANNA, SMALL))
        await save(graph, card(SMALL, of=FOOD))
        await save(graph, card(FOOD))
        assert await families(graph) == [[1, 2]]
        assert await number(graph, FOOD) == 2

    async def test_outlive_the_sale_of_a_variant(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL, of=FOOD), card(LARGE, of=FOOD))
        await save(graph, Withdrawal(SMALL, 1))
        assert await families(graph) == [[2, 1], [3, 1]]

    async def test_a_product_from_before_joins_with_its_next_event(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL))
        assert await families(graph) == []
        await save(graph, card(SMALL, 2, of=FOOD))
        assert await families(graph) == [[2, 1]]

    async def test_a_card_that_does_not_tell_the_parent_leaves_it(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL, of=FOOD))
        await save(graph, card(SMALL, 2, name="New"))
        found = await graph.card(SMALL)
        assert found is not None
        assert (found.name, found.parent) == ("New", 1)

    async def test_a_card_that_is_overtaken_moves_nothing(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL, 3, of=FOOD))
        await save(graph, card(SMALL, 2, of=TOY))
        assert await families(graph) == [[2, 1]]

    async def test_a_variant_is_no_new_arrival(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL, of=FOOD), card(LARGE, of=FOOD))
        assert [one.product_id for one in await graph.newest(None, 5)] == [FOOD]
        assert [one.product_id for one in await graph.newest("things", 5)] == [FOOD]

    async def test_the_profile_has_the_very_products_that_were_bought(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL, of=FOOD), card(LARGE, of=FOOD), card(TOY))
        await save(graph, purchase("1", ANNA, LARGE, TOY), purchase("2", ANNA, LARGE))
        profile = await graph.profile(ANNA)
        assert profile.bought == {3: 2, 4: 1}
        assert profile.families() == [1, 4]

    async def test_the_profile_has_views_by_family(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(SMALL, of=FOOD), card(LARGE, of=FOOD), card(TOY))
        await save(graph, *(View(ANNA, one, START) for one in (SMALL, LARGE, TOY)))
        assert (await graph.profile(ANNA)).viewed == (1, 4)
        await save(graph, purchase("1", ANNA, SMALL))
        assert (await graph.profile(ANNA)).viewed == (4,)

    async def test_are_read_in_chunks_without_a_gap(self, open_graph: Open) -> None:
        graph = await open_graph(Bounds(chunk_rows=3))
        variants = [ProductId(f"p{place}") for place in range(7)]
        await save(graph, card(FOOD), *(card(one, of=FOOD) for one in variants))
        assert [len(chunk) for chunk in await rows(graph.families())] == [3, 3, 1]
        assert await families(graph) == [[place, 1] for place in range(2, 9)]


class TestPurchases:
    async def test_count_the_orders_of_each_product_in_the_profile(self, graph: Graph) -> None:
        await save(graph, card(FOOD), card(TOY))
        await save(graph, purchase("1", ANNA, FOOD, TOY), purchase("2", ANNA, FOOD))
        assert (await graph.profile(ANNA)).bought == {1: 2, 2: 1}
        assert await graph.profile(BEN) == Profile()

    async def test_a_line_counts_once_however_often_it_is_saved(self, graph: Graph) -> None:
        for _ in range(2):
            await save(graph, purchase("1", ANNA, FOOD))
        assert (await graph.profile(ANNA)).bought == {1: 1}
        assert await lines(graph) == [[1, 1, 1, SECONDS]]

    async def test_an_order_may_come_in_parts(self, graph: Graph) -> None:
        later = START + timedelta(hours=1)
        await save(graph, purchase("1", ANNA, FOOD))
        await save(graph, purchase("1", BEN, FOOD, TOY, at=later))
        assert await lines(graph) == [[1, 1, 1, SECONDS], [1, 1, 2, SECONDS]]
        assert (await graph.profile(BEN)).bought == {}

    async def test_the_profile_has_the_latest_of_them(self, open_graph: Open) -> None:
        graph = await open_graph(Bounds(bought=1))
        await save(graph, purchase("1", ANNA, FOOD, at=START + timedelta(hours=2)))
        await save(graph, purchase("2", ANNA, TOY, at=START + timedelta(hours=1)))
        await save(graph, purchase("3", ANNA, FOOD, at=START))
        assert (await graph.profile(ANNA)).bought == {1: 2}

    async def test_a_guests_order_is_nobodys(self, graph: Graph) -> None:
        await save(graph, purchase("1", None, FOOD))
        assert await lines(graph) == [[1, 0, 1, SECONDS]]

    async def test_times_that_do_not_fit_become_the_nearest_that_do(self, graph: Graph) -> None:
        await save(graph, purchase("1", ANNA, FOOD, at=datetime(1900, 1, 1, tzinfo=UTC)))
        await save(graph, purchase("2", ANNA, FOOD, at=datetime(2999, 1, 1, tzinfo=UTC)))
        assert [row[3] for row in await lines(graph)] == [0, 2**32 - 1]

    async def test_are_read_in_chunks_without_a_gap(self, open_graph: Open) -> None:
        graph = await open_graph(Bounds(chunk_rows=3))
        products = [ProductId(f"p{place}") for place in range(4)]
        await save(graph, *(card(product) for product in products))
        await save(graph, *(purchase(str(order), ANNA, *products) for order in range(2)))
        sizes = [len(chunk) for chunk in await rows(graph.lines())]
        assert sizes == [3, 3, 2]
        assert [row[:3] for row in await lines(graph)] == [
            [order, 1, product] for order in (1, 2) for product in (1, 2, 3, 4)
        ]
        assert len([pair for chunk in await rows(graph.sold()) for pair in chunk]) == 4


class TestViews:
    async def test_the_latest_time_counts(self, graph: Graph) -> None:
        later = START + timedelta(seconds=9)
        await save(graph, View(ANNA, FOOD, later))
        await save(graph, View(ANNA, FOOD, START))
        assert await views(graph) == [[1, 1, SECONDS + 9]]
        assert (await graph.profile(ANNA)).viewed == (1,)

    async def test_the_profile_has_the_latest_of_them(self, open_graph: Open) -> None:
        graph = await open_graph(Bounds(viewed=1))
        await save(graph, View(ANNA, FOOD, START + timedelta(seconds=9)), View(ANNA, TOY, START))
        assert (await graph.profile(ANNA)).viewed == (1,)

    async def test_the_profile_knows_the_species(self, graph: Graph) -> None:
        await save(graph, card(FOOD, species="cat"), card(TOY))
        await save(graph, View(ANNA, FOOD, START), View(ANNA, TOY, START))
        assert (await graph.profile(ANNA)).species == {"cat"}


class TestErasure:
    async def test_keeps_purchases_that_nobody_can_be_told_from(self, graph: Graph) -> None:
        await save(graph, purchase("1", ANNA, FOOD), View(ANNA, TOY, START))
        await save(graph, Erasure(ANNA))
        assert await graph.profile(ANNA) == Profile()
        assert await lines(graph) == [[1, 1, 1, SECONDS]]
        assert await views(graph) == []

    async def test_leaves_no_trace_of_what_was_bought_and_viewed(self, graph: Graph) -> None:
        await save(graph, purchase("1", ANNA, FOOD), View(ANNA, TOY, START))
        trace = await graph.trace(ANNA)
        assert [product for product, _ in trace.bought] == [FOOD]
        assert trace.viewed == ((TOY, START),)
        await save(graph, Erasure(ANNA))
        assert await graph.trace(ANNA) == Trace()

    async def test_may_be_repeated_and_spares_others(self, graph: Graph) -> None:
        await save(graph, purchase("1", ANNA, FOOD), purchase("2", BEN, FOOD))
        for _ in range(2):
            await save(graph, Erasure(ANNA))
        assert (await graph.profile(BEN)).bought == {1: 1}

    async def test_holds_for_what_arrives_late(self, graph: Graph) -> None:
        await save(graph, Erasure(ANNA))
        await save(graph, purchase("1", ANNA, FOOD), View(ANNA, TOY, START))
        assert await graph.profile(ANNA) == Profile()
        assert await lines(graph) == [[1, 0, 1, SECONDS]]
        assert await views(graph) == []


class TestReplies:
    async def test_are_kept_under_their_keys(self, graph: Graph) -> None:
        reply = StoredReply("k", "f", 202, {"location": "/x"}, b"\x00body")
        await graph.commit(Changes(), reply=reply)
        assert await graph.find_reply("k") == reply
        assert await graph.find_reply("other") is None

    async def test_a_key_is_used_once(self, graph: Graph) -> None:
        changes = Changes()
        changes.save(View(ANNA, FOOD, START))
        await graph.commit(Changes(), reply=StoredReply("k", "f", 202, {}, b""))
        with pytest.raises(StaleVersion):
            await graph.commit(changes, reply=StoredReply("k", "g", 202, {}, b""))
        assert await views(graph) == []


class TestEvents:
    async def test_an_event_that_comes_again_changes_nothing(self, graph: Graph) -> None:
        mark = InboxMark("recommendation", "event 1")
        for _ in range(2):
            changes = Changes()
            changes.save(purchase("1", ANNA, FOOD, TOY))
            with suppress(DuplicateEvent):
                await graph.commit(changes, inbox=mark)
        assert (await graph.profile(ANNA)).bought == {1: 1, 2: 1}

    async def test_what_cannot_be_applied_is_parked_in_order(self, graph: ServiceStore) -> None:
        first, second = parked("1"), parked("2", status="dead")
        await graph.park(first)
        await graph.park(second)
        await graph.park(replace(first, attempts=2, error="again"))
        assert await graph.parked() == [replace(first, attempts=2, error="again"), second]
        assert await graph.parked("recommendation", "dead") == [second]
        assert await graph.parked("other") == []
        assert await graph.unpark("recommendation", "1")
        assert not await graph.unpark("recommendation", "1")
        assert await graph.parked() == [second]


def parked(event_id: str, status: str = "retrying") -> ParkedEvent:
    return ParkedEvent(
        "recommendation",
        "order_events",
        "order",
        "order.confirmed",
        event_id,
        b"\x00{}",
        "Unavailable",
        1,
        status,
        "2026-03-02T15:00:00Z",
        "2026-03-02T15:00:00Z",
    )


async def test_many_write_at_the_same_time(graph: Graph) -> None:
    await asyncio.gather(
        *(save(graph, purchase(str(order), ANNA, FOOD, TOY)) for order in range(8))
    )
    assert (await graph.profile(ANNA)).bought == {1: 8, 2: 8}
    assert sorted({row[0] for row in await lines(graph)}) == list(range(1, 9))


async def test_takes_a_batch_of_a_history(graph: Graph) -> None:
    orders = [purchase(str(order), ANNA, *products(order)) for order in range(300)]
    await save(graph, *orders)
    await save(graph, *orders[:50])
    assert len(await lines(graph)) == sum(len(one.quantities) for one in orders)


def products(order: int) -> list[ProductId]:
    return [ProductId(f"p{(order * 7 + step) % 40}") for step in range(1 + order % 4)]
