"""Webhooks and their deliveries on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.clock import to_text
from kibble.kernel.ids import DeliveryId, WebhookId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, Table
from kibble.platform.persistence.rows import AS_TEXT
from kibble.services.notification.adapters.webhook_rows import DELIVERY, WEBHOOK, WebhookRows
from kibble.services.notification.model.webhook import (
    Delivery,
    DeliveryStatus,
    Webhook,
)
from kibble.services.notification.repository.webhooks import Range

_ROWS = WebhookRows(AS_TEXT)
_WEBHOOKS = Table("webhooks", *WEBHOOK)
_DELIVERIES = Table("webhook_deliveries", *DELIVERY)
_SELECT = f"SELECT {_DELIVERIES.columns} FROM webhook_deliveries"
_LAST = "~"
PRUNE = "DELETE FROM webhook_deliveries WHERE created_at < ?"
ERASE = "DELETE FROM webhook_deliveries WHERE personal AND customer_id = ?"


class _HasDatabase(Protocol):
    @property
    def database(self) -> Database: ...


class SqliteWebhooks:
    """Implements ``WebhookRepository`` for a store."""

    async def webhooks(self: _HasDatabase) -> Sequence[Webhook]:
        """See ``WebhookRepository.webhooks``."""
        rows = self.database.read(f"SELECT {_WEBHOOKS.columns} FROM webhooks ORDER BY id", ())
        return [_ROWS.webhook(row) for row in rows]

    async def webhook(self: _HasDatabase, webhook_id: WebhookId) -> Webhook | None:
        """See ``WebhookRepository.webhook``."""
        row = self.database.read_one(
            f"SELECT {_WEBHOOKS.columns} FROM webhooks WHERE id = ?", (webhook_id,)
        )
        return _ROWS.webhook(row) if row else None

    async def delivery(self: _HasDatabase, delivery_id: DeliveryId) -> Delivery | None:
        """See ``WebhookRepository.delivery``."""
        row = self.database.read_one(f"{_SELECT} WHERE id = ?", (delivery_id,))
        return _ROWS.delivery(row) if row else None

    async def deliveries(
        self: _HasDatabase,
        webhook_id: WebhookId,
        *,
        status: DeliveryStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Delivery]:
        """See ``WebhookRepository.deliveries``."""
        before = decode_cursor(cursor, str)[0] if cursor else _LAST
        rows = self.database.read(
            f"{_SELECT} WHERE webhook_id = ?1 AND id < ?2 AND (?3 IS NULL OR status = ?3)"
            " ORDER BY id DESC LIMIT ?4",
            (webhook_id, before, status and status.value, limit + 1),
        )
        found = [_ROWS.delivery(row) for row in rows]
        return page_of(found, limit, lambda last: encode_cursor(last.id))

    async def recorded(self: _HasDatabase, event_id: str) -> frozenset[WebhookId]:
        """See ``WebhookRepository.recorded``."""
        rows = self.database.read(
            "SELECT webhook_id FROM webhook_deliveries WHERE event_id = ?", (event_id,)
        )
        return frozenset(WebhookId(row[0]) for row in rows)

    async def with_due_deliveries(self: _HasDatabase, now: datetime) -> Sequence[WebhookId]:
        """See ``WebhookRepository.with_due_deliveries``."""
        rows = self.database.read(
            "SELECT id FROM webhooks w WHERE enabled AND EXISTS (SELECT 1 FROM webhook_deliveries"
            " WHERE webhook_id = w.id AND status = 'PENDING' AND due_at <= ?)",
            (to_text(now),),
        )
        return [WebhookId(row[0]) for row in rows]

    async def due_deliveries(
        self: _HasDatabase, webhook_id: WebhookId, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        """See ``WebhookRepository.due_deliveries``."""
        rows = self.database.read(
            f"{_SELECT} WHERE webhook_id = ? AND status = 'PENDING' AND due_at <= ?"
            " ORDER BY due_at, id LIMIT ?",
            (webhook_id, to_text(now), limit),
        )
        return [_ROWS.delivery(row) for row in rows]

    async def deliveries_in(
        self: _HasDatabase, webhook_id: WebhookId, wanted: Range, limit: int
    ) -> Sequence[Delivery]:
        """See ``WebhookRepository.deliveries_in``."""
        rows = self.database.read(
            f"{_SELECT} WHERE webhook_id = ? AND status = ? AND created_at >= ?"
            " AND created_at < ? AND id > ? ORDER BY id LIMIT ?",
            (
                webhook_id,
                wanted.status.value,
                to_text(wanted.since),
                to_text(wanted.before),
                wanted.after or "",
                limit,
            ),
        )
        return [_ROWS.delivery(row) for row in rows]


def save_webhook(connection: sqlite3.Connection, webhook: Webhook, expected: int) -> None:
    """Write an endpoint."""
    _WEBHOOKS.save(connection, _ROWS.of_webhook(webhook), expected)


def remove_webhook(connection: sqlite3.Connection, webhook: Webhook, expected: int) -> None:
    """Delete an endpoint; its deliveries go with it."""
    _WEBHOOKS.delete(connection, webhook.id, expected)


def save_delivery(connection: sqlite3.Connection, delivery: Delivery, expected: int) -> None:
    """Write a delivery."""
    _DELIVERIES.save(connection, _ROWS.of_delivery(delivery), expected)
