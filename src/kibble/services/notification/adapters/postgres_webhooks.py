"""Webhooks and their deliveries on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import DeliveryId, WebhookId, is_id
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.postgres import (
    BOOLEAN,
    INTEGER,
    JSON,
    TEXT,
    TIME,
    UUID,
    Postgres,
    Table,
    Write,
)
from kibble.platform.persistence.rows import AS_THEY_ARE
from kibble.services.notification.adapters.webhook_rows import WebhookRows
from kibble.services.notification.model.webhook import (
    Delivery,
    DeliveryStatus,
    Webhook,
)
from kibble.services.notification.repository.webhooks import Range

_ROWS = WebhookRows(AS_THEY_ARE)
_WEBHOOKS = Table(
    "webhooks",
    "id",
    url=TEXT,
    events=JSON,
    fields=TEXT,
    description=TEXT,
    contact=TEXT,
    secrets=JSON,
    enabled=BOOLEAN,
    disabled_reason=TEXT,
    failing_since=TIME,
    created_at=TIME,
)
_DELIVERIES = Table(
    "webhook_deliveries",
    "id",
    webhook_id=UUID,
    event_id=TEXT,
    event_type=TEXT,
    subject=TEXT,
    body=TEXT,
    customer_id=TEXT,
    personal=BOOLEAN,
    status=TEXT,
    tries=INTEGER,
    started_at=TIME,
    attempts=JSON,
    due_at=TIME,
    created_at=TIME,
)
_SELECT = f"SELECT {_DELIVERIES.columns} FROM webhook_deliveries"
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
PRUNE = "DELETE FROM webhook_deliveries WHERE created_at < $1"


class _HasPostgres(Protocol):
    @property
    def postgres(self) -> Postgres: ...


class PostgresWebhooks:
    """Implements ``WebhookRepository`` for a store."""

    async def webhooks(self: _HasPostgres) -> Sequence[Webhook]:
        """See ``WebhookRepository.webhooks``."""
        rows = await self.postgres.fetch(f"SELECT {_WEBHOOKS.columns} FROM webhooks ORDER BY id")
        return [_ROWS.webhook(row) for row in rows]

    async def webhook(self: _HasPostgres, webhook_id: WebhookId) -> Webhook | None:
        """See ``WebhookRepository.webhook``."""
        rows = await self.postgres.fetch(
            f"SELECT {_WEBHOOKS.columns} FROM webhooks WHERE id = $1", webhook_id
        )
        return _ROWS.webhook(rows[0]) if rows else None

    async def delivery(self: _HasPostgres, delivery_id: DeliveryId) -> Delivery | None:
        """See ``WebhookRepository.delivery``."""
        rows = await self.postgres.fetch(f"{_SELECT} WHERE id = $1", delivery_id)
        return _ROWS.delivery(rows[0]) if rows else None

    async def deliveries(
        self: _HasPostgres,
        webhook_id: WebhookId,
        *,
        status: DeliveryStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Delivery]:
        """See ``WebhookRepository.deliveries``."""
        before = decode_cursor(cursor, str)[0] if cursor else _LAST
        if not is_id(str(before)):
            raise InvalidInput.at("/cursor", "is not a cursor of this list")
        rows = await self.postgres.fetch(
            f"{_SELECT} WHERE webhook_id = $1 AND id < $2"
            " AND ($3::text IS NULL OR status = $3) ORDER BY webhook_deliveries.id DESC LIMIT $4",
            webhook_id,
            before,
            status and status.value,
            limit + 1,
        )
        found = [_ROWS.delivery(row) for row in rows]
        return page_of(found, limit, lambda last: encode_cursor(last.id))

    async def recorded(self: _HasPostgres, event_id: str) -> frozenset[WebhookId]:
        """See ``WebhookRepository.recorded``."""
        rows = await self.postgres.fetch(
            "SELECT webhook_id::text FROM webhook_deliveries WHERE event_id = $1", event_id
        )
        return frozenset(WebhookId(row[0]) for row in rows)

    async def with_due_deliveries(self: _HasPostgres, now: datetime) -> Sequence[WebhookId]:
        """See ``WebhookRepository.with_due_deliveries``."""
        rows = await self.postgres.fetch(
            "SELECT id::text FROM webhooks w WHERE enabled AND EXISTS (SELECT FROM"
            " webhook_deliveries WHERE webhook_id = w.id AND status = 'PENDING' AND due_at <= $1)",
            now,
        )
        return [WebhookId(row[0]) for row in rows]

    async def due_deliveries(
        self: _HasPostgres, webhook_id: WebhookId, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        """See ``WebhookRepository.due_deliveries``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} WHERE webhook_id = $1 AND status = 'PENDING' AND due_at <= $2"
            " ORDER BY due_at, webhook_deliveries.id LIMIT $3",
            webhook_id,
            now,
            limit,
        )
        return [_ROWS.delivery(row) for row in rows]

    async def deliveries_in(
        self: _HasPostgres, webhook_id: WebhookId, wanted: Range, limit: int
    ) -> Sequence[Delivery]:
        """See ``WebhookRepository.deliveries_in``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} WHERE webhook_id = $1 AND status = $2 AND created_at >= $3"
            " AND created_at < $4 AND ($5::uuid IS NULL OR id > $5)"
            " ORDER BY webhook_deliveries.id LIMIT $6",
            webhook_id,
            wanted.status.value,
            wanted.since,
            wanted.before,
            wanted.after,
            limit,
        )
        return [_ROWS.delivery(row) for row in rows]


def save_webhook(webhook: Webhook, expected: int) -> Iterator[Write]:
    """Write an endpoint."""
    yield _WEBHOOKS.save(_ROWS.of_webhook(webhook), expected)


def remove_webhook(webhook: Webhook, expected: int) -> Iterator[Write]:
    """Delete an endpoint; its deliveries go with it."""
    yield _WEBHOOKS.remove(webhook.id, expected)


def save_delivery(delivery: Delivery, expected: int) -> Iterator[Write]:
    """Write a delivery."""
    yield _DELIVERIES.save(_ROWS.of_delivery(delivery), expected)
