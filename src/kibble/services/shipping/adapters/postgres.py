"""Shipments on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import LiteralString

from kibble.kernel.ids import CustomerId, OrderId, ShipmentId, WarehouseId
from kibble.platform.engines.postgres import (
    BOOLEAN,
    INTEGER,
    JSON,
    TEXT,
    TIME,
    UUID,
    Lookup,
    Postgres,
    PostgresStore,
    Table,
    Write,
)
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.rows import AS_THEY_ARE
from kibble.services.shipping.adapters.rows import ShippingRows
from kibble.services.shipping.model.picking import Picking
from kibble.services.shipping.model.shipment import CancelledOrder, PrintedLabels, Shipment

_ROWS = ShippingRows(AS_THEY_ARE)
_SHIPPING = Table(
    "shipping",
    "shipping_id",
    order_id=UUID,
    shipping_method=TEXT,
    tracking_number=TEXT,
    status=TEXT,
    estimated_delivery=TIME,
    customer_id=UUID,
    warehouse_id=UUID,
    address=JSON,
    parcels=JSON,
    label_reference=TEXT,
    history=JSON,
    due_at=TIME,
    failures=INTEGER,
    void_wanted=BOOLEAN,
    erase_wanted=BOOLEAN,
    request_key=TEXT,
    created_at=TIME,
    updated_at=TIME,
    handling=TEXT,
)
_CANCELLED = Table("cancelled_orders", "order_id", cancelled_at=TIME)
_PRINTED = Table("printed_labels", "shipping_id", images=JSON)
_PICKINGS = Table("pickings", "shipping_id", stage=TEXT, changed_at=TIME)
_AWAITING = "status IN ('REQUESTED', 'LABELLED') AND NOT void_wanted"
_SELECT = f"SELECT {_SHIPPING.columns} FROM shipping"


class PostgresShipmentRepository(PostgresStore):
    """Implements ``ShipmentRepository``."""

    def __init__(self, postgres: Postgres, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            postgres,
            envelopes,
            {
                Shipment: _save_shipment,
                PrintedLabels: _save_printed,
                Picking: _save_picking,
                CancelledOrder: _save_cancelled,
            },
            {PrintedLabels: _delete_printed},
        )
        self._shipments = Lookup(postgres, f"{_SELECT} WHERE shipping_id = ANY($1::uuid[])")
        self._of_orders = Lookup(
            postgres,
            f"SELECT order_id::text AS asked, {_SHIPPING.columns} FROM shipping"
            " WHERE order_id = ANY($1::uuid[]) ORDER BY shipping_id",
        )
        self._cancelled = Lookup(
            postgres,
            "SELECT order_id::text FROM cancelled_orders WHERE order_id = ANY($1::uuid[])",
        )
        self._printed = Lookup(
            postgres,
            f"SELECT {_PRINTED.columns} FROM printed_labels WHERE shipping_id = ANY($1::uuid[])",
        )

    async def find(self, shipment_id: ShipmentId) -> Shipment | None:
        """See ``ShipmentRepository.find``."""
        row = await self._shipments.one(shipment_id)
        return _ROWS.shipment(row) if row else None

    async def of_order(self, order_id: OrderId) -> list[Shipment]:
        """See ``ShipmentRepository.of_order``."""
        rows = await self._of_orders.all(order_id)
        return [_ROWS.shipment(row[1:]) for row in rows]  # first comes the key that was asked for

    async def of_customer(self, customer_id: CustomerId) -> list[Shipment]:
        """See ``ShipmentRepository.of_customer``."""
        sql = f"{_SELECT} WHERE customer_id = $1 ORDER BY shipping_id"
        return [_ROWS.shipment(row) for row in await self.postgres.fetch(sql, customer_id)]

    async def by_tracking_number(self, tracking_number: str) -> Shipment | None:
        """See ``ShipmentRepository.by_tracking_number``."""
        return await self._newest("tracking_number = $1", tracking_number)

    async def by_request_key(self, request_key: str) -> Shipment | None:
        """See ``ShipmentRepository.by_request_key``."""
        return await self._newest("request_key = $1", request_key)

    async def _newest(self, condition: LiteralString, value: str) -> Shipment | None:
        sql = f"{_SELECT} WHERE {condition} ORDER BY shipping_id DESC LIMIT 1"
        rows = await self.postgres.fetch(sql, value)
        return _ROWS.shipment(rows[0]) if rows else None

    async def due(self, now: datetime, limit: int) -> list[ShipmentId]:
        """See ``ShipmentRepository.due``."""
        rows = await self.postgres.fetch(
            "SELECT shipping_id::text FROM shipping WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
            now,
            limit,
        )
        return [ShipmentId(shipment_id) for (shipment_id,) in rows]

    async def printed(self, shipment_id: ShipmentId) -> PrintedLabels | None:
        """See ``ShipmentRepository.printed``."""
        row = await self._printed.one(shipment_id)
        return _ROWS.printed(row) if row else None

    async def awaiting_pick_up(self, warehouse_id: WarehouseId, limit: int) -> list[Shipment]:
        """See ``ShipmentRepository.awaiting_pick_up``."""
        sql = f"{_SELECT} WHERE warehouse_id = $1 AND {_AWAITING} ORDER BY shipping_id LIMIT $2"
        return [_ROWS.shipment(row) for row in await self.postgres.fetch(sql, warehouse_id, limit)]

    async def pickings(self, shipment_ids: Sequence[ShipmentId]) -> list[Picking]:
        """See ``ShipmentRepository.pickings``."""
        rows = await self.postgres.fetch(
            f"SELECT {_PICKINGS.columns} FROM pickings WHERE shipping_id = ANY($1::uuid[])",
            list(shipment_ids),
        )
        return [_ROWS.picking(row) for row in rows]

    async def is_cancelled(self, order_id: OrderId) -> bool:
        """See ``ShipmentRepository.is_cancelled``."""
        return await self._cancelled.one(order_id) is not None


def _save_shipment(shipment: Shipment, expected: int) -> Iterator[Write]:
    yield _SHIPPING.save(_ROWS.of_shipment(shipment), expected)


def _save_printed(printed: PrintedLabels, expected: int) -> Iterator[Write]:
    yield _PRINTED.save(_ROWS.of_printed(printed), expected)


def _delete_printed(printed: PrintedLabels, expected: int) -> Iterator[Write]:
    yield _PRINTED.remove(printed.shipment_id, expected)


def _save_picking(picking: Picking, expected: int) -> Iterator[Write]:
    yield _PICKINGS.save(_ROWS.of_picking(picking), expected)


def _save_cancelled(cancelled: CancelledOrder, expected: int) -> Iterator[Write]:
    yield _CANCELLED.save(_ROWS.of_cancelled(cancelled), expected)
