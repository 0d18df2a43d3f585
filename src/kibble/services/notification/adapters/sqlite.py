"""Messages and preferences on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from kibble.kernel.clock import from_text, from_text_or_none, to_text, to_text_or_none
from kibble.kernel.ids import CustomerId, NotificationId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.claims import LocalClaims
from kibble.services.notification.adapters import quiet_hours, sqlite_webhooks
from kibble.services.notification.adapters.sqlite_webhooks import SqliteWebhooks
from kibble.services.notification.model import (
    Channel,
    Copy,
    Delisting,
    Erasure,
    Message,
    Preferences,
    Restock,
    Status,
    Waiting,
)
from kibble.services.notification.model.webhook import KEPT_FOR, Delivery, Webhook

_MESSAGES = Table(
    "messages",
    "id",
    "request_id",
    "kind",
    "channel",
    "customer_id",
    "email",
    "title",
    "body",
    "action_label",
    "action_path",
    "due_at",
    "created_at",
    "status",
    "attempts",
    "reason",
    "sent_at",
    "read",
    "language",
    "collected",
)
_PREFERENCES = Table(
    "preferences",
    "customer_id",
    "channels",
    "kinds",
    "quiet_hours",
    "updated_at",
    "language",
    "digest",
)
_WAITS = Table("waits", "id", "customer_id", "product_id", "product_name", "asked_at")
_RESTOCKS = Table("restocks", "product_id", "due_at")
_SELECT = f"SELECT {_MESSAGES.columns}, position FROM messages"
_INBOX = "customer_id = ? AND channel = 'in_app' AND status = 'SENT'"
_CLAIMED = "status = 'PENDING' AND collected = 0"
_COLLECTED = "status = 'PENDING' AND collected = 1"
_FIRST = 2**62


_Kinds = dict[str, dict[Channel, bool]]
_encode = msgspec.json.Encoder().encode
_decode_channels = msgspec.json.Decoder(dict[Channel, bool]).decode
_decode_kinds = msgspec.json.Decoder(_Kinds).decode


class SqliteNotificationRepository(SqliteWebhooks, SqliteStore):
    """Implements ``NotificationRepository`` and ``WebhookRepository``.

    Who has claimed what, one process alone knows.
    """

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            database,
            envelopes,
            savers={
                Message: _save_message,
                Preferences: _save_preferences,
                Webhook: sqlite_webhooks.save_webhook,
                Delivery: sqlite_webhooks.save_delivery,
                Waiting: _save_waiting,
                Restock: _save_restock,
            },
            removers={
                Message: _remove_message,
                Waiting: _remove_waiting,
                Restock: _remove_restock,
                Delisting: _delist,
                Erasure: _erase,
                Webhook: sqlite_webhooks.remove_webhook,
            },
        )
        self._claims = LocalClaims()

    async def preferences(self, customer_id: CustomerId) -> Preferences | None:
        """See ``NotificationRepository.preferences``."""
        row = self.database.read_one(
            f"SELECT {_PREFERENCES.columns} FROM preferences WHERE customer_id = ?", (customer_id,)
        )
        return _preferences(row) if row else None

    async def message(self, message_id: NotificationId) -> Message | None:
        """See ``NotificationRepository.message``."""
        row = self.database.read_one(f"{_SELECT} WHERE id = ?", (message_id,))
        return _message(row) if row else None

    async def has_request(self, request_id: str) -> bool:
        """See ``NotificationRepository.has_request``."""
        row = self.database.read_one("SELECT 1 FROM messages WHERE request_id = ?", (request_id,))
        return row is not None

    async def claim(self, now: datetime, until: datetime, limit: int) -> list[Message]:
        """See ``NotificationRepository.claim``."""
        rows = self.database.read(
            f"{_SELECT} WHERE {_CLAIMED} AND due_at <= ? ORDER BY due_at LIMIT ?",
            (to_text(now), limit + len(self._claims)),
        )
        claimed: list[Message] = []
        for row in rows:
            if len(claimed) == limit:
                break
            if await self._claims.take(row[0], now, until):
                claimed.append(_message(row))
        return claimed

    async def give_back(self, message_ids: Sequence[NotificationId]) -> None:
        """See ``NotificationRepository.give_back``."""
        await self._claims.give_back(message_ids)

    async def inbox(
        self, customer_id: CustomerId, *, unread: bool, limit: int, cursor: str | None
    ) -> Page[Message]:
        """See ``NotificationRepository.inbox``."""
        before = decode_cursor(cursor, int)[0] if cursor else _FIRST
        which = f"{_INBOX} AND read = 0" if unread else _INBOX
        rows = self.database.read(
            f"{_SELECT} WHERE {which} AND position < ? ORDER BY position DESC LIMIT ?",
            (customer_id, before, limit + 1),
        )
        messages = [_message(row) for row in rows]
        return page_of(messages, limit, lambda last: encode_cursor(last.position))

    async def newest_positions(
        self, customer_ids: Sequence[CustomerId]
    ) -> Mapping[CustomerId, int]:
        """See ``NotificationRepository.newest_positions``."""
        sql = "SELECT max(position) FROM messages WHERE customer_id = ?"
        newest = {each: self.database.read_one(sql, (each,)) for each in customer_ids}
        return {each: row[0] for each, row in newest.items() if row and row[0]}

    async def position(self, customer_id: CustomerId, message_id: NotificationId) -> int:
        """See ``NotificationRepository.position``."""
        row = self.database.read_one(
            "SELECT position FROM messages WHERE id = ? AND customer_id = ?",
            (message_id, customer_id),
        )
        return row[0] if row else 0

    async def inbox_after(
        self, customer_id: CustomerId, position: int, limit: int
    ) -> Sequence[Message]:
        """See ``NotificationRepository.inbox_after``."""
        rows = self.database.read(
            f"{_SELECT} WHERE {_INBOX} AND position > ? ORDER BY position LIMIT ?",
            (customer_id, position, limit),
        )
        return [_message(row) for row in rows]

    async def messages_about(self, order_id: str) -> Sequence[Message]:
        """See ``NotificationRepository.messages_about``."""
        rows = self.database.read(
            f"{_SELECT} WHERE request_id >= ? AND request_id < ? ORDER BY position",
            (f"{order_id}:", f"{order_id};"),
        )
        return [_message(row) for row in rows]

    async def digests_due(self, now: datetime, limit: int) -> Sequence[CustomerId]:
        """See ``NotificationRepository.digests_due``."""
        rows = self.database.read(
            f"SELECT DISTINCT customer_id FROM messages WHERE {_COLLECTED} AND due_at <= ? LIMIT ?",
            (to_text(now), limit),
        )
        return [CustomerId(row[0]) for row in rows]

    async def collected(self, customer_id: CustomerId, now: datetime) -> Sequence[Message]:
        """See ``NotificationRepository.collected``."""
        rows = self.database.read(
            f"{_SELECT} WHERE {_COLLECTED} AND customer_id = ? AND due_at <= ? ORDER BY position",
            (customer_id, to_text(now)),
        )
        return [_message(row) for row in rows]

    async def waits_of(self, customer_id: CustomerId) -> Sequence[Waiting]:
        """See ``NotificationRepository.waits_of``."""
        rows = self.database.read(
            f"SELECT {_WAITS.columns} FROM waits WHERE customer_id = ? ORDER BY asked_at, id",
            (customer_id,),
        )
        return [_waiting(row) for row in rows]

    async def waiting_for(self, product_id: ProductId, limit: int) -> Sequence[Waiting]:
        """See ``NotificationRepository.waiting_for``."""
        rows = self.database.read(
            f"SELECT {_WAITS.columns} FROM waits WHERE product_id = ?"
            " ORDER BY asked_at, id LIMIT ?",
            (product_id, limit),
        )
        return [_waiting(row) for row in rows]

    async def restock(self, product_id: ProductId) -> Restock | None:
        """See ``NotificationRepository.restock``."""
        row = self.database.read_one(
            f"SELECT {_RESTOCKS.columns} FROM restocks WHERE product_id = ?", (product_id,)
        )
        return _restock(row) if row else None

    async def restocks_due(self, now: datetime, limit: int) -> Sequence[Restock]:
        """See ``NotificationRepository.restocks_due``."""
        rows = self.database.read(
            f"SELECT {_RESTOCKS.columns} FROM restocks WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (to_text(now), limit),
        )
        return [_restock(row) for row in rows]

    async def messages_of(self, customer_id: CustomerId) -> Sequence[Message]:
        """See ``NotificationRepository.messages_of``."""
        rows = self.database.read(
            f"{_SELECT} WHERE customer_id = ? ORDER BY position", (customer_id,)
        )
        return [_message(row) for row in rows]

    async def prune(self, before: str) -> None:
        """Forget as every store does, and old deliveries of webhooks."""
        await super().prune(before)
        oldest = to_text(from_text(before) - KEPT_FOR)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sqlite_webhooks.PRUNE, (oldest,))

        await self.database.write(work)


def _save_message(connection: sqlite3.Connection, message: Message, expected: int) -> None:
    copy = message.copy
    row = (
        message.id,
        message.request_id,
        message.kind,
        message.channel.value,
        message.customer_id,
        message.email,
        copy.title,
        copy.body,
        copy.action_label,
        copy.action_path,
        to_text(message.due_at),
        to_text(message.created_at),
        message.status.value,
        message.attempts,
        message.reason,
        to_text_or_none(message.sent_at),
        message.read,
        copy.language,
        message.collected,
    )
    _MESSAGES.save(connection, row, expected)


def _remove_message(connection: sqlite3.Connection, message: Message, expected: int) -> None:
    _MESSAGES.delete(connection, message.id, expected)


def _message(row: tuple[Any, ...]) -> Message:
    return Message(
        id=NotificationId(row[0]),
        request_id=row[1],
        kind=row[2],
        channel=Channel(row[3]),
        customer_id=CustomerId(row[4]) if row[4] else None,
        email=row[5],
        copy=Copy(row[6], row[7], row[8], row[9], row[17]),
        due_at=from_text(row[10]),
        created_at=from_text(row[11]),
        status=Status(row[12]),
        attempts=row[13],
        reason=row[14],
        sent_at=from_text_or_none(row[15]),
        read=bool(row[16]),
        collected=bool(row[18]),
        version=row[19],
        position=row[20],
    )


def _save_preferences(
    connection: sqlite3.Connection, preferences: Preferences, expected: int
) -> None:
    row = (
        preferences.customer_id,
        _encode(preferences.channels).decode(),
        _encode(preferences.kinds).decode(),
        quiet_hours.to_json(preferences.quiet_hours),
        to_text(preferences.updated_at) if preferences.updated_at else "",
        preferences.language,
        quiet_hours.digest_to_json(preferences.digest),
    )
    _PREFERENCES.save(connection, row, expected)


def _preferences(row: tuple[Any, ...]) -> Preferences:
    return Preferences(
        customer_id=CustomerId(row[0]),
        channels=_decode_channels(row[1]),
        kinds=_decode_kinds(row[2]),
        quiet_hours=quiet_hours.from_json(row[3]),
        updated_at=from_text_or_none(row[4]),
        language=row[5],
        digest=quiet_hours.digest_from_json(row[6]),
        version=row[7],
    )


def _erase(connection: sqlite3.Connection, erasure: Erasure, _: int) -> None:
    for table in ("messages", "preferences", "waits"):
        connection.execute(f"DELETE FROM {table} WHERE customer_id = ?", (erasure.customer_id,))
    connection.execute(sqlite_webhooks.ERASE, (erasure.customer_id,))


def _save_waiting(connection: sqlite3.Connection, waiting: Waiting, expected: int) -> None:
    row = (
        waiting.id,
        waiting.customer_id,
        waiting.product_id,
        waiting.product_name,
        to_text(waiting.asked_at),
    )
    _WAITS.save(connection, row, expected)


def _remove_waiting(connection: sqlite3.Connection, waiting: Waiting, expected: int) -> None:
    _WAITS.delete(connection, waiting.id, expected)


def _waiting(row: tuple[Any, ...]) -> Waiting:
    return Waiting(
        id=row[0],
        customer_id=CustomerId(row[1]),
        product_id=ProductId(row[2]),
        product_name=row[3],
        asked_at=from_text(row[4]),
        version=row[5],
    )


def _save_restock(connection: sqlite3.Connection, restock: Restock, expected: int) -> None:
    _RESTOCKS.save(connection, (restock.product_id, to_text(restock.due_at)), expected)


def _remove_restock(connection: sqlite3.Connection, restock: Restock, expected: int) -> None:
    _RESTOCKS.delete(connection, restock.product_id, expected)


def _restock(row: tuple[Any, ...]) -> Restock:
    return Restock(product_id=ProductId(row[0]), due_at=from_text(row[1]), version=row[2])


def _delist(connection: sqlite3.Connection, delisting: Delisting, _: int) -> None:
    for table in ("waits", "restocks"):
        connection.execute(f"DELETE FROM {table} WHERE product_id = ?", (delisting.product_id,))
