"""Inventory: what it publishes, and what its client answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.messaging.event import Event
from kibble.platform.rpc import Ask, Neighbour, Procedure, Reach


class StockUpdated(Event, frozen=True, kw_only=True):
    """The stock of a product over all warehouses as it is now.

    State transfer: the latest sequence wins.
    """

    topic: ClassVar[str] = "inventory_events"
    type: ClassVar[str] = "inventory.stock_updated"
    subject_field: ClassVar[str] = "product_id"
    state_transfer: ClassVar[bool] = True

    product_id: ProductId
    on_hand: int
    reserved: int
    available: int


class AvailabilityChanged(Event, frozen=True, kw_only=True):
    """A product came back into stock, or sold out."""

    topic: ClassVar[str] = "inventory_events"
    type: ClassVar[str] = "inventory.availability_changed"
    subject_field: ClassVar[str] = "product_id"

    product_id: ProductId
    available: int


class ReservationExpired(Event, frozen=True, kw_only=True):
    """A hold ran out before its order was paid; its stock is free again.

    ``sold_out``: the order was paid all the same, and there is not enough left to take it anew.
    """

    topic: ClassVar[str] = "inventory_events"
    type: ClassVar[str] = "inventory.reservation_expired"
    subject_field: ClassVar[str] = "order_id"

    order_id: OrderId
    sold_out: bool = False


class Demand(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """So many units of a product."""

    product_id: ProductId
    quantity: int


class Allocation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """So many units of a product, from one warehouse."""

    product_id: ProductId
    warehouse_id: WarehouseId
    quantity: int


class Shortage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A demand that cannot be met, and how many units are left."""

    product_id: ProductId
    requested: int
    available: int


class Reservation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The hold of an order: all its lines, until ``expires_at``."""

    order_id: OrderId
    expires_at: datetime
    allocations: list[Allocation]


class AskReserve(Ask, frozen=True, kw_only=True):
    """What to hold for an order, and until when."""

    order_id: OrderId
    demands: list[Demand]
    expires_at: datetime


class AskExtend(Ask, frozen=True, kw_only=True):
    """Whose hold is to last until when."""

    order_id: OrderId
    until: datetime


class AskRelease(Ask, frozen=True, kw_only=True):
    """Whose stock to give back."""

    order_id: OrderId


class AskAvailable(Ask, frozen=True, kw_only=True):
    """Which products."""

    product_ids: list[ProductId]


class AskWarehouses(Ask, frozen=True, kw_only=True):
    """No arguments."""


class AskStockUp(Ask, frozen=True, kw_only=True):
    """Units on hand by product and warehouse."""

    levels: dict[ProductId, dict[WarehouseId, int]]


RESERVE: Procedure[AskReserve, Reservation | list[Shortage]] = Procedure(
    "inventory", "reserve", AskReserve, Reservation | list[Shortage], Reach.SHOP
)
EXTEND: Procedure[AskExtend, bool] = Procedure("inventory", "extend", AskExtend, bool, Reach.SHOP)
RELEASE: Procedure[AskRelease, None] = Procedure(
    "inventory", "release", AskRelease, None, Reach.SHOP
)
AVAILABLE: Procedure[AskAvailable, dict[ProductId, int]] = Procedure(
    "inventory", "available", AskAvailable, dict[ProductId, int], Reach.SHOP, "availability"
)
WAREHOUSE_IDS: Procedure[AskWarehouses, dict[str, WarehouseId]] = Procedure(
    "inventory", "warehouse_ids", AskWarehouses, dict[str, WarehouseId], Reach.SHOP
)
STOCK_UP: Procedure[AskStockUp, list[ProductId]] = Procedure(
    "inventory", "stock_up", AskStockUp, list[ProductId], Reach.SHOP
)


class RemoteInventory:
    """Inventory in another process; each method raises ``Unavailable`` when it is away."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def reserve(
        self, order_id: OrderId, demands: Sequence[Demand], expires_at: datetime
    ) -> Reservation | list[Shortage]:
        """Hold all lines for an order, or say which are short; repeatable."""
        ask = AskReserve(order_id=order_id, demands=list(demands), expires_at=expires_at)
        return await self._neighbour.call(RESERVE, ask)

    async def extend(self, order_id: OrderId, until: datetime) -> bool:
        """Make an order's hold last at least ``until``; False when the hold is gone."""
        return await self._neighbour.call(EXTEND, AskExtend(order_id=order_id, until=until))

    async def release(self, order_id: OrderId) -> None:
        """Give an order's stock back; repeatable."""
        await self._neighbour.call(RELEASE, AskRelease(order_id=order_id))

    async def available(self, product_ids: Sequence[ProductId]) -> dict[ProductId, int]:
        """Return how many units of each known product can be sold."""
        return await self._neighbour.call(AVAILABLE, AskAvailable(product_ids=list(product_ids)))

    async def warehouse_ids(self) -> dict[str, WarehouseId]:
        """Return all warehouses by code, the first by priority first."""
        return await self._neighbour.call(WAREHOUSE_IDS, AskWarehouses())

    async def stock_up(
        self, levels: Mapping[ProductId, Mapping[WarehouseId, int]]
    ) -> list[ProductId]:
        """Set many levels at once; return the products that Inventory has not heard of yet."""
        plain = {product_id: dict(by_warehouse) for product_id, by_warehouse in levels.items()}
        return await self._neighbour.call(STOCK_UP, AskStockUp(levels=plain))
