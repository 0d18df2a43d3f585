"""Subscriptions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId, SubscriptionId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.services.order.model.cycle import SubscriptionStatus
from kibble.services.order.model.subscription import Subscription


class SubscriptionRepository(Store, Protocol):
    """Saves ``Subscription``."""

    async def subscription(self, subscription_id: SubscriptionId) -> Subscription | None:
        """Return a subscription."""
        ...

    async def subscriptions(
        self,
        customer_id: CustomerId | None,
        status: SubscriptionStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Subscription]:
        """Return subscriptions, newest first: a customer's, or everybody's."""
        ...

    async def subscriptions_of_customer(self, customer_id: CustomerId) -> list[Subscription]:
        """Return all subscriptions of a customer, for erasure and export."""
        ...

    async def due_subscriptions(self, now: datetime, limit: int) -> list[SubscriptionId]:
        """Return those whose next step is due, the longest due first."""
        ...
