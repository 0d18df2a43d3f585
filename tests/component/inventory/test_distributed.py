"""Inventory as several processes over Cassandra, which may go away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from kibble.contracts.inventory import Demand, Reservation
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import OrderId, ProductId
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings
from kibble.platform.persistence.changes import Changes
from kibble.platform.service import Built, ServiceStore, World
from kibble.services.inventory.cache import SECONDS
from kibble.services.inventory.client import InventoryClient
from kibble.services.inventory.model import KnownProduct, Warehouse
from kibble.services.inventory.wiring import build_distributed
from tests.fixtures.engines import Space, StartServer, start_server
from tests.fixtures.eventually import eventually
from tests.fixtures.spaces.cassandra import cassandra
from tests.fixtures.spaces.redis import redis

__all__ = ["cassandra", "redis", "start_server"]

pytestmark = pytest.mark.engine

NOWHERE = "redis://127.0.0.1:9/0"

clock = SystemClock()
randomness = system_randomness()
world = World(clock, Uuid7Ids(clock, randomness), randomness)

Inventory = Built[InventoryClient, ServiceStore]


@asynccontextmanager
async def processes(
    url: str, namespace: str, count: int, redis_url: str = NOWHERE
) -> AsyncIterator[Sequence[Inventory]]:
    """Build Inventory so many times at once, as replicas that start together do."""
    settings = Settings(cassandra_url=url, redis_url=redis_url, namespace=namespace)
    built = await asyncio.gather(*(build_distributed(settings, world) for _ in range(count)))
    try:
        yield built
    finally:
        for one in built:
            await asyncio.gather(*(close() for close in one.closing))


async def stocked(inventory: Inventory, units: int) -> ProductId:
    """Return a new product that has so many units."""
    product_id, ids = ProductId(world.ids.new()), world.ids
    warehouse = Warehouse(ids.new(), ids.new()[:18], "x", {}, 1)  # type: ignore[arg-type]  # an id
    changes = Changes()
    changes.save(KnownProduct(product_id, listed=True))
    changes.save(warehouse)
    await inventory.store.commit(changes)
    assert await inventory.client.stock_up({product_id: {warehouse.warehouse_id: units}}) == []
    return product_id


async def buy(inventory: Inventory, product_id: ProductId) -> bool:
    demand = [Demand(product_id=product_id, quantity=1)]
    until = clock.now() + timedelta(minutes=15)
    answer = await inventory.client.reserve(OrderId(world.ids.new()), demand, until)
    return isinstance(answer, Reservation)


async def test_processes_that_start_together_share_tables_and_stock(cassandra: Space) -> None:
    async with processes(cassandra.url, f"{cassandra.namespace}_together", 3) as inventories:
        food = await stocked(inventories[0], 5)
        bought = await asyncio.gather(*(buy(inventories[n % 3], food) for n in range(15)))
        assert sum(bought) == 5
        assert await inventories[1].client.available([food]) == {food: 0}


async def test_what_one_process_changes_all_see_long_before_their_copies_end(
    cassandra: Space, redis: Space
) -> None:
    namespace = f"{redis.namespace}_copies"
    async with processes(cassandra.url, namespace, 2, redis.url) as (one, other):
        food = await stocked(one, 5)
        for inventory in (one, other, one):
            assert await inventory.client.available([food]) == {food: 5}
        assert await buy(other, food)
        assert await other.client.available([food]) == {food: 4}
        await eventually(
            lambda: one.client.available([food]), until={food: 4}.__eq__, within=SECONDS / 2
        )


@pytest.mark.slow
async def test_what_was_acknowledged_is_there_after_cassandra_was_killed(
    start_server: StartServer,
) -> None:
    server = await asyncio.to_thread(start_server, "cassandra")
    async with processes(server.url, "killed", 1) as (inventory,):
        food = await stocked(inventory, 1000)
        assert await buy(inventory, food)
        buyers = [asyncio.create_task(buy(inventory, food)) for _ in range(40)]
        await server.kill()
        answers = await asyncio.gather(*buyers, return_exceptions=True)
        assert all(answer is True or isinstance(answer, Unavailable) for answer in answers)
        with pytest.raises(Unavailable):
            await inventory.client.available([food])
        await server.start()

        async def available() -> int:
            try:
                return (await inventory.client.available([food]))[food]
            except Unavailable as error:
                raise AssertionError("not back yet") from error

        left = await eventually(available, until=lambda left: left > 0, within=60)
        acknowledged = 1 + sum(answer is True for answer in answers)
        assert 1000 - 41 <= left <= 1000 - acknowledged
        assert await buy(inventory, food)
