"""Inventory as its neighbours see it, in process: contract types in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kibble.contracts.inventory import (
    AVAILABLE,
    EXTEND,
    RELEASE,
    RESERVE,
    STOCK_UP,
    WAREHOUSE_IDS,
    Allocation,
    Demand,
    Reservation,
    Shortage,
)
from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.rpc import Offer, offer
from kibble.services.inventory.errors import NotEnoughStock, UnknownProduct
from kibble.services.inventory.service import InventoryService


class InventoryClient:
    """Calls the use cases directly."""

    def __init__(self, service: InventoryService) -> None:
        self._service = service

    async def reserve(
        self, order_id: OrderId, demands: Sequence[Demand], expires_at: datetime
    ) -> Reservation | list[Shortage]:
        """Hold all lines for an order, or say which are short; repeating it returns the same hold.

        Of a product that Inventory has not heard of there is none. Raises ``Conflict`` for an order
        whose hold is for other demands, or was settled.
        """
        wanted: dict[ProductId, int] = {}
        for demand in demands:
            wanted[demand.product_id] = wanted.get(demand.product_id, 0) + demand.quantity
        try:
            hold = await self._service.reserve(order_id, wanted, expires_at)
        except NotEnoughStock as error:
            return [
                Shortage(
                    product_id=lack.product_id, requested=lack.requested, available=lack.available
                )
                for lack in error.lacks
            ]
        except UnknownProduct as error:
            unknown = error.product_id
            return [Shortage(product_id=unknown, requested=wanted[unknown], available=0)]
        allocations = [
            Allocation(
                product_id=take.product_id, warehouse_id=take.warehouse_id, quantity=take.quantity
            )
            for take in hold.takes
        ]
        return Reservation(order_id=order_id, expires_at=hold.expires_at, allocations=allocations)

    async def extend(self, order_id: OrderId, until: datetime) -> bool:
        """Make an order's hold last at least ``until``; False when the hold is gone."""
        return await self._service.extend(order_id, until)

    async def release(self, order_id: OrderId) -> None:
        """Give an order's stock back; repeatable."""
        await self._service.release(order_id, "released")

    async def available(self, product_ids: Sequence[ProductId]) -> dict[ProductId, int]:
        """Return how many units of each known product can be sold."""
        stocks = await self._service.stocks(product_ids)
        return {product_id: stock.available for product_id, stock in stocks.items()}

    async def warehouse_ids(self) -> dict[str, WarehouseId]:
        """Return all warehouses by code, the first by priority first."""
        return {w.code: w.warehouse_id for w in await self._service.warehouses()}

    async def stock_up(
        self, levels: Mapping[ProductId, Mapping[WarehouseId, int]]
    ) -> list[ProductId]:
        """Set many levels at once; return the products that Inventory has not heard of yet."""
        return await self._service.stock_up(levels)


def offers(client: InventoryClient) -> list[Offer]:
    """Return what Inventory offers to services in other processes."""
    return [
        offer(RESERVE, client.reserve),
        offer(EXTEND, client.extend),
        offer(RELEASE, client.release),
        offer(AVAILABLE, client.available),
        offer(WAREHOUSE_IDS, client.warehouse_ids),
        offer(STOCK_UP, client.stock_up),
    ]
