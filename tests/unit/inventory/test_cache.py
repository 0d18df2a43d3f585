"""Copies of stock: for looks alone, and only until it changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.engines.sqlite import Database, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.services.inventory import adapters
from kibble.services.inventory.adapters.sqlite import SqliteStockLedger
from kibble.services.inventory.cache import StockCache
from kibble.services.inventory.errors import NotEnoughStock, UnknownProduct
from kibble.services.inventory.model import KnownProduct, Warehouse
from kibble.services.inventory.service import InventoryService
from tests.fixtures.doubles import START, FakeClock, fake_ids

FOOD = ProductId("0193c1a0-0000-7000-8000-0000000000a1")
OHIO = WarehouseId("0193c1a0-0000-7000-8000-0000000000e1")
ORDER = OrderId("0193c1a0-0000-7000-8000-0000000000b1")
SOON = START + timedelta(minutes=15)


class Copies:
    """A shared cache that forgets nothing by itself, and counts what it answered."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.answered = 0

    async def get(self, keys: Sequence[str]) -> dict[str, bytes]:
        found = {key: self.kept[key] for key in keys if key in self.kept}
        self.answered += len(found)
        return found

    def put(self, key: str, value: bytes, seconds: float) -> None:
        self.kept[key] = value

    def forget(self, keys: Collection[str]) -> None:
        for key in keys:
            self.kept.pop(key, None)


@pytest.fixture
def copies() -> Copies:
    return Copies()


@pytest.fixture
def cache(copies: Copies) -> StockCache:
    return StockCache(copies)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteStockLedger]:
    clock = FakeClock()
    database = Database(tmp_path / "inventory.db", inline=True)
    migrate(database, adapters.__name__)
    made = SqliteStockLedger(database, EnvelopeMaker("inventory", clock, fake_ids(clock)))
    yield made
    made.close()


@pytest.fixture
async def service(ledger: SqliteStockLedger, cache: StockCache) -> InventoryService:
    """Inventory with ten units of one product."""
    clock = FakeClock()
    made = InventoryService(ledger, clock, fake_ids(clock), cache)
    changes = Changes()
    changes.save(KnownProduct(FOOD, listed=True))
    changes.save(Warehouse(OHIO, "OH1", "Ohio", {}, 1))
    await ledger.commit(changes)
    await made.set_level(FOOD, OHIO, 10)
    return made


async def test_answer_a_second_look_with_all_that_stock_is(
    service: InventoryService, copies: Copies
) -> None:
    first = await service.stock(FOOD)
    assert copies.answered == 0
    assert await service.stock(FOOD) == first
    assert copies.answered == 1
    assert list(copies.kept) == [f"inventory:{FOOD}"]


async def test_are_dropped_when_the_stock_changes(
    service: InventoryService, cache: StockCache
) -> None:
    await service.stock(FOOD)
    await service.set_level(FOOD, OHIO, 3)
    cache.forget(FOOD)
    assert (await service.stock(FOOD)).available == 3


async def test_decide_no_reservation(service: InventoryService) -> None:
    await service.stock(FOOD)
    await service.set_level(FOOD, OHIO, 3)
    assert (await service.stock(FOOD)).available == 10, "the copy is old"
    with pytest.raises(NotEnoughStock):
        await service.reserve(ORDER, {FOOD: 4}, SOON)


async def test_of_what_is_not_known_there_are_none(
    service: InventoryService, copies: Copies
) -> None:
    with pytest.raises(UnknownProduct):
        await service.stock(ProductId("0193c1a0-0000-7000-8000-00000000dead"))
    assert copies.kept == {}
