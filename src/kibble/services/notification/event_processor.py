"""What Notification does on events: tables of event types and use cases."""

from __future__ import annotations

from kibble.contracts import inventory, order, payment, product, shipping, subscription
from kibble.contracts.customer import CustomerErased, CustomerRegistered, CustomerUpdated
from kibble.contracts.inventory import AvailabilityChanged
from kibble.contracts.notification import NotificationRequested
from kibble.contracts.order import OrderConfirmed
from kibble.contracts.product import ProductDeleted
from kibble.platform.messaging.event import Event
from kibble.platform.messaging.handler import Subscription, on, repeatably_on
from kibble.platform.prose import prose
from kibble.services.notification.service import NotificationService, RestockService
from kibble.services.notification.service.webhooks import WebhookService

OFFERED: tuple[type[Event], ...] = (
    order.OrderPlaced,
    order.OrderConfirmed,
    order.OrderUpdated,
    order.OrderCancelled,
    order.OrderReturned,
    subscription.SubscriptionStarted,
    subscription.SubscriptionChanged,
    subscription.SubscriptionOrdered,
    subscription.SubscriptionUnpaid,
    subscription.SubscriptionEnded,
    payment.PaymentProcessed,
    payment.PaymentFailed,
    payment.RefundInitiated,
    payment.PaymentRefunded,
    payment.PaymentDisputed,
    shipping.ShipmentCreated,
    shipping.ShipmentUpdated,
    shipping.ShipmentDelivered,
    inventory.StockUpdated,
    inventory.AvailabilityChanged,
    product.ProductCreated,
    product.ProductUpdated,
    product.PriceChanged,
    product.ProductDeleted,
    CustomerRegistered,
    CustomerUpdated,
    CustomerErased,
)
"""The events that endpoints outside the shop may be told of.

Not those that are a matter of two services alone: requests for messages, who looked at what.
"""


def subscriptions(service: NotificationService, restocks: RestockService) -> list[Subscription]:
    """Return Notification's table."""
    return [
        on(AvailabilityChanged, restocks.follow_stock),
        on(OrderConfirmed, restocks.follow_purchase),
        on(ProductDeleted, restocks.follow_delisting),
        on(NotificationRequested, service.tell),
        on(CustomerRegistered, service.follow_switches),
        on(CustomerUpdated, service.follow_switches),
        on(CustomerErased, service.forget),
    ]


def offered() -> dict[str, str]:
    """Return the types of events that endpoints may be told of, and what each is about."""
    return {event.type: prose(event.__doc__ or "").partition("\n")[0] for event in OFFERED}


def webhook_subscriptions(service: WebhookService) -> list[Subscription]:
    """Return the table of what is told outside: a consumer of its own, which holds up no other."""
    return [repeatably_on(event, service.record) for event in OFFERED]
