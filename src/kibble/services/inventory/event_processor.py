"""What Inventory does on events: a table of event types and use cases."""

from __future__ import annotations

from kibble.contracts.order import OrderCancelled, OrderConfirmed, OrderReturned
from kibble.contracts.product import ProductCreated, ProductDeleted
from kibble.platform.messaging.handler import Subscription, on
from kibble.services.inventory.service import InventoryService


def subscriptions(service: InventoryService) -> list[Subscription]:
    """Return Inventory's table."""
    return [
        on(ProductCreated, service.list_product),
        on(ProductDeleted, service.delist_product),
        on(OrderConfirmed, service.deduct),
        on(OrderCancelled, service.give_back),
        on(OrderReturned, service.restock),
    ]
