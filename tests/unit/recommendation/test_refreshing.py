"""When a new item model is built."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.kernel.money import Money
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.services.recommendation import adapters
from kibble.services.recommendation.adapters.sqlite import SqliteGraph
from kibble.services.recommendation.model import Card, Edges, ItemModel, Purchase, Tuning
from kibble.services.recommendation.model.builder import build_model
from kibble.services.recommendation.service import ModelKeeper, RefreshPolicy
from tests.fixtures.doubles import START, FakeClock, fake_ids

POLICY = RefreshPolicy(new_edges=3, most_of_time=0.1)


class SlowMaker:
    """Builds models in two seconds of the fake clock, or fails; remembers what it was given."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.given: list[Edges] = []
        self.is_broken = False
        self.meanwhile: Callable[[], None] = lambda: None

    async def make(self, edges: Edges) -> ItemModel:
        self.clock.advance(2.0)
        self.given.append(edges)
        self.meanwhile()
        if self.is_broken:
            raise Unavailable("It does not work.")
        return build_model(edges, Tuning())


class Bench:
    """A model keeper over a graph with one order of two products."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        database = Database(folder / "recommendation.db", Durability.NORMAL, inline=True)
        migrate(database, adapters.__name__)
        envelopes = EnvelopeMaker("recommendation", self.clock, fake_ids(self.clock))
        self.graph = SqliteGraph(database, envelopes)
        self.maker = SlowMaker(self.clock)
        self.keeper = ModelKeeper(self.graph, self.maker, self.clock, POLICY)

    @property
    def builds(self) -> int:
        return len(self.maker.given)

    async def record(self, order: str, at: datetime = START) -> None:
        changes = Changes()
        for name in ("food", "toy"):
            changes.save(Card(ProductId(name), name, "things", Money(100)))
        products = {ProductId("food"): 1, ProductId("toy"): 1}
        changes.save(Purchase(OrderId(order), CustomerId("anna"), at, products))
        await self.graph.commit(changes)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.record("1")
    yield bench
    bench.graph.close()


async def test_builds_the_first_model_at_once(bench: Bench) -> None:
    await bench.keeper.refresh_if_due()
    assert bench.builds == 1
    assert bench.keeper.model.products.tolist() == [1, 2]


async def test_hands_over_the_whole_graph(bench: Bench) -> None:
    await bench.keeper.refresh()
    (edges,) = bench.maker.given
    assert edges.lines[:, :3].tolist() == [[1, 1, 1], [1, 1, 2]]
    assert edges.sold.tolist() == [[1, 0], [2, 0]]
    assert edges.categories.tolist() == ["things"]


async def test_waits_until_enough_edges_are_new(bench: Bench) -> None:
    await bench.keeper.refresh_if_due()
    bench.clock.advance(3600)
    bench.keeper.note(2)
    await bench.keeper.refresh_if_due()
    assert bench.builds == 1
    bench.keeper.note(1)
    await bench.keeper.refresh_if_due()
    assert bench.builds == 2


async def test_rests_for_as_long_as_building_took_many_times_over(bench: Bench) -> None:
    await bench.keeper.refresh_if_due()
    bench.keeper.note(3)
    bench.clock.advance(17.9)
    await bench.keeper.refresh_if_due()
    assert bench.builds == 1
    bench.clock.advance(0.2)
    await bench.keeper.refresh_if_due()
    assert bench.builds == 2


async def test_a_failure_keeps_the_old_model_and_is_tried_again_after_a_rest(bench: Bench) -> None:
    model = bench.keeper.model
    bench.maker.is_broken = True
    with pytest.raises(Unavailable):
        await bench.keeper.refresh_if_due()
    assert bench.keeper.model is model
    bench.maker.is_broken = False
    await bench.keeper.refresh_if_due()
    assert bench.builds == 1
    bench.clock.advance(3600)
    await bench.keeper.refresh_if_due()
    assert bench.builds == 2
    assert bench.keeper.model is not model


async def test_edges_that_come_while_building_count_for_the_next_model(bench: Bench) -> None:
    bench.maker.meanwhile = lambda: bench.keeper.note(3)
    await bench.keeper.refresh_if_due()
    bench.maker.meanwhile = lambda: None
    bench.clock.advance(3600)
    await bench.keeper.refresh_if_due()
    bench.clock.advance(3600)
    await bench.keeper.refresh_if_due()
    assert bench.builds == 2


async def test_an_empty_graph_needs_no_maker(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.keeper.refresh_if_due()
    assert bench.builds == 0
    bench.graph.close()
