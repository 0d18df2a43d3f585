"""What Product does on events: a table of event types and use cases."""

from __future__ import annotations

from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import StockUpdated
from kibble.contracts.order import OrderConfirmed
from kibble.platform.messaging.handler import Subscription, on
from kibble.services.product.service.standings import StandingService


def subscriptions(service: StandingService) -> list[Subscription]:
    """Return Product's table."""
    return [
        on(StockUpdated, service.restock),
        on(OrderConfirmed, service.count_sale),
        on(CustomerErased, service.forget),
    ]
