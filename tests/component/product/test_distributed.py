"""Product as several processes on one MongoDB, one search index and one Redis."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from kibble.platform.config import Settings
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.product.client import ProductClient
from kibble.services.product.wiring import build_distributed
from tests.component.product.counter import AnyCounter
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.spaces.elasticsearch import elasticsearch
from tests.fixtures.spaces.mongodb import mongodb
from tests.fixtures.spaces.redis import redis

__all__ = ["elasticsearch", "mongodb", "redis"]

pytestmark = pytest.mark.engine


class Replica(AnyCounter):
    """One process; its periodic work is done when the test says so."""

    def __init__(
        self, built: Built[ProductClient, ServiceStore], clock: FakeClock, seed: int
    ) -> None:
        super().__init__(built, clock, fake_ids(clock, seed))
        self.built = built

    async def look(self) -> None:
        """Do what is done every second."""
        for task in self.built.tasks:
            if isinstance(task, Periodic):
                await task.work()


@pytest.fixture
async def replicas(
    mongodb: Space, elasticsearch: Space, redis: Space, tmp_path: Path
) -> AsyncIterator[list[Replica]]:
    clock = FakeClock()
    settings = Settings(
        data_dir=tmp_path,
        mongodb_url=mongodb.url,
        elasticsearch_url=elasticsearch.url,
        redis_url=redis.url,
        namespace=mongodb.namespace,
    )
    made: list[Replica] = []
    for seed in (1, 2):
        world = World(clock, fake_ids(clock, seed), random.Random(seed))
        made.append(Replica(await build_distributed(settings, world), clock, 10 + seed))
    yield made
    for replica in made:
        for close in replica.built.closing:
            await close()
    with MongoClient[dict[str, object]](mongodb.url) as client:
        client.drop_database(f"{mongodb.namespace}_product")


async def test_a_product_of_one_replica_is_sold_and_found_by_another(
    replicas: list[Replica],
) -> None:
    one, other = replicas
    made = await one.add(name="Salmon Kibble", price=10)
    assert (await other.product(made["id"]))["price"] == 10
    for replica in (one, other):
        await replica.look()
    found = await other.anyone.get("/api/products/search?q=salmon")
    assert [product["id"] for product in found.json()] == [made["id"]]
    await one.staff.patch(f"/api/products/{made['id']}", {"price": 12})
    one.clock.advance(1.0)
    for replica in (one, other):
        await replica.look()
    assert (await other.product(made["id"]))["price"] == 12


async def test_the_events_of_all_replicas_are_relayed_by_one(replicas: list[Replica]) -> None:
    one, other = replicas
    await one.add(name="Ball")
    await other.add(name="Rope")
    (outbox,) = one.built.outboxes
    assert [event.type for event in await outbox.pending(10)] == ["product.created"] * 2


async def test_a_view_is_relayed_though_nothing_of_its_product_changed(
    replicas: list[Replica],
) -> None:
    one, other = replicas
    made = await one.add(name="Ball")
    (outbox,) = one.built.outboxes
    await outbox.settle(await outbox.pending(10))
    customer = other.anyone.as_customer("01890000-0000-7000-8000-0000000000c1")
    await customer.get(f"/api/products/{made['id']}")
    await other.look()
    one.clock.advance(1.0)
    (viewed,) = await outbox.pending(10)
    assert (viewed.type, viewed.key) == ("product.viewed", made["id"])
