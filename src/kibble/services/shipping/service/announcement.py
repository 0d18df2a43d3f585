"""Saving shipments and telling others: the one place that makes Shipping's events."""

from __future__ import annotations

from collections.abc import Sequence

from kibble.contracts.shipping import (
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentEvent,
    ShipmentUpdated,
)
from kibble.platform.persistence.changes import Changes
from kibble.services.shipping.model.shipment import Label, Shipment, Status
from kibble.services.shipping.model.tariff import method_of

_EVENTS: dict[Status, type[ShipmentEvent]] = {
    Status.LABELLED: ShipmentCreated,
    Status.DELIVERED: ShipmentDelivered,
}


def save_and_announce(changes: Changes, shipment: Shipment, of_order: Sequence[Shipment]) -> None:
    """Save a shipment whose status changed, and publish that; ``of_order`` are its order's.

    The others' versions are checked as well when an event counts them, so that of two parcels
    that arrive at the same moment one is told to be the last. A shipment that was voided before
    it had a label was never announced, and is not now.
    """
    others = [other for other in of_order if other.id != shipment.id]
    changes.save(shipment)
    if shipment.label is None:
        return
    if shipment.status in {Status.DELIVERED, Status.VOIDED}:
        for other in others:
            changes.save(other)
    event = _event(shipment, shipment.label, [shipment, *others])
    changes.publish(event, sequence=shipment.version)


def _event(shipment: Shipment, label: Label, of_order: Sequence[Shipment]) -> ShipmentEvent:
    statuses = [one.status for one in of_order]
    return _EVENTS.get(shipment.status, ShipmentUpdated)(
        shipment_id=shipment.id,
        order_id=shipment.order_id,
        carrier=method_of(shipment.method).carrier,
        tracking_number=label.tracking_number,
        status=shipment.status.value,
        estimated_delivery=shipment.estimated_delivery,
        shipments_total=len(statuses) - statuses.count(Status.VOIDED),
        shipments_delivered=statuses.count(Status.DELIVERED),
    )
