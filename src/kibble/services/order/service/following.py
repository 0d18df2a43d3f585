"""What becomes of a subscription's orders, in the transaction of what becomes of them."""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.platform.persistence.changes import Changes
from kibble.services.order.model.order import Order, OrderStatus
from kibble.services.order.model.subscription import Subscription
from kibble.services.order.repository.subscriptions import SubscriptionRepository
from kibble.services.order.service.subscription_news import changed, unpaid


class Following:
    """Tells a subscription what became of the order that it placed; of others it knows nothing."""

    def __init__(self, subscriptions: SubscriptionRepository, clock: Clock) -> None:
        self._subscriptions = subscriptions
        self._clock = clock

    async def paid(self, order: Order, changes: Changes) -> None:
        """An order was confirmed: its subscription looks ahead to the next one."""
        subscription = await self._of(order)
        if subscription is None or order.status is not OrderStatus.CONFIRMED:
            return
        if subscription.paid(order.order_id, self._clock.now()):
            changed(subscription, "paid", changes)

    async def not_paid(self, order: Order, why: str, changes: Changes) -> bool:
        """An order was not paid: it is tried again later. Tell whether the customer is told so."""
        subscription = await self._of(order)
        if subscription is None:
            return False
        failures = subscription.cycle.failures + 1
        if not subscription.payment_failed(order.order_id, self._clock.now()):
            return False
        unpaid(subscription, order.order_id, failures, why, changes)
        return True

    async def cancelled(self, order: Order, changes: Changes) -> None:
        """The customer, or the shop, cancelled an order: as if it had been skipped."""
        subscription = await self._of(order)
        if subscription and subscription.given_up(order.order_id, self._clock.now()):
            changed(subscription, "skip", changes)

    async def _of(self, order: Order) -> Subscription | None:
        if order.subscription_id is None:
            return None
        return await self._subscriptions.subscription(order.subscription_id)
