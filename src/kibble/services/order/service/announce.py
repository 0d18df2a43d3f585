"""Order's events, made from an order."""

from __future__ import annotations

import msgspec

from kibble.contracts.address import Address
from kibble.contracts.inventory import Allocation
from kibble.contracts.notification import NotificationRequested
from kibble.contracts.order import Line, OrderConfirmed, OrderPlaced
from kibble.services.order.model.order import Order


def placed(order: Order) -> OrderPlaced:
    """Return the event that an order waits for its payment."""
    return OrderPlaced(
        order_id=order.order_id,
        customer_id=order.customer_id,
        amount_due=order.charges.due.minor,
        currency=order.charges.items.currency,
        payment_method=order.payment_method,
        hold_expires_at=order.hold_expires_at,
        lines=lines(order),
    )


def confirmed(order: Order) -> OrderConfirmed:
    """Return the event that an order is paid."""
    return OrderConfirmed(
        order_id=order.order_id,
        customer_id=order.customer_id,
        lines=lines(order),
        allocations=allocations(order),
        shipping_address=msgspec.convert(order.shipping_address, Address),
        shipping_method=order.shipping_method,
        email=order.email,
    )


def notification(order: Order, kind: str, key: str = "", **facts: str) -> NotificationRequested:
    """Return the request to tell the customer: one message an order, kind and ``key``."""
    known: dict[str, str | int | float | bool | None] = {
        "orderId": order.order_id,
        "total": str(order.charges.due.decimal),
        "currency": order.charges.items.currency,
        "units": order.units,
        **facts,
    }
    if order.parcels:
        known |= {
            "trackingNumber": order.parcels[0].tracking_number,
            "carrier": order.parcels[0].carrier,
        }
    return NotificationRequested(
        request_id=f"{order.order_id}:{kind}:{key or order.version}",
        kind=kind,
        customer_id=order.customer_id,
        email=order.email,
        facts=known,
    )


def lines(order: Order) -> list[Line]:
    """Return an order's lines as events carry them."""
    return [
        Line(
            product_id=line.product_id,
            quantity=line.quantity,
            price=line.price.minor,
            name=line.name,
            weight_grams=line.weight_grams,
        )
        for line in order.lines
    ]


def allocations(order: Order) -> list[Allocation]:
    """Return where an order's units are held."""
    return [
        Allocation(product_id=a.product_id, warehouse_id=a.warehouse_id, quantity=a.quantity)
        for a in order.allocations
    ]
