"""What the columns of shipments and what goes with them hold, on either engine.

Rows have the columns in the order in which the repositories' tables name them, then the version.
Structures are JSON text; only moments differ.
"""

from __future__ import annotations

import msgspec

from kibble.kernel.ids import CustomerId, OrderId, ShipmentId, WarehouseId
from kibble.platform.persistence.rows import Moments, Row
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.picking import Picking, Stage
from kibble.services.shipping.model.shipment import (
    Address,
    CancelledOrder,
    Label,
    LabelImage,
    PrintedLabels,
    Scan,
    Shipment,
    Status,
)

_address = msgspec.json.Decoder(Address).decode
_parcels = msgspec.json.Decoder(tuple[Parcel, ...]).decode
_images = msgspec.json.Decoder(tuple[LabelImage, ...]).decode
_history = msgspec.json.Decoder(list[Scan]).decode


def to_json(value: object) -> str:
    """Return JSON text."""
    return msgspec.json.encode(value).decode()


class ShippingRows:
    """Makes rows of aggregates, and aggregates of rows."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_shipment(self, shipment: Shipment) -> tuple[object, ...]:
        """Return the row of a shipment."""
        label, keep = shipment.label, self._moments.keep
        return (
            shipment.id,
            shipment.order_id,
            shipment.method,
            label.tracking_number if label else None,
            shipment.status.value,
            keep(shipment.estimated_delivery),
            shipment.customer_id,
            shipment.warehouse_id,
            to_json(shipment.address),
            to_json(shipment.parcels),
            label.reference if label else None,
            to_json(shipment.history),
            self._moments.keep_or_none(shipment.due_at),
            shipment.failures,
            shipment.void_wanted,
            shipment.erase_wanted,
            shipment.request_key,
            keep(shipment.created_at),
            keep(shipment.updated_at),
            shipment.handling.value,
        )

    def shipment(self, row: Row) -> Shipment:
        """Return the shipment of a row; its handling follows from its parcels."""
        read = self._moments.read
        return Shipment(
            id=ShipmentId(row[0]),
            order_id=OrderId(row[1]),
            method=row[2],
            label=Label(row[3], row[10]) if row[3] else None,
            status=Status(row[4]),
            estimated_delivery=read(row[5]),
            customer_id=CustomerId(row[6]) if row[6] else None,
            warehouse_id=WarehouseId(row[7]),
            address=_address(row[8]),
            parcels=_parcels(row[9]),
            history=_history(row[11]),
            due_at=self._moments.read_or_none(row[12]),
            failures=row[13],
            void_wanted=bool(row[14]),
            erase_wanted=bool(row[15]),
            request_key=row[16],
            created_at=read(row[17]),
            updated_at=read(row[18]),
            version=row[20],
        )

    @staticmethod
    def of_printed(printed: PrintedLabels) -> tuple[object, ...]:
        """Return the row of labels that a carrier printed."""
        return (printed.shipment_id, to_json(printed.images))

    @staticmethod
    def printed(row: Row) -> PrintedLabels:
        """Return labels that a carrier printed."""
        return PrintedLabels(ShipmentId(row[0]), _images(row[1]), row[2])

    def of_picking(self, picking: Picking) -> tuple[object, ...]:
        """Return the row of a shipment's stage in the warehouse."""
        return (picking.shipment_id, picking.stage.value, self._moments.keep(picking.at))

    def picking(self, row: Row) -> Picking:
        """Return a shipment's stage in the warehouse."""
        return Picking(ShipmentId(row[0]), Stage(row[1]), self._moments.read(row[2]), row[3])

    def of_cancelled(self, cancelled: CancelledOrder) -> tuple[object, ...]:
        """Return the row of an order of which nothing is to be shipped."""
        return (cancelled.order_id, self._moments.keep(cancelled.at))
