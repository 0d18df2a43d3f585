"""Every use case of Product that writes several documents in MongoDB, killed at each write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.mongodb import Database
from kibble.services.product.model.imports import ImportStatus
from tests.component.product.counter import AnyCounter, product
from tests.fixtures.doubles import FakeClock
from tests.fixtures.engines import Space
from tests.fixtures.http import Answer
from tests.fixtures.mongo import DyingDatabase, assert_all_or_nothing, fresh_database, wipe
from tests.fixtures.mongo_counter import MongoCounter
from tests.fixtures.spaces.mongodb import mongodb

__all__ = ["mongodb"]

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TOO_LONG = 11.0
ANN = "0193c1a0-0000-7000-8000-0000000000c1"
FEED = b"sku,name,category,price,stock\nA,Ball,Toys,3,7\nB,Rope,Toys > Dog,4,8\nK,Part,Food,9,1\n"


class Shop:
    """One database, filled anew for each try, at one time, with the same ids."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self._folder = folder
        self._seeds = count(100)
        self.runs = count()
        self.clock = FakeClock()
        self.made: dict[str, Any] = {}

    def counter(self, database: Database, seed: int, folder: int | None = None) -> MongoCounter:
        """Return a process; those with the same ``folder`` see the same feeds."""
        number = next(self.runs) if folder is None else folder
        return MongoCounter(database, self._folder / str(number), self.clock, seed)

    async def fill(self) -> None:
        self.clock = FakeClock()
        counter = self.counter(self.database, 1)
        part = await counter.add(name="Part", category="Food", price=10, sku="K")
        self.made = {
            "part": part["id"],
            "bundle": (await counter.add_bundle((part["id"], 2)))["id"],
            "harness": await counter.add_harness(category="Food"),
        }
        await counter.sell(part["id"], 1, ANN)

    async def later(self) -> None:
        self.clock.advance(TOO_LONG)
        await self.counter(self.database, next(self._seeds)).catalogue.recover()


@pytest.fixture
async def shop(mongodb: Space, tmp_path: Path) -> AsyncIterator[Shop]:
    async with fresh_database(mongodb) as database:
        shop = Shop(database, tmp_path)
        await shop.counter(database, 1).catalogue.migrate()
        yield shop


def answered(answer: Answer) -> None:
    """Raise what a client makes of an answer that is no success."""
    if answer.status >= 500:
        raise Unavailable("killed")
    assert answer.status < 300, answer.body


async def _category(counter: AnyCounter) -> str:
    categories = (await counter.anyone.get("/api/categories")).json()
    return f"/api/categories/{next(one['id'] for one in categories if one['name'] == 'Food')}"


async def add_a_product_in_a_new_category(counter: AnyCounter, _: Any) -> None:
    answered(await counter.staff.post("/api/products", product(category="New")))


async def add_a_configurable_product(counter: AnyCounter, _: Any) -> None:
    options = [{"name": "Size", "values": ["S", "L"]}]
    body = product(category="Food", options=options)
    answered(await counter.staff.post("/api/products/configurable", body))


async def add_a_bundle(counter: AnyCounter, made: Any) -> None:
    body = {
        "name": "Set",
        "category": "Food",
        "components": [{"productId": made["part"], "quantity": 1}],
    }
    answered(await counter.staff.post("/api/products/bundles", body))


async def change_a_price_that_a_bundle_follows(counter: AnyCounter, made: Any) -> None:
    answered(await counter.staff.patch(f"/api/products/{made['part']}", {"price": 11}))


async def move_to_a_new_category(counter: AnyCounter, made: Any) -> None:
    answered(await counter.staff.patch(f"/api/products/{made['part']}", {"category": "New"}))


async def change_what_variants_follow(counter: AnyCounter, made: Any) -> None:
    answered(await counter.staff.patch(f"/api/products/{made['harness']['id']}", {"price": 21}))


async def rename_a_category(counter: AnyCounter, _: Any) -> None:
    answered(await counter.staff.put(await _category(counter), {"name": "Feed"}))


async def delete_a_configurable_product(counter: AnyCounter, made: Any) -> None:
    answered(await counter.staff.delete(f"/api/products/{made['harness']['id']}"))


async def delete_a_variant(counter: AnyCounter, made: Any) -> None:
    variant = made["harness"]["variants"][0]["id"]
    answered(await counter.staff.delete(f"/api/products/{variant}"))


async def delete_a_bundle(counter: AnyCounter, made: Any) -> None:
    answered(await counter.staff.delete(f"/api/products/{made['bundle']}"))


async def review_a_product(counter: AnyCounter, made: Any) -> None:
    body = {"rating": 5, "title": "Good", "text": ""}
    url = f"/api/products/{made['part']}/reviews"
    answered(await counter.anyone.as_customer(ANN).post(url, body))


async def count_a_sale(counter: AnyCounter, made: Any) -> None:
    await counter.sell(made["harness"]["variants"][0]["id"], 2, ANN)


async def forget_a_customer(counter: AnyCounter, _: Any) -> None:
    await counter.erase(ANN)


@pytest.mark.parametrize(
    "use_case",
    [
        add_a_product_in_a_new_category,
        add_a_configurable_product,
        add_a_bundle,
        change_a_price_that_a_bundle_follows,
        move_to_a_new_category,
        change_what_variants_follow,
        rename_a_category,
        delete_a_configurable_product,
        delete_a_variant,
        delete_a_bundle,
        review_a_product,
        count_a_sale,
        forget_a_customer,
    ],
    ids=lambda use_case: use_case.__name__,
)
async def test_all_or_nothing_is_written(
    shop: Shop, use_case: Callable[[AnyCounter, Any], Awaitable[None]]
) -> None:
    async def attempt(database: Database) -> None:
        await use_case(shop.counter(database, 9), shop.made)

    writes = await assert_all_or_nothing(shop.database, shop.fill, attempt, shop.later)
    assert writes > 2


async def test_an_import_goes_on_where_it_was_killed(shop: Shop) -> None:
    for writes in count():
        await wipe(shop.database)
        await shop.fill()
        folder = next(shop.runs)
        job = await shop.counter(shop.database, 2, folder).client.receive_feed("feed", FEED)
        process = DyingDatabase(shop.database, writes)
        try:
            await shop.counter(process.seen, 3, folder).client.run_import(job.id)
        except Unavailable:
            shop.clock.advance(TOO_LONG)
            job = await shop.counter(shop.database, 4, folder).client.run_import(job.id)
        else:
            break
        finally:
            counter = shop.counter(shop.database, 5)
        assert job.status is ImportStatus.COMPLETED
        tally = job.tally
        assert (tally.read, tally.created, tally.updated, tally.failed) == (3, 2, 1, 0)
        assert len(await counter.client.feed_stock(10)) == 3, writes
        assert set(await counter.client.ids_of(["A", "B", "K"])) == {"A", "B", "K"}
