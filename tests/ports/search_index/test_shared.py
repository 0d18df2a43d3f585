"""An index that several processes share: one at a time writes, all of them search."""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from kibble.kernel.errors import Unavailable
from kibble.services.product.adapters.elasticsearch.control import LEASE_SECONDS
from kibble.services.product.errors import IndexBusy
from kibble.services.product.model.search import Facets
from kibble.services.product.repository.search import FeedBatch, SearchIndex
from tests.fixtures.elasticsearch import Cluster, Cut
from tests.fixtures.search import entry, fill, found, query

pytestmark = pytest.mark.engine


async def test_what_one_process_wrote_all_of_them_find(cluster: Cluster) -> None:
    await fill(cluster.index(), entry(1, "Salmon kibble"))
    other = cluster.index()
    assert await other.position() == 1
    assert await found(other, query("salmon")) == [1]


async def test_one_at_a_time_writes(cluster: Cluster) -> None:
    one, other = cluster.index(), cluster.index()
    await one.add(FeedBatch(1, [entry(1, "Salmon kibble")]))
    for write in (other.add(FeedBatch(1, [entry(1, "Salmon kibble")])), other.clear()):
        with pytest.raises(IndexBusy):
            await write
    await one.refresh()
    await fill(other, entry(2, "Salmon treats"))
    assert await one.position() == 2
    assert sorted(await found(one, query("salmon"))) == [1, 2]


