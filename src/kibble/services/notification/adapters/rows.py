"""What the columns of messages, preferences and waits hold, on either engine.

Rows have the columns in the order in which the repositories' tables name them, then the version,
and a message's then its position; only moments differ.
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

_Kinds = dict[str, dict[Channel, bool]]
_encode = msgspec.json.Encoder().encode
_decode_channels = msgspec.json.Decoder(dict[Channel, bool]).decode
_decode_kinds = msgspec.json.Decoder(_Kinds).decode


class NotificationRows:
    """Makes rows of aggregates, and aggregates of rows."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_message(self, message: Message) -> tuple[object, ...]:
        """Return the row of a message, without its position."""
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

    def of_request(self, message: Message) -> tuple[object, ...]:
        """Return the row that tells that a message was asked for."""
        created_at = self._moments.keep(message.created_at)
        return (message.request_id, message.channel.value, created_at)

    def message(self, row: Row) -> Message:
        """Return the message of a row."""
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
        """Return the row of a customer's preferences."""
        return (
            preferences.customer_id,
            _encode(preferences.channels).decode(),
            _encode(preferences.kinds).decode(),
            quiet_hours.to_json(preferences.quiet_hours),
            self._moments.keep_or_none(preferences.updated_at),
            preferences.language,
            quiet_hours.digest_to_json(preferences.digest),
        )

    def preferences(self, row: Row) -> Preferences:
        """Return the preferences of a row."""
        return Preferences(
            customer_id=CustomerId(row[0]),
            channels=_decode_channels(row[1]),
            kinds=_decode_kinds(row[2]),
            quiet_hours=quiet_hours.from_json(row[3]),
            updated_at=self._moments.read_or_none(row[4]),
            language=row[5],
            digest=quiet_hours.digest_from_json(row[6]),
            version=row[7],
        )

    def of_waiting(self, waiting: Waiting) -> tuple[object, ...]:
        """Return the row of somebody who waits for a product."""
        return (
            waiting.id,
            waiting.customer_id,
            waiting.product_id,
            waiting.product_name,
            self._moments.keep(waiting.asked_at),
        )

    def waiting(self, row: Row) -> Waiting:
        """Return somebody who waits for a product."""
        return Waiting(
            id=row[0],
            customer_id=CustomerId(row[1]),
            product_id=ProductId(row[2]),
            product_name=row[3],
            asked_at=self._moments.read(row[4]),
            version=row[5],
        )

    def of_restock(self, restock: Restock) -> tuple[object, ...]:
        """Return the row of a product that is back."""
        return (restock.product_id, self._moments.keep(restock.due_at))

    def restock(self, row: Row) -> Restock:
        """Return a product that is back."""
        due_at = self._moments.read(row[1])
        return Restock(product_id=ProductId(row[0]), due_at=due_at, version=row[2])
