"""Where shipments are kept: the port that Shipping's store implements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId, OrderId, ShipmentId, WarehouseId
from kibble.platform.persistence.store import Store
from kibble.services.shipping.model.picking import Picking
from kibble.services.shipping.model.shipment import PrintedLabels, Shipment


class ShipmentRepository(Store, Protocol):
    """Saves ``Shipment``, ``PrintedLabels``, ``Picking`` and ``CancelledOrder``.

    At most one shipment an order, warehouse and handling.
    """

    async def find(self, shipment_id: ShipmentId) -> Shipment | None:
        """Return one shipment."""
        ...

    async def of_order(self, order_id: OrderId) -> list[Shipment]:
        """Return an order's shipments, oldest first."""
        ...

    async def of_customer(self, customer_id: CustomerId) -> list[Shipment]:
        """Return a customer's shipments, oldest first."""
        ...

    async def by_tracking_number(self, tracking_number: str) -> Shipment | None:
        """Return the newest shipment of this number: carriers use numbers again after months."""
        ...

    async def by_request_key(self, request_key: str) -> Shipment | None:
        """Return the shipment that was asked for with this key."""
        ...

    async def due(self, now: datetime, limit: int) -> list[ShipmentId]:
        """Return the shipments that Shipping has something to do for, those due longest first."""
        ...

    async def printed(self, shipment_id: ShipmentId) -> PrintedLabels | None:
        """Return the labels that are kept of a shipment."""
        ...

    async def awaiting_pick_up(self, warehouse_id: WarehouseId, limit: int) -> list[Shipment]:
        """Return what the carriers do not have yet of a warehouse, oldest first; not the void."""
        ...

    async def pickings(self, shipment_ids: Sequence[ShipmentId]) -> list[Picking]:
        """Return how far the warehouse is with shipments; of one that nobody touched, nothing."""
        ...

    async def is_cancelled(self, order_id: OrderId) -> bool:
        """Tell whether the order was cancelled."""
        ...
