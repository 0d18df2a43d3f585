"""Shipments on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from kibble.kernel.clock import to_text
from kibble.kernel.ids import CustomerId, OrderId, ShipmentId, WarehouseId
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.rows import AS_TEXT
from kibble.services.shipping.adapters.rows import ShippingRows, to_json
from kibble.services.shipping.model.picking import Picking
from kibble.services.shipping.model.shipment import CancelledOrder, PrintedLabels, Shipment

_ROWS = ShippingRows(AS_TEXT)
_SHIPPING = Table(
    "shipping",
    "shipping_id",
    "order_id",
    "shipping_method",
    "tracking_number",
    "status",
    "estimated_delivery",
    "customer_id",
    "warehouse_id",
    "address",
    "parcels",
    "label_reference",
    "history",
    "due_at",
    "failures",
    "void_wanted",
    "erase_wanted",
    "request_key",
    "created_at",
    "updated_at",
    "handling",
)
_CANCELLED = Table("cancelled_orders", "order_id", "cancelled_at")
_PRINTED = Table("printed_labels", "shipping_id", "images")
_PICKINGS = Table("pickings", "shipping_id", "stage", "changed_at")
_AWAITING = "status IN ('REQUESTED', 'LABELLED') AND NOT void_wanted"
_SELECT = f"SELECT {_SHIPPING.columns} FROM shipping"


class SqliteShipmentRepository(SqliteStore):
    """Implements ``ShipmentRepository``."""

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            database,
            envelopes,
            {
                Shipment: _save_shipment,
                PrintedLabels: _save_printed,
                Picking: _save_picking,
                CancelledOrder: _save_cancelled,
            },
            {PrintedLabels: _delete_printed},
        )

    async def find(self, shipment_id: ShipmentId) -> Shipment | None:
        """See ``ShipmentRepository.find``."""
        return self._one("shipping_id = ?", shipment_id)

    async def of_order(self, order_id: OrderId) -> list[Shipment]:
        """See ``ShipmentRepository.of_order``."""
        return self._all("order_id = ?", order_id)

    async def of_customer(self, customer_id: CustomerId) -> list[Shipment]:
        """See ``ShipmentRepository.of_customer``."""
        return self._all("customer_id = ?", customer_id)

    async def by_tracking_number(self, tracking_number: str) -> Shipment | None:
        """See ``ShipmentRepository.by_tracking_number``."""
        return self._one("tracking_number = ?", tracking_number)

    async def by_request_key(self, request_key: str) -> Shipment | None:
        """See ``ShipmentRepository.by_request_key``."""
        return self._one("request_key = ?", request_key)

    async def due(self, now: datetime, limit: int) -> list[ShipmentId]:
        """See ``ShipmentRepository.due``."""
        rows = self.database.read(
            "SELECT shipping_id FROM shipping WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (to_text(now), limit),
        )
        return [ShipmentId(shipment_id) for (shipment_id,) in rows]

    async def printed(self, shipment_id: ShipmentId) -> PrintedLabels | None:
        """See ``ShipmentRepository.printed``."""
        row = self.database.read_one(
            f"SELECT {_PRINTED.columns} FROM printed_labels WHERE shipping_id = ?", (shipment_id,)
        )
        return _ROWS.printed(row) if row else None

    async def awaiting_pick_up(self, warehouse_id: WarehouseId, limit: int) -> list[Shipment]:
        """See ``ShipmentRepository.awaiting_pick_up``."""
        sql = f"{_SELECT} WHERE warehouse_id = ? AND {_AWAITING} ORDER BY shipping_id LIMIT ?"
        return [_ROWS.shipment(row) for row in self.database.read(sql, (warehouse_id, limit))]

    async def pickings(self, shipment_ids: Sequence[ShipmentId]) -> list[Picking]:
        """See ``ShipmentRepository.pickings``."""
        rows = self.database.read(
            f"SELECT {_PICKINGS.columns} FROM pickings"
            " WHERE shipping_id IN (SELECT value FROM json_each(?))",
            (to_json(shipment_ids),),
        )
        return [_ROWS.picking(row) for row in rows]

    async def is_cancelled(self, order_id: OrderId) -> bool:
        """See ``ShipmentRepository.is_cancelled``."""
        sql = "SELECT 1 FROM cancelled_orders WHERE order_id = ?"
        return self.database.read_one(sql, (order_id,)) is not None

    def _one(self, condition: LiteralString, value: str) -> Shipment | None:
        sql = f"{_SELECT} WHERE {condition} ORDER BY shipping_id DESC LIMIT 1"
        row = self.database.read_one(sql, (value,))
        return _ROWS.shipment(row) if row else None

    def _all(self, condition: LiteralString, value: str) -> list[Shipment]:
        sql = f"{_SELECT} WHERE {condition} ORDER BY shipping_id"
        return [_ROWS.shipment(row) for row in self.database.read(sql, (value,))]


def _save_shipment(connection: sqlite3.Connection, shipment: Shipment, expected: int) -> None:
    _SHIPPING.save(connection, _ROWS.of_shipment(shipment), expected)


def _save_printed(connection: sqlite3.Connection, printed: PrintedLabels, expected: int) -> None:
    _PRINTED.save(connection, _ROWS.of_printed(printed), expected)


def _delete_printed(connection: sqlite3.Connection, printed: PrintedLabels, expected: int) -> None:
    _PRINTED.delete(connection, printed.shipment_id, expected)


def _save_picking(connection: sqlite3.Connection, picking: Picking, expected: int) -> None:
    _PICKINGS.save(connection, _ROWS.of_picking(picking), expected)


def _save_cancelled(
    connection: sqlite3.Connection, cancelled: CancelledOrder, expected: int
) -> None:
    _CANCELLED.save(connection, _ROWS.of_cancelled(cancelled), expected)
