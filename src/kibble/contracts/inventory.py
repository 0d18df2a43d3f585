"""Inventory: what it publishes, and what its client answers."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from kibble.kernel.ids import OrderId, ProductId, WarehouseId
from kibble.platform.messaging.event import Event


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
