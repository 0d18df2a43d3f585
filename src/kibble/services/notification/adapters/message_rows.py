"""What the columns of messages, preferences and of who waits hold, on every engine.

Rows have the columns in the order in which they are named here, then the version; a message has its
position behind that. Structures are JSON text; only moments differ.
"""

from __future__ import annotations

import msgspec

from kibble.kernel.ids import CustomerId, NotificationId, ProductId
from kibble.platform.persistence.rows import Moments, Row
from kibble.services.notification.adapters import quiet_hours
from kibble.services.notification.model import (
    Channel,
    Copy,
    Message,
    Preferences,
    Restock,
    Status,
    Waiting,
)

MESSAGE = (
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
PREFERENCES = (
    "customer_id",
    "channels",
    "kinds",
    "quiet_hours",
    "updated_at",
    "language",
    "digest",
)
WAITING = ("id", "customer_id", "product_id", "product_name", "asked_at", "email", "language")
RESTOCK = ("product_id", "due_at")

_channels = msgspec.json.Decoder(dict[Channel, bool]).decode
_kinds = msgspec.json.Decoder(dict[str, dict[Channel, bool]]).decode


class MessageRows:
    """Makes rows of aggregates, and aggregates of rows."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_message(self, message: Message) -> tuple[object, ...]:
        """Return the row of a message."""
        copy = message.copy
        return (
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
            self._moments.keep(message.due_at),
            self._moments.keep(message.created_at),
            message.status.value,
            message.attempts,
            message.reason,
            self._moments.keep_or_none(message.sent_at),
            message.read,
            copy.language,
            message.collected,
        )

    def message(self, row: Row) -> Message:
        """Return a message."""
        return Message(
            id=NotificationId(row[0]),
            request_id=row[1],
            kind=row[2],
            channel=Channel(row[3]),
            customer_id=CustomerId(row[4]) if row[4] else None,
            email=row[5],
            copy=Copy(row[6], row[7], row[8], row[9], row[17]),
            due_at=self._moments.read(row[10]),
            created_at=self._moments.read(row[11]),
            status=Status(row[12]),
            attempts=row[13],
            reason=row[14],
            sent_at=self._moments.read_or_none(row[15]),
            read=bool(row[16]),
            collected=bool(row[18]),
            version=row[19],
            position=row[20],
        )

    def of_preferences(self, preferences: Preferences) -> tuple[object, ...]:
        """Return the row of what a customer prefers."""
        return (
            preferences.customer_id,
            _json(preferences.channels),
            _json(preferences.kinds),
            quiet_hours.to_json(preferences.quiet_hours),
            self._moments.keep_or_none(preferences.updated_at),
            preferences.language,
            quiet_hours.digest_to_json(preferences.digest),
        )

    def preferences(self, row: Row) -> Preferences:
        """Return what a customer prefers."""
        return Preferences(
            customer_id=CustomerId(row[0]),
            channels=_channels(row[1]),
            kinds=_kinds(row[2]),
            quiet_hours=quiet_hours.from_json(row[3]),
            updated_at=self._moments.read_or_none(row[4]),
            language=row[5],
            digest=quiet_hours.digest_from_json(row[6]),
            version=row[7],
        )

    def of_waiting(self, waiting: Waiting) -> tuple[object, ...]:
        """Return the row of who waits."""
        return (
            waiting.id,
            waiting.customer_id,
            waiting.product_id,
            waiting.product_name,
            self._moments.keep(waiting.asked_at),
            waiting.email,
            waiting.language,
        )

    def waiting(self, row: Row) -> Waiting:
        """Return who waits."""
        return Waiting(
            id=row[0],
            customer_id=CustomerId(row[1]) if row[1] else None,
            product_id=ProductId(row[2]),
            product_name=row[3],
            asked_at=self._moments.read(row[4]),
            email=row[5],
            language=row[6],
            version=row[7],
        )

    def of_restock(self, restock: Restock) -> tuple[object, ...]:
        """Return the row of a product that is back."""
        return (restock.product_id, self._moments.keep(restock.due_at))

    def restock(self, row: Row) -> Restock:
        """Return a product that is back."""
        return Restock(
            product_id=ProductId(row[0]), due_at=self._moments.read(row[1]), version=row[2]
        )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
