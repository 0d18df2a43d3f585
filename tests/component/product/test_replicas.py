"""Product as several processes on one MongoDB."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kibble.kernel.ids import ProductId
from kibble.platform.engines.mongodb import Database
from kibble.services.product.adapters.mongodb.feed import LIFE
from tests.fixtures.doubles import FakeClock
from tests.fixtures.engines import Space
from tests.fixtures.mongo import fresh_database
from tests.fixtures.mongo_counter import MongoCounter
from tests.fixtures.spaces.mongodb import mongodb

__all__ = ["mongodb"]

pytestmark = pytest.mark.engine

A_LOOK = 1.0
ANN = "0193c1a0-0000-7000-8000-0000000000c1"
FEED = b"sku,name,category,price,stock\nA,Ball,Toys,3,7\nB,Rope,Toys > Dog,4,8\nK,Part,Food,9,1\n"


@pytest.fixture
async def database(mongodb: Space, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh_database(mongodb) as opened:
        await MongoCounter(opened, tmp_path, FakeClock()).catalogue.migrate()
        yield opened


class TestReplicas:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def pair(
        self, database: Database, tmp_path: Path, clock: FakeClock
    ) -> tuple[MongoCounter, MongoCounter]:
        return (
            MongoCounter(database, tmp_path / "1", clock, 1),
            MongoCounter(database, tmp_path / "2", clock, 2),
        )

    async def test_show_what_another_changed_once_they_have_looked(
        self, pair: tuple[MongoCounter, MongoCounter], clock: FakeClock
    ) -> None:
        one, other = pair
        product_id = (await one.add(price=10))["id"]
        await other.foreign.follow()
        assert (await other.product(product_id))["price"] == 10
        (kept,) = (await other.client.quotes([product_id])).values()
        await one.staff.patch(f"/api/products/{product_id}", {"price": 12})
        assert kept.price == 10_00
        (fresh,) = (await other.client.quotes([product_id], fresh=True)).values()
        assert fresh.price == 12_00
        clock.advance(A_LOOK)
        await one.feed.latest()
        await other.foreign.follow()
        assert (await other.product(product_id))["price"] == 12

    async def test_begin_a_sale_once(
        self, pair: tuple[MongoCounter, MongoCounter], clock: FakeClock
    ) -> None:
        one, other = pair
        product_id = (await one.add(price=10))["id"]
        later = {"price": 8, "startsAt": "2026-03-02T16:00:00Z"}
        assert (await one.staff.put(f"/api/products/{product_id}/sale", later)).status == 200
        clock.advance(3_600)
        await asyncio.gather(one.keep_time(), other.keep_time())
        await asyncio.gather(one.keep_time(), other.keep_time())
        published = [event.type for event in await one.catalogue.pending(100)]
        assert published.count("product.price_changed") == 1
        await other.foreign.follow()
        assert (await other.product(product_id))["price"] == 8

    async def test_drop_copies_of_variants_and_of_what_is_gone(
        self, pair: tuple[MongoCounter, MongoCounter], clock: FakeClock
    ) -> None:
        one, other = pair
        harness = await one.add_harness()
        small = ProductId(harness["variants"][0]["id"])
        await other.foreign.follow()
        assert await other.client.quotes([small])
        await other.product(harness["id"])
        await one.staff.delete(f"/api/products/{small}")
        clock.advance(A_LOOK)
        await one.feed.latest()
        await other.foreign.follow()
        assert not await other.client.quotes([small])
        assert len((await other.product(harness["id"]))["variants"]) == 1

    async def test_number_changes_by_turns(
        self, pair: tuple[MongoCounter, MongoCounter], clock: FakeClock
    ) -> None:
        one, other = pair
        await one.add()
        assert await one.feed.latest() == 1
        await other.add()
        assert await other.feed.latest() == 1
        clock.advance(LIFE.total_seconds() + A_LOOK)
        assert await other.feed.latest() == 2
        await one.add()
        assert await one.feed.latest() == 2
        clock.advance(A_LOOK)
        assert await other.feed.latest() == 3

    async def test_import_a_batch_once(
        self, pair: tuple[MongoCounter, MongoCounter], tmp_path: Path
    ) -> None:
        one, other = pair
        job = await one.client.receive_feed("feed", FEED)
        assert (await other.client.receive_feed("feed", FEED)).id == job.id
        shutil.copytree(tmp_path / "1" / "imports", tmp_path / "2" / "imports", dirs_exist_ok=True)
        done = await asyncio.gather(
            one.client.run_import(job.id), other.client.run_import(job.id), return_exceptions=True
        )
        assert any(not isinstance(one, Exception) for one in done)
        answer = (await one.staff.get(f"/api/products/imports/{job.id}")).json()
        assert (answer["status"], answer["created"], answer["rowsRead"]) == ("COMPLETED", 3, 3)
        assert len((await one.anyone.get("/api/products")).json()) == 3

    async def test_take_orders_for_one_product_at_the_same_moment(
        self, pair: tuple[MongoCounter, MongoCounter]
    ) -> None:
        one, other = pair
        product_id = (await one.add())["id"]
        await asyncio.gather(
            *(counter.sell(product_id, 1, ANN) for counter in (one, other) for _ in range(8))
        )
        listing = await one.catalogue.listing(product_id)
        assert listing is not None
        assert listing.standing.popularity == 16
