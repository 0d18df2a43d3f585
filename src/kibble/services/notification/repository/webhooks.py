"""Webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import DeliveryId, WebhookId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.services.notification.model.webhook import Delivery, DeliveryStatus, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Deliveries of one status whose events were noted from ``since`` up to ``before``.

    Only those after the delivery ``after``, if that is given.
    """

    status: DeliveryStatus
    since: datetime
    before: datetime
    after: DeliveryId | None = None


class WebhookRepository(Store, Protocol):
    """Endpoints outside the shop, and what they are told.

    A second delivery of one event to one endpoint raises ``StaleVersion`` at the commit. Removing a
    ``Webhook`` removes its deliveries; removing an ``Erasure`` those that tell of its customer.
    """

    async def webhooks(self) -> Sequence[Webhook]:
        """Return all endpoints, oldest first."""
        ...

    async def webhook(self, webhook_id: WebhookId) -> Webhook | None:
        """Return one endpoint."""
        ...

    async def delivery(self, delivery_id: DeliveryId) -> Delivery | None:
        """Return one delivery."""
        ...

    async def deliveries(
        self,
        webhook_id: WebhookId,
        *,
        status: DeliveryStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Delivery]:
        """Return an endpoint's deliveries, newest first."""
        ...

    async def recorded(self, event_id: str) -> frozenset[WebhookId]:
        """Return the endpoints that have a delivery of an event."""
        ...

    async def with_due_deliveries(self, now: datetime) -> Sequence[WebhookId]:
        """Return the endpoints that are on and have something due."""
        ...

    async def due_deliveries(
        self, webhook_id: WebhookId, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        """Return what is due at an endpoint, the longest waiting first."""
        ...

    async def deliveries_in(
        self, webhook_id: WebhookId, wanted: Range, limit: int
    ) -> Sequence[Delivery]:
        """Return the oldest of an endpoint's deliveries in a range."""
        ...
