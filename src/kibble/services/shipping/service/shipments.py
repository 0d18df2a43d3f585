"""What ships: shipments are asked for by orders and staff, and looked at by customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderCancelled, OrderConfirmed, OrderUpdated
from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, IdSource, OrderId, ShipmentId, WarehouseId
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.services.shipping.errors import OrderWasCancelled, ShipmentNotFound
from kibble.services.shipping.integration import Products
from kibble.services.shipping.model.calendar import delivery_time
from kibble.services.shipping.model.cartons import Box
from kibble.services.shipping.model.handling import hastened, leaves_at, strictest, way_of
from kibble.services.shipping.model.packing import Item, Parcel, by_handling, pack
from kibble.services.shipping.model.shipment import (
    Address,
    CancelledOrder,
    Scan,
    Shipment,
    Status,
)
from kibble.services.shipping.model.tariff import Method, method_of
from kibble.services.shipping.model.zones import ZoneMap
from kibble.services.shipping.repository import ShipmentRepository
from kibble.services.shipping.service.announcement import save_and_announce
from kibble.services.shipping.service.destination import destination
from kibble.services.shipping.service.rates import item_of


class ShipmentService:
    """Decides what is to be shipped; ``wake`` tells the dispatcher after the commit."""

    def __init__(
        self,
        repository: ShipmentRepository,
        zones: ZoneMap,
        products: Products,
        *,
        boxes: Sequence[Box],
        clock: Clock,
        ids: IdSource,
        wake: Callable[[ShipmentId], None],
    ) -> None:
        self._repository = repository
        self._products = products
        self._boxes = boxes
        self._zones = zones
        self._clock = clock
        self._ids = ids
        self._wake = wake

    async def shipment(self, shipment_id: ShipmentId) -> Shipment:
        """Return one shipment; raises ``ShipmentNotFound``."""
        found = await self._repository.find(shipment_id)
        if found is None:
            raise ShipmentNotFound
        return found

    async def of_order(self, order_id: OrderId) -> list[Shipment]:
        """Return an order's shipments, oldest first."""
        return await self._repository.of_order(order_id)

    async def track(self, tracking_number: str) -> Shipment:
        """Return the shipment of a tracking number; raises ``ShipmentNotFound``."""
        found = await self._repository.by_tracking_number(tracking_number)
        if found is None:
            raise ShipmentNotFound
        return found

    async def request(
        self,
        order_id: OrderId,
        parcels: Sequence[Parcel],
        *,
        address: Address | None = None,
        method: str | None = None,
        request_key: str | None = None,
    ) -> Outcome[Shipment]:
        """Ask for one more shipment of an order, such as a replacement.

        Address and method are those of the order unless given. The same ``request_key`` again
        answers the same shipment. Raises ``ShipmentNotFound`` for an order that was never
        confirmed, ``OrderWasCancelled``, ``UnknownMethod``.
        """
        if request_key and (made := await self._repository.by_request_key(request_key)):
            return unchanged(made)
        if await self._repository.is_cancelled(order_id):
            raise OrderWasCancelled(order_id)
        earlier = await self._repository.of_order(order_id)
        if not earlier:
            raise ShipmentNotFound("order to ship")
        shipment = self._requested(
            order_id,
            earlier[0].customer_id,
            method=method or earlier[0].method,
            address=address or earlier[0].address,
            parcels=tuple(parcels),
        )
        shipment.request_key = request_key
        changes = Changes()
        changes.save(shipment)
        return Outcome(shipment, changes)

    async def notice(self, tracking_number: str) -> Outcome[None]:
        """Look at a parcel at once: its carrier says that something happened to it.

        What did is asked for, so that a notice that comes late, twice or never changes nothing
        but the time of that look.
        """
        changes = Changes()
        shipment = await self._repository.by_tracking_number(tracking_number)
        if shipment is not None and shipment.look_now(self._clock.now()):
            self._save_and_wake(changes, shipment)
        return Outcome(None, changes)

    # What Shipping does on events.

    async def ship_order(self, event: OrderConfirmed, _: Received) -> Outcome[None]:
        """Ask for a shipment from each warehouse that the order's stock comes from.

        What spoils, and what may not fly, goes in shipments of its own, by what suits it.
        """
        if await self._repository.is_cancelled(event.order_id):
            return unchanged(None)
        asked = {
            (one.warehouse_id, one.handling)
            for one in await self._repository.of_order(event.order_id)
        }
        address = destination(event.shipping_address)
        changes = Changes()
        for warehouse_id, items in (await self._by_warehouse(event)).items():
            for handling, parcels in by_handling(pack(items, self._boxes)).items():
                if (warehouse_id, handling) in asked:
                    continue
                shipment = self._requested(
                    event.order_id,
                    event.customer_id,
                    method=event.shipping_method,
                    address=address,
                    parcels=parcels,
                )
                shipment.warehouse_id = warehouse_id
                self._save_and_wake(changes, shipment)
        return Outcome(None, changes)

    async def cancel_order(self, event: OrderCancelled, _: Received) -> Outcome[None]:
        """Have the labels voided of all parcels that the carriers do not have yet."""
        now = self._clock.now()
        changes = Changes()
        if not await self._repository.is_cancelled(event.order_id):
            changes.save(CancelledOrder(event.order_id, now))
        for shipment in await self._repository.of_order(event.order_id):
            if shipment.request_void(now):
                self._save_and_wake(changes, shipment)
        return Outcome(None, changes)

    async def follow_order(self, event: OrderUpdated, _: Received) -> Outcome[None]:
        """Take an order off the packing list that staff marked as shipped.

        What has no label yet went without one, and none is bought. An order whose first parcel
        was scanned is SHIPPED as well: its others are still to go.
        """
        if event.status != "SHIPPED":
            return unchanged(None)
        shipments = await self._repository.of_order(event.order_id)
        if not all(one.awaits_pick_up for one in shipments):
            return unchanged(None)
        now = self._clock.now()
        changes = Changes()
        for shipment in shipments:
            if shipment.hand_over(now):
                save_and_announce(changes, shipment, shipments)
            elif shipment.label is None and shipment.request_void(now):
                self._save_and_wake(changes, shipment)
        return Outcome(None, changes)

    async def of_customer(self, customer_id: CustomerId) -> list[Shipment]:
        """Return a customer's shipments, oldest first."""
        return await self._repository.of_customer(customer_id)

    async def forget_customer(self, event: CustomerErased, _: Received) -> Outcome[None]:
        """Drop what names an erased customer; the figures stay."""
        now = self._clock.now()
        changes = Changes()
        for shipment in await self._repository.of_customer(event.customer_id):
            if shipment.erase_wanted:
                continue
            shipment.erase(now)
            changes.save(shipment)
            if (kept := await self._repository.printed(shipment.id)) and shipment.label:
                changes.remove(kept)
        return Outcome(None, changes)

    def _requested(
        self,
        order_id: OrderId,
        customer_id: CustomerId | None,
        *,
        method: str,
        address: Address,
        parcels: tuple[Parcel, ...],
    ) -> Shipment:
        now, zone = self._clock.now(), self._zones.zone(address.zip_code)
        handling = strictest(parcel.handling for parcel in parcels)
        asked = way_of(method_of(method), handling, zone)
        way = hastened(asked, handling, zone, now)
        leaves = leaves_at(now, handling, way.days(zone))
        return Shipment(
            id=ShipmentId(self._ids.new()),
            order_id=order_id,
            customer_id=customer_id,
            warehouse_id=None,
            method=way.code,
            address=address,
            parcels=parcels,
            estimated_delivery=delivery_time(leaves, way.days(zone)),
            created_at=now,
            updated_at=now,
            due_at=leaves,
            history=[] if way is asked else [_hastened(asked, way, now)],
        )

    async def _by_warehouse(self, event: OrderConfirmed) -> dict[WarehouseId, list[Item]]:
        """Return what each warehouse sends; what Product does not know any more is plain."""
        quotes = await self._products.quotes([taken.product_id for taken in event.allocations])
        found = _weighed(event)
        return {
            warehouse_id: [
                item_of(quotes[item.product_id], item.quantity, item.weight_grams)
                if item.product_id in quotes
                else item
                for item in items
            ]
            for warehouse_id, items in found.items()
        }

    def _save_and_wake(self, changes: Changes, shipment: Shipment) -> None:
        changes.save(shipment)
        changes.then(partial(self._wake, shipment.id))


def _hastened(asked: Method, way: Method, now: datetime) -> Scan:
    """Return the entry of a shipment's history that says why it goes by another method."""
    text = f"Goes by {way.name} instead of {asked.name}, so that it need not wait: at no charge"
    return Scan(now, Status.REQUESTED, text)


def _weighed(event: OrderConfirmed) -> dict[WarehouseId, list[Item]]:
    """Return what each warehouse sends; a bundle's weight is spread over its components."""
    weights = {line.product_id: line.weight_grams for line in event.lines}
    allocated = {allocation.product_id for allocation in event.allocations}
    bundles = sum(
        line.weight_grams * line.quantity
        for line in event.lines
        if line.product_id not in allocated
    )
    components = sum(a.quantity for a in event.allocations if a.product_id not in weights)
    component_weight = -(-bundles // components) if components else 0
    items: dict[WarehouseId, list[Item]] = {}
    for taken in event.allocations:
        weight = weights.get(taken.product_id, component_weight)
        item = Item(taken.product_id, taken.quantity, weight)
        items.setdefault(taken.warehouse_id, []).append(item)
    return items
