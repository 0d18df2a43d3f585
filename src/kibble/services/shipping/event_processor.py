"""What Shipping does on events: a table of event types and use cases."""

from __future__ import annotations

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderCancelled, OrderConfirmed, OrderUpdated
from kibble.platform.messaging.handler import Subscription, on
from kibble.services.shipping.service import ShipmentService


def subscriptions(service: ShipmentService) -> list[Subscription]:
    """Return Shipping's table."""
    return [
        on(OrderConfirmed, service.ship_order),
        on(OrderUpdated, service.follow_order),
        on(OrderCancelled, service.cancel_order),
        on(CustomerErased, service.forget_customer),
    ]
