"""What Order does on events: a table of event types and use cases."""

from __future__ import annotations

from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import ReservationExpired
from kibble.contracts.payment import (
    PaymentFailed,
    PaymentProcessed,
    PaymentRefunded,
    RefundInitiated,
)
from kibble.contracts.shipping import ShipmentCreated, ShipmentDelivered, ShipmentUpdated
from kibble.platform.messaging.handler import Subscription, on
from kibble.services.order.service.orders import OrderService


def subscriptions(service: OrderService) -> list[Subscription]:
    """Return Order's table."""
    return [
        on(PaymentProcessed, service.confirm),
        on(PaymentFailed, service.fail_payment),
        on(RefundInitiated, service.start_refund),
        on(PaymentRefunded, service.refund),
        on(ReservationExpired, service.expire),
        on(ShipmentCreated, service.track),
        on(ShipmentUpdated, service.track),
        on(ShipmentDelivered, service.track),
        on(CustomerErased, service.forget_customer),
    ]
