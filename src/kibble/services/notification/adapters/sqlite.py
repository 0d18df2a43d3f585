"""Messages and preferences on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from kibble.kernel.clock import from_text, to_text
from kibble.kernel.ids import CustomerId, NotificationId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.claims import LocalClaims
from kibble.platform.persistence.rows import AS_TEXT
from kibble.services.notification.adapters import sqlite_webhooks
from kibble.services.notification.adapters.message_rows import (
    MESSAGE,
    PREFERENCES,
    RESTOCK,
    WAITING,
    MessageRows,
)
from kibble.services.notification.adapters.sqlite_webhooks import SqliteWebhooks
from kibble.services.notification.model import (
    WAIT_LIFE,
    AddressErasure,
    Delisting,
    Erasure,
    Message,
    Preferences,
    Restock,
    Waiting,
)
from kibble.services.notification.model.webhook import KEPT_FOR, Delivery, Webhook

_ROWS = MessageRows(AS_TEXT)
_MESSAGES = Table("messages", *MESSAGE)
_PREFERENCES = Table("preferences", *PREFERENCES)
_WAITS = Table("waits", *WAITING)
_RESTOCKS = Table("restocks", *RESTOCK)
_SELECT = f"SELECT {_MESSAGES.columns}, position FROM messages"
_INBOX = "customer_id = ? AND channel = 'in_app' AND status = 'SENT'"
_CLAIMED = "status = 'PENDING' AND collected = 0"
_COLLECTED = "status = 'PENDING' AND collected = 1"
_TO_GUEST = "email = ? AND customer_id IS NULL"
_FIRST = 2**62


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
                AddressErasure: _erase_address,
                Webhook: sqlite_webhooks.remove_webhook,
            },
        )
        self._claims = LocalClaims()

    async def preferences(self, customer_id: CustomerId) -> Preferences | None:
        """See ``NotificationRepository.preferences``."""
        row = self.database.read_one(
            f"SELECT {_PREFERENCES.columns} FROM preferences WHERE customer_id = ?", (customer_id,)
        )
        return _ROWS.preferences(row) if row else None

    async def message(self, message_id: NotificationId) -> Message | None:
        """See ``NotificationRepository.message``."""
        row = self.database.read_one(f"{_SELECT} WHERE id = ?", (message_id,))
        return _ROWS.message(row) if row else None

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
                claimed.append(_ROWS.message(row))
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
        messages = [_ROWS.message(row) for row in rows]
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
        return [_ROWS.message(row) for row in rows]

    async def messages_about(self, order_id: str) -> Sequence[Message]:
        """See ``NotificationRepository.messages_about``."""
        rows = self.database.read(
            f"{_SELECT} WHERE request_id >= ? AND request_id < ? ORDER BY position",
            (f"{order_id}:", f"{order_id};"),
        )
        return [_ROWS.message(row) for row in rows]

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
        return [_ROWS.message(row) for row in rows]

    async def waits_of(self, customer_id: CustomerId) -> Sequence[Waiting]:
        """See ``NotificationRepository.waits_of``."""
        rows = self.database.read(
            f"SELECT {_WAITS.columns} FROM waits WHERE customer_id = ? ORDER BY asked_at, id",
            (customer_id,),
        )
        return [_ROWS.waiting(row) for row in rows]

    async def waits_at(self, email: str) -> Sequence[Waiting]:
        """See ``NotificationRepository.waits_at``."""
        rows = self.database.read(
            f"SELECT {_WAITS.columns} FROM waits WHERE email = ? ORDER BY asked_at, id", (email,)
        )
        return [_ROWS.waiting(row) for row in rows]

    async def waiting_for(self, product_id: ProductId, limit: int) -> Sequence[Waiting]:
        """See ``NotificationRepository.waiting_for``."""
        rows = self.database.read(
            f"SELECT {_WAITS.columns} FROM waits WHERE product_id = ?"
            " ORDER BY asked_at, id LIMIT ?",
            (product_id, limit),
        )
        return [_ROWS.waiting(row) for row in rows]

    async def restock(self, product_id: ProductId) -> Restock | None:
        """See ``NotificationRepository.restock``."""
        row = self.database.read_one(
            f"SELECT {_RESTOCKS.columns} FROM restocks WHERE product_id = ?", (product_id,)
        )
        return _ROWS.restock(row) if row else None

    async def restocks_due(self, now: datetime, limit: int) -> Sequence[Restock]:
        """See ``NotificationRepository.restocks_due``."""
        rows = self.database.read(
            f"SELECT {_RESTOCKS.columns} FROM restocks WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (to_text(now), limit),
        )
        return [_ROWS.restock(row) for row in rows]

    async def messages_of(self, customer_id: CustomerId) -> Sequence[Message]:
        """See ``NotificationRepository.messages_of``."""
        rows = self.database.read(
            f"{_SELECT} WHERE customer_id = ? ORDER BY position", (customer_id,)
        )
        return [_ROWS.message(row) for row in rows]

    async def messages_to(self, email: str) -> Sequence[Message]:
        """See ``NotificationRepository.messages_to``."""
        rows = self.database.read(f"{_SELECT} WHERE {_TO_GUEST} ORDER BY position", (email,))
        return [_ROWS.message(row) for row in rows]

    async def prune(self, before: str) -> None:
        """Forget as every store does, old deliveries of webhooks, and who waited too long."""
        await super().prune(before)
        oldest = to_text(from_text(before) - KEPT_FOR)
        longest = to_text(from_text(before) - WAIT_LIFE)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sqlite_webhooks.PRUNE, (oldest,))
            connection.execute("DELETE FROM waits WHERE asked_at < ?", (longest,))

        await self.database.write(work)


def _save_message(connection: sqlite3.Connection, message: Message, expected: int) -> None:
    _MESSAGES.save(connection, _ROWS.of_message(message), expected)


def _remove_message(connection: sqlite3.Connection, message: Message, expected: int) -> None:
    _MESSAGES.delete(connection, message.id, expected)


def _save_preferences(
    connection: sqlite3.Connection, preferences: Preferences, expected: int
) -> None:
    row = _ROWS.of_preferences(preferences)
    # The column was made without a place for "never".
    _PREFERENCES.save(connection, (*row[:4], row[4] or "", *row[5:]), expected)


def _erase(connection: sqlite3.Connection, erasure: Erasure, _: int) -> None:
    for table in ("messages", "preferences", "waits"):
        connection.execute(f"DELETE FROM {table} WHERE customer_id = ?", (erasure.customer_id,))
    connection.execute(sqlite_webhooks.ERASE, (erasure.customer_id,))


def _erase_address(connection: sqlite3.Connection, erasure: AddressErasure, _: int) -> None:
    for table in ("messages", "waits"):
        connection.execute(f"DELETE FROM {table} WHERE {_TO_GUEST}", (erasure.email,))


def _save_waiting(connection: sqlite3.Connection, waiting: Waiting, expected: int) -> None:
    _WAITS.save(connection, _ROWS.of_waiting(waiting), expected)


def _remove_waiting(connection: sqlite3.Connection, waiting: Waiting, expected: int) -> None:
    _WAITS.delete(connection, waiting.id, expected)


def _save_restock(connection: sqlite3.Connection, restock: Restock, expected: int) -> None:
    _RESTOCKS.save(connection, _ROWS.of_restock(restock), expected)


def _remove_restock(connection: sqlite3.Connection, restock: Restock, expected: int) -> None:
    _RESTOCKS.delete(connection, restock.product_id, expected)


def _delist(connection: sqlite3.Connection, delisting: Delisting, _: int) -> None:
    for table in ("waits", "restocks"):
        connection.execute(f"DELETE FROM {table} WHERE product_id = ?", (delisting.product_id,))
