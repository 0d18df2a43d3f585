"""Shipments with defaults; a test spells out what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kibble.kernel.ids import CustomerId, OrderId, ProductId, ShipmentId
from kibble.services.shipping.model.packing import Item, pack
from kibble.services.shipping.model.shipment import Address, Label, Shipment

NOW = datetime(2026, 3, 9, 15, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=5)
LABEL = Label("1Z12345E6605272234", "reference")
ADDRESS = Address("123 Main St", "Anytown", "CA", "94105", name="Ann Example")
ORDER = OrderId("0199a000-0000-7000-8000-0000000000ff")
CUSTOMER = CustomerId("0199a000-0000-7000-8000-0000000000cc")


def requested(number: int = 1, **changes: Any) -> Shipment:
    """Return shipment ``number`` of an order, of two parcels."""
    shipment = Shipment(
        id=ShipmentId(f"0199a000-0000-7000-8000-{number:012x}"),
        order_id=ORDER,
        customer_id=CUSTOMER,
        warehouse_id=None,
        method="ups-standard",
        address=ADDRESS,
        parcels=pack([Item(ProductId("0199a000-0000-7000-8000-0000000000a1"), 3, 13_000)]),
        estimated_delivery=LATER,
        created_at=NOW,
        updated_at=NOW,
        due_at=NOW,
    )
    return replace(shipment, **changes)


def labelled(number: int = 1, **changes: Any) -> Shipment:
    """Return shipment ``number`` of an order, with its label."""
    shipment = requested(number, **changes)
    shipment.record_label(LABEL, LATER, NOW, LATER)
    return shipment
