"""What the columns of webhooks and their deliveries hold, on either engine.

Rows have the columns in the order in which they are named here, then the version; only moments
differ.
"""

from __future__ import annotations

import msgspec

from kibble.kernel.ids import CustomerId, DeliveryId, WebhookId
from kibble.platform.persistence.rows import Moments, Row
from kibble.services.notification.model.webhook import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Fields,
    SigningSecret,
    Webhook,
)

WEBHOOK = (
    "id",
    "url",
    "events",
    "fields",
    "description",
    "contact",
    "secrets",
    "enabled",
    "disabled_reason",
    "failing_since",
    "created_at",
)
DELIVERY = (
    "id",
    "webhook_id",
    "event_id",
    "event_type",
    "subject",
    "body",
    "customer_id",
    "personal",
    "status",
    "tries",
    "started_at",
    "attempts",
    "due_at",
    "created_at",
)

_events = msgspec.json.Decoder(tuple[str, ...]).decode
_secrets = msgspec.json.Decoder(tuple[SigningSecret, ...]).decode
_attempts = msgspec.json.Decoder(list[Attempt]).decode


class WebhookRows:
    """Makes rows of aggregates, and aggregates of rows."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_webhook(self, webhook: Webhook) -> tuple[object, ...]:
        """Return the row of an endpoint."""
        return (
            webhook.id,
            webhook.url,
            _json(webhook.events),
            webhook.fields.value,
            webhook.description,
            webhook.contact,
            _json(webhook.secrets),
            webhook.enabled,
            webhook.disabled_reason,
            self._moments.keep_or_none(webhook.failing_since),
            self._moments.keep(webhook.created_at),
        )

    def webhook(self, row: Row) -> Webhook:
        """Return an endpoint."""
        return Webhook(
            id=WebhookId(row[0]),
            url=row[1],
            events=_events(row[2]),
            fields=Fields(row[3]),
            description=row[4],
            contact=row[5],
            secrets=_secrets(row[6]),
            enabled=bool(row[7]),
            disabled_reason=row[8],
            failing_since=self._moments.read_or_none(row[9]),
            created_at=self._moments.read(row[10]),
            version=row[11],
        )

    def of_delivery(self, delivery: Delivery) -> tuple[object, ...]:
        """Return the row of a delivery."""
        return (
            delivery.id,
            delivery.webhook_id,
            delivery.event_id,
            delivery.event_type,
            delivery.subject,
            delivery.body,
            delivery.customer_id,
            delivery.personal,
            delivery.status.value,
            delivery.tries,
            self._moments.keep_or_none(delivery.started_at),
            _json(delivery.attempts),
            self._moments.keep(delivery.due_at),
            self._moments.keep(delivery.created_at),
        )

    def delivery(self, row: Row) -> Delivery:
        """Return a delivery."""
        return Delivery(
            id=DeliveryId(row[0]),
            webhook_id=WebhookId(row[1]),
            event_id=row[2],
            event_type=row[3],
            subject=row[4],
            body=row[5],
            customer_id=CustomerId(row[6]) if row[6] else None,
            personal=bool(row[7]),
            status=DeliveryStatus(row[8]),
            tries=row[9],
            started_at=self._moments.read_or_none(row[10]),
            attempts=_attempts(row[11]),
            due_at=self._moments.read(row[12]),
            created_at=self._moments.read(row[13]),
            version=row[14],
        )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
