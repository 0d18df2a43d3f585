"""What Notification does on events: a table of event types and use cases."""

from __future__ import annotations

from kibble.contracts.customer import CustomerErased, CustomerRegistered, CustomerUpdated
from kibble.contracts.notification import NotificationRequested
from kibble.platform.messaging.handler import Subscription, on
from kibble.services.notification.service import NotificationService


def subscriptions(service: NotificationService) -> list[Subscription]:
    """Return Notification's table."""
    return [
        on(NotificationRequested, service.tell),
        on(CustomerRegistered, service.follow_switches),
        on(CustomerUpdated, service.follow_switches),
        on(CustomerErased, service.forget),
    ]
