"""The packing list of a warehouse: what to pick, what is picked, what is packed."""

from __future__ import annotations

from dataclasses import dataclass

from kibble.kernel.clock import Clock
from kibble.kernel.ids import ShipmentId, WarehouseId
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.shipping.errors import ShipmentLeft, ShipmentNotFound
from kibble.services.shipping.model.picking import Picking, Stage
from kibble.services.shipping.model.shipment import Shipment
from kibble.services.shipping.repository import ShipmentRepository


@dataclass(frozen=True, slots=True)
class ToPack:
    """A shipment on a packing list, and how far it is."""

    shipment: Shipment
    stage: Stage


class PackingService:
    """Keeps the warehouses' packing lists."""

    def __init__(self, repository: ShipmentRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def to_pack(self, warehouse_id: WarehouseId, limit: int) -> list[ToPack]:
        """Return what a warehouse has to hand over, the oldest first."""
        shipments = await self._repository.awaiting_pick_up(warehouse_id, limit)
        known = await self._repository.pickings([shipment.id for shipment in shipments])
        stages = {picking.shipment_id: picking.stage for picking in known}
        return [ToPack(one, stages.get(one.id, Stage.TO_PICK)) for one in shipments]

    async def move(self, shipment_id: ShipmentId, stage: Stage) -> Outcome[ToPack]:
        """Note what the warehouse has done; the same again changes nothing.

        Raises ``ShipmentNotFound``, ``ShipmentLeft``, and ``Conflict`` for a step too many.
        """
        shipment = await self._repository.find(shipment_id)
        if shipment is None:
            raise ShipmentNotFound
        if shipment.void_wanted or not shipment.awaits_pick_up:
            raise ShipmentLeft(shipment_id, shipment.status.value)
        now = self._clock.now()
        known = await self._repository.pickings([shipment_id])
        picking = known[0] if known else Picking(shipment_id, Stage.TO_PICK, now)
        changes = Changes()
        if picking.move(stage, now):
            changes.save(picking)
        return Outcome(ToPack(shipment, picking.stage), changes)
