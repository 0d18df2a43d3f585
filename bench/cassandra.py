"""Reservations on Cassandra: 32 buyers of one hot product, and of many products.

::

    make engines ARGS=cassandra
    .venv/bin/python -m bench.cassandra [--quick]

It takes the address from ``KIBBLE_CASSANDRA_URL`` or the settings, works in a keyspace of its own,
and drops it. Each buyer reserves, with its order's record, expiry and intents, as the service does.
The relay runs beside, and its events are counted. Exit code 1 when anything was oversold, or when
the hot product stays under the bar.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.caching import NoCache
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import read_settings
from kibble.platform.engines.cassandra import DriverSession, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.services.inventory import adapters
from kibble.services.inventory.adapters.cassandra import CassandraStockLedger
from kibble.services.inventory.cache import StockCache
from kibble.services.inventory.errors import NotEnoughStock
from kibble.services.inventory.model import KnownProduct, Warehouse
from kibble.services.inventory.service import InventoryService

BUYERS = 32
PRODUCTS = 200
BAR = 300.0
"""Reservations a second on one hot product."""

clock = SystemClock()
ids = Uuid7Ids(clock, system_randomness())


class Depot:
    """One replica of Inventory, as its service."""

    def __init__(self, session: DriverSession) -> None:
        self.ledger = CassandraStockLedger(session, EnvelopeMaker("inventory", clock, ids))
        self.service = InventoryService(self.ledger, clock, ids, StockCache(NoCache()))
        self.warehouse = WarehouseId(ids.new())

    async def open(self) -> None:
        """Open the ledger and a warehouse."""
        await self.ledger.open()
        changes = Changes()
        changes.save(Warehouse(self.warehouse, "B1", "Bench", {}, 1))
        await self.ledger.commit(changes)

    async def product(self, units: int) -> ProductId:
        """Make a product that has so many units."""
        product = ProductId(ids.new())
        changes = Changes()
        changes.save(KnownProduct(product, listed=True))
        await self.ledger.commit(changes)
        await self.service.set_level(product, self.warehouse, units)
        return product

    async def buy(self, product: ProductId) -> bool:
        """Reserve one unit for a new order; False when there is none."""
        until = clock.now() + timedelta(minutes=15)
        try:
            await self.service.reserve(OrderId(ids.new()), {product: 1}, until)
        except NotEnoughStock:
            return False
        return True


async def rush(
    buyers: int, seconds: float, buy: Callable[[], Awaitable[bool]]
) -> tuple[int, float]:
    """Have buyers buy one after another for a while; return how many units, and units a second."""
    began = time.perf_counter()
    deadline = began + seconds

    async def buyer() -> int:
        bought = 0
        while time.perf_counter() < deadline:
            bought += await buy()
        return bought

    bought = sum(await asyncio.gather(*(buyer() for _ in range(buyers))))
    return bought, bought / (time.perf_counter() - began)


async def relay(depot: Depot, told: list[int]) -> None:
    """Relay as a process does, to nowhere."""
    while True:
        depot.ledger.outbox.grown.clear()
        events = await depot.ledger.outbox.pending(500)
        await depot.ledger.outbox.settle(events)
        told[0] += len(events)
        if not events:
            await asyncio.sleep(0.25)


async def measure(depot: Depot, seconds: float) -> bool:
    """Print the figures; True when the books balance and the bar is met."""
    told, stock = [0], depot.service.stock
    relaying = asyncio.create_task(relay(depot, told))
    hot = await depot.product(10**6)
    await rush(BUYERS, 1.0, lambda: depot.buy(hot))
    before = (await stock(hot)).reserved
    cpu = time.process_time()
    bought, rate = await rush(BUYERS, seconds, lambda: depot.buy(hot))
    cost = (time.process_time() - cpu) / bought * 1000
    exact = (await stock(hot)).reserved - before == bought
    print(f"one hot product, {BUYERS} buyers: {rate:,.0f} reservations/s, {cost:.2f} ms CPU each")
    quick = rate >= BAR

    scarce = await depot.product(100)
    sold = sum(await asyncio.gather(*(depot.buy(scarce) for _ in range(130))))
    print(f"130 buyers of 100 units at once: {sold} sold")
    exact &= sold == 100 == (await stock(scarce)).reserved

    many = [await depot.product(10**6) for _ in range(PRODUCTS)]
    turn = itertools.cycle(many)
    bought, rate = await rush(BUYERS, seconds, lambda: depot.buy(next(turn)))
    exact &= sum([(await stock(product)).reserved for product in many]) == bought
    print(f"{PRODUCTS} products, {BUYERS} buyers: {rate:,.0f} reservations/s")
    relaying.cancel()
    print(
        f"events relayed beside: {told[0]:,}; the books {'balance' if exact else 'DO NOT BALANCE'}"
    )
    return exact and quick


async def main(arguments: list[str]) -> int:
    """Measure in a keyspace of its own."""
    seconds = 3.0 if "--quick" in arguments else 10.0
    keyspace = f"bench_{ids.new().replace('-', '')}"
    url = read_settings(os.environ).cassandra_url
    session = await DriverSession.open(url, keyspace)
    try:
        await migrate(session, clock, adapters.__name__, ids.new())
        depot = Depot(session)
        await depot.open()
        return 0 if await measure(depot, seconds) else 1
    finally:
        await session.change_schema(f"DROP KEYSPACE {keyspace}")
        await session.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
