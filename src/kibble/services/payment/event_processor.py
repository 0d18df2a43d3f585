"""What Payment does on events: a table of event types and use cases."""

from __future__ import annotations

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderCancelled, OrderPlaced, OrderReturned
from kibble.platform.messaging.handler import Subscription, on
from kibble.services.payment.service import PaymentService


def subscriptions(service: PaymentService) -> list[Subscription]:
    """Return Payment's table."""
    return [
        on(OrderPlaced, service.charge),
        on(OrderCancelled, service.withdraw),
        on(OrderReturned, service.withdraw),
        on(CustomerErased, service.forget_customer),
    ]
