"""Handing stock over: what suppliers' feeds told Product, on its way to Inventory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kibble.kernel.ids import ProductId, WarehouseId
from kibble.services.product.client import ProductClient

BATCH = 200
STOCKING_SECONDS = 1.0
"""How often what feeds told is handed over."""


class Shelves(Protocol):
    """Inventory's client, as far as stock is handed over to it."""

    async def warehouse_ids(self) -> dict[str, WarehouseId]:
        """Return all warehouses by code, the first by priority first."""
        ...

    async def stock_up(
        self, levels: Mapping[ProductId, Mapping[WarehouseId, int]]
    ) -> list[ProductId]:
        """Set many levels at once; return the products that Inventory has not heard of yet."""
        ...


async def hand_over(products: ProductClient, inventory: Shelves) -> int:
    """Hand over one batch; return how many levels Inventory took.

    A warehouse is named by its code, and an unknown one means the first. Products that Inventory
    has not heard of yet wait for their next turn.
    """
    warehouses = await inventory.warehouse_ids()
    told = await products.feed_stock(BATCH)
    if not warehouses or not told:
        return 0
    first = next(iter(warehouses.values()))
    levels: dict[ProductId, dict[WarehouseId, int]] = {}
    for row in told:
        warehouse = warehouses.get(row.warehouse, first)
        levels.setdefault(row.product_id, {})[warehouse] = row.on_hand
    unknown = set(await inventory.stock_up(levels))
    taken = [row for row in told if row.product_id not in unknown]
    await products.settle_feed_stock(taken)
    return len(taken)
