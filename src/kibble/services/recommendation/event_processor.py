"""What Recommendation does on events: a table of event types and use cases."""

from __future__ import annotations

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderConfirmed
from kibble.contracts.product import ProductCreated, ProductDeleted, ProductUpdated, ProductViewed
from kibble.platform.messaging.handler import Subscription, on
from kibble.services.recommendation.service import Recorder


def subscriptions(recorder: Recorder) -> list[Subscription]:
    """Return Recommendation's table."""
    return [
        on(ProductCreated, recorder.show_product),
        on(ProductUpdated, recorder.show_product),
        on(ProductDeleted, recorder.withdraw_product),
        on(ProductViewed, recorder.add_view),
        on(OrderConfirmed, recorder.add_purchase),
        on(CustomerErased, recorder.forget_customer),
    ]