async def test_only_one_of_many_gets_the_first_turn(cluster: Cluster) -> None:
    batch = FeedBatch(1, [entry(1, "Salmon kibble")])
    results = await asyncio.gather(
        *(cluster.index().add(batch) for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["IndexBusy"] * 4 + ["NoneType"]


async def test_takes_over_from_a_process_that_died(cluster: Cluster) -> None:
    dead, other = cluster.index(), cluster.index()
    await dead.add(FeedBatch(1, [entry(1, "Salmon kibble")]))
    batch = FeedBatch(2, [entry(1, "Turkey kibble")])
    with pytest.raises(IndexBusy):
        await other.add(batch)
    cluster.clock.advance(LEASE_SECONDS + 1)
    await other.add(batch)
    await other.refresh()
    assert await found(other, query("kibble")) == [1]
    with pytest.raises(IndexBusy):
        await dead.refresh()
    assert await cluster.index().position() == 2


def ended_process() -> int:
    """Return the number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


async def test_waits_for_no_process_of_this_machine_that_has_ended(cluster: Cluster) -> None:
    before_this_one = f"{platform.node()}/{os.getpid()}/before"
    for number, owner in enumerate([f"{platform.node()}/{ended_process()}/x", before_this_one]):
        await cluster.index(owner=owner).add(FeedBatch(1, [entry(1, "Salmon kibble")]))
        other = cluster.index()
        await other.add(FeedBatch(2 + number, [entry(1, "Turkey kibble")]))
        await other.refresh()
        assert await found(other, query("turkey")) == [1]


async def test_waits_for_a_process_that_runs_or_is_of_another_machine(cluster: Cluster) -> None:
    for owner in (f"{platform.node()}/{os.getppid()}/x", f"elsewhere/{ended_process()}/x"):
        one = cluster.index(owner=owner)
        await one.add(FeedBatch(1, [entry(1, "Salmon kibble")]))
        with pytest.raises(IndexBusy):
            await cluster.index().clear()
        await one.refresh()


async def test_a_process_that_writes_for_long_keeps_its_turn(cluster: Cluster) -> None:
    one, other = cluster.index(), cluster.index()
    for number in range(1, 4):
        await one.add(FeedBatch(number, [entry(number, "Toy")]))
        with pytest.raises(IndexBusy):
            await other.clear()
        cluster.clock.advance(LEASE_SECONDS * 0.6)
    await one.refresh()
    assert await other.position() == 3


async def test_what_a_dead_process_sends_late_changes_nothing(cluster: Cluster) -> None:
    dead, other = cluster.index(), cluster.index()
    await fill(other, entry(1, "Toy"))
    await dead.add(FeedBatch(2, [entry(1, "Salmon kibble")]))
    with pytest.raises(IndexBusy):
        await other.clear()
    cluster.clock.advance(LEASE_SECONDS + 1)
    await other.add(FeedBatch(3, [entry(1, "Turkey kibble")]))
    await other.refresh()
    with pytest.raises(IndexBusy):
        await dead.add(FeedBatch(2, [entry(1, "Salmon kibble")]))
    await fill(other, entry(2, "Toy"))
    assert await found(other, query("turkey")) == [1]


async def test_searches_see_the_old_index_until_the_new_one_is_complete(cluster: Cluster) -> None:
    index, other = cluster.index(), cluster.index()
    await fill(index, entry(1, "Salmon kibble"), entry(2, "Salmon treats"))
    (old,) = await cluster.names()
    await index.clear()
    assert await index.position() == 0
    await index.add(FeedBatch(3, [entry(1, "Salmon kibble")]))
    assert sorted(await found(other, query("salmon"))) == [1, 2]
    await index.refresh()
    assert await found(other, query("salmon")) == [1]
    assert await other.position() == 3
    names = await cluster.names()
    assert len(names) == 1
    assert old not in names


async def test_can_begin_anew_at_any_time(cluster: Cluster) -> None:
    index = cluster.index()
    for number in (1, 2):
        await index.clear()
        await index.clear()
        await index.add(FeedBatch(1, [entry(number, "Salmon kibble")]))
        await index.clear()
        await index.add(FeedBatch(1, [entry(number, "Salmon kibble")]))
        await index.refresh()
        assert await found(index, query("salmon")) == [number]
        assert len(await cluster.names()) == 1


async def test_an_index_whose_builder_died_is_dropped(cluster: Cluster) -> None:
    dead, other = cluster.index(), cluster.index()
    await fill(other, entry(1, "Salmon kibble"))
    await dead.clear()
    await dead.add(FeedBatch(1, [entry(1, "Salmon kibble")]))
    with pytest.raises(IndexBusy):
        await other.clear()
    cluster.clock.advance(LEASE_SECONDS + 1)
    await fill(other, entry(2, "Salmon treats"))
    assert sorted(await found(other, query("salmon"))) == [1, 2]
    await other.clear()
    await other.refresh()
    assert len(await cluster.names()) == 1


async def test_an_index_that_was_lost_is_begun_anew(cluster: Cluster) -> None:
    index = cluster.index()
    await fill(index, entry(1, "Salmon kibble"))
    for name in await cluster.names():
        await cluster.engine.call("DELETE", f"/{name}", writes=True)
    assert await index.position() == 0
    with pytest.raises(Unavailable):
        await index.find(query("salmon"))
    await fill(index, entry(1, "Salmon kibble"))
    assert await found(index, query("salmon")) == [1]


async def test_a_product_that_did_not_change_is_not_indexed_again(cluster: Cluster) -> None:
    index = cluster.index()
    await fill(index, entry(1, "Salmon kibble", popularity=1_000))
    before = await written(cluster)
    await fill(index, entry(1, "Salmon kibble", popularity=1_001))
    assert await written(cluster) == before
    await fill(index, entry(1, "Salmon kibble", popularity=2_000))
    assert await index.position() == 3


async def written(cluster: Cluster) -> int:
    """Return how many documents were ever written."""
    (name,) = await cluster.names()
    stats = (await cluster.engine.call("GET", f"/{name}/_stats/indexing")).body
    total: int = stats["_all"]["primaries"]["indexing"]["index_total"]
    return total


@pytest.fixture
async def cut(cluster: Cluster) -> AsyncIterator[Cut]:
    """A line to the engine that can be cut."""
    line = Cut(cluster)
    await line.connect()
    yield line
    await line.close()


async def test_is_away_with_the_engine_and_back_with_it(cluster: Cluster, cut: Cut) -> None:
    await fill(cluster.index(), entry(1, "Salmon kibble"))
    index: SearchIndex = cut.index()
    assert await found(index, query("salmon")) == [1]
    await cut.hang_up()
    with pytest.raises(Unavailable):
        await index.find(query("salmon"))
    with pytest.raises(Unavailable):
        await index.facets(query())
    with pytest.raises(Unavailable):
        await index.position()
    await cut.connect()
    assert await found(index, query("salmon")) == [1]
    assert await index.facets(query()) != Facets()
