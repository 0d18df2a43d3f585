"""Autoship: what Order publishes about subscriptions."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from kibble.kernel.ids import CustomerId, OrderId, SubscriptionId
from kibble.kernel.personal import Personal
from kibble.platform.messaging.event import Event


class SubscriptionEvent(Event, frozen=True, kw_only=True):
    """An event about one subscription, as it is then. ``next_date`` is None when none comes."""

    topic: ClassVar[str] = "order_events"
    subject_field: ClassVar[str] = "subscription_id"

    subscription_id: SubscriptionId
    customer_id: CustomerId | None
    status: str
    next_date: date | None = None


class SubscriptionStarted(SubscriptionEvent, frozen=True, kw_only=True):
    """A customer wants something again and again."""

    type: ClassVar[str] = "order.subscription_started"


class SubscriptionChanged(SubscriptionEvent, frozen=True, kw_only=True):
    """A subscription changed; ``change`` names how: items, skip, pause, resume, paid, ..."""

    type: ClassVar[str] = "order.subscription_changed"

    change: str


class SubscriptionOrdered(SubscriptionEvent, frozen=True, kw_only=True):
    """A due order was placed; ``amount_due`` is in minor units."""

    type: ClassVar[str] = "order.subscription_ordered"

    order_id: OrderId
    amount_due: int
    currency: str


class SubscriptionUnpaid(SubscriptionEvent, frozen=True, kw_only=True):
    """An order was not paid, ``failures`` times by now; it is tried again, or was given up."""

    type: ClassVar[str] = "order.subscription_unpaid"

    order_id: OrderId
    failures: int
    retry_at: datetime | None


class SubscriptionEnded(SubscriptionEvent, frozen=True, kw_only=True):
    """A subscription is over."""

    type: ClassVar[str] = "order.subscription_ended"

    reason: Personal[str | None]
