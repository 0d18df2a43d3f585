"""Handing stock over: what suppliers' feeds told Product, on its way to Inventory."""

from __future__ import annotations

from kibble.kernel.ids import ProductId, WarehouseId
from kibble.services.inventory.client import InventoryClient
from kibble.services.product.client import ProductClient

BATCH = 200


async def hand_over(products: ProductClient, inventory: InventoryClient) -> int:
    """Hand over one batch; return how many levels Inventory took.

    A warehouse is named by its code, and an unknown one means the first. Products that Inventory
    has not heard of yet wait for their next turn.
    """
    warehouses = {w.code: w.warehouse_id for w in await inventory.warehouses()}
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
