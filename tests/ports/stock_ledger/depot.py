"""A ledger with what tests do to it, over each adapter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.caching import NoCache
from kibble.platform.clock import Uuid7Ids, system_randomness
from kibble.platform.engines.cassandra import Session
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Envelope
from kibble.platform.persistence.changes import Changes
from kibble.platform.service import ServiceStore
from kibble.services.inventory import adapters, model
from kibble.services.inventory.adapters.cassandra import CassandraStockLedger
from kibble.services.inventory.adapters.sqlite import SqliteStockLedger
from kibble.services.inventory.cache import StockCache
from kibble.services.inventory.errors import NotEnoughStock
from kibble.services.inventory.model import KnownProduct, Warehouse
from kibble.services.inventory.repository import StockLedger
from kibble.services.inventory.service import InventoryService
from tests.fixtures.doubles import FakeClock

MINUTES = timedelta(minutes=15)


class Ledger(StockLedger, ServiceStore):
    """What every adapter is."""


class Depot(ABC):
    """A ledger, the service over it, and one warehouse."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.ids = Uuid7Ids(clock, system_randomness())
        self.ledger = self.make_ledger()
        self.service = InventoryService(self.ledger, self.clock, self.ids, StockCache(NoCache()))
        self.warehouse_id = WarehouseId("")

    @abstractmethod
    def make_ledger(self) -> Ledger:
        """Make the adapter."""

    @abstractmethod
    async def published(self) -> list[Envelope]:
        """Return the events of this depot so far."""

    async def open(self) -> None:
        """Open a warehouse."""
        self.warehouse_id = await self.open_warehouse("EAST", 1)

    async def open_warehouse(self, code: str, priority: int) -> WarehouseId:
        warehouse_id = WarehouseId(self.ids.new())
        changes = Changes()
        changes.save(Warehouse(warehouse_id, code, f"Depot {code}", {"city": "Köln"}, priority))
        await self.ledger.commit(changes)
        return warehouse_id

    async def know(self, product_id: ProductId, *, listed: bool = True) -> None:
        changes = Changes()
        changes.save(KnownProduct(product_id, listed))
        await self.ledger.commit(changes)

    async def product(self, units: int = 0, elsewhere: Mapping[WarehouseId, int] = {}) -> ProductId:
        """Return a new product with its stock."""
        product_id = ProductId(self.ids.new())
        await self.know(product_id)
        for warehouse_id, level in {self.warehouse_id: units, **elsewhere}.items():
            if level:
                await self.service.set_level(product_id, warehouse_id, level)
        return product_id

    def order(self) -> OrderId:
        return OrderId(self.ids.new())

    async def hold(self, order_id: OrderId, demands: Mapping[ProductId, int]) -> bool:
        """Reserve for a quarter of an hour; False when there is not enough."""
        try:
            await self.service.reserve(order_id, demands, self.clock.now() + MINUTES)
        except NotEnoughStock:
            return False
        return True

    async def deduct(self, order_id: OrderId) -> bool:
        return await self.ledger.change(model.deduct, order_id=order_id)

    async def figures(self, product_id: ProductId) -> tuple[int, int]:
        """Return what is on hand, and what is reserved of it."""
        (stock,) = (await self.ledger.stock([product_id])).values()
        return stock.on_hand, stock.reserved

    async def told(self, event_type: str) -> list[dict[str, object]]:
        """Return the data of the events of a type."""
        return [
            msgspec.json.decode(envelope.data)
            for envelope in await self.published()
            if envelope.type == event_type
        ]


class SqliteDepot(Depot):
    """Over a file of the test's own."""

    def __init__(self, folder: Path, *, inline: bool) -> None:
        self._database = Database(folder / "inventory.db", Durability.FULL, inline=inline)
        migrate(self._database, adapters.__name__)
        super().__init__(FakeClock())

    def make_ledger(self) -> Ledger:
        self._sqlite = SqliteStockLedger(
            self._database, EnvelopeMaker("inventory", self.clock, self.ids)
        )
        return self._sqlite  # type: ignore[return-value]  # has both ports, by their shape

    async def published(self) -> list[Envelope]:
        entries = self._sqlite.read_log("inventory_events", 0, 10_000)
        return [msgspec.json.decode(entry.envelope, type=Envelope) for entry in entries]

    def close(self) -> None:
        self._sqlite.close()


ROUNDS = 10_000
"""More than there are in the time that a lease takes to end."""


class CassandraDepot(Depot):
    """Over a session that is shared; several are replicas of one another."""

    def __init__(self, session: Session, clock: FakeClock | None = None) -> None:
        self.session = session
        self._published: list[Envelope] = []
        super().__init__(clock or FakeClock())

    def make_ledger(self) -> Ledger:
        self.cassandra = CassandraStockLedger(
            self.session, EnvelopeMaker("inventory", self.clock, self.ids)
        )
        return self.cassandra  # type: ignore[return-value]  # has both ports, by their shape

    async def open(self) -> None:
        await self.cassandra.open()
        await super().open()

    def replica(self, session: Session | None = None) -> CassandraDepot:
        """Return another process's depot over the same keyspace."""
        other = CassandraDepot(session or self.session, self.clock)
        other.warehouse_id = self.warehouse_id
        return other

    async def published(self) -> list[Envelope]:
        """Relay what there is; fails when what was published comes again and again.

        It does while a lease that was lost to another process has not ended.
        """
        before: list[Envelope] = []
        for _ in range(ROUNDS):
            events = await self.cassandra.outbox.pending(100)
            if not events:
                return self._published
            told = [msgspec.json.decode(e.envelope, type=Envelope) for e in events]
            if told != before:
                self._published += told
            before = told
            await self.cassandra.outbox.settle(events)
        raise AssertionError("nothing is settled: the relay never gets its turn")
