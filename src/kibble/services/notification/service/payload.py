"""What an endpoint outside the shop is told of an event."""

from __future__ import annotations

from typing import Any

import msgspec

from kibble.platform.messaging.event import Envelope
from kibble.platform.security.sensitive import PERSONAL, is_shielded
from kibble.services.notification.model.webhook import Fields

_STATES = frozenset({"status", "paymentStatus"})


def body_of(envelope: Envelope, data: dict[str, Any], fields: Fields) -> str:
    """Return the JSON that is sent: the event's envelope, and as much of its data as is wanted.

    With ``ids`` that is what the event is about and its state; with ``details`` all but what tells
    of a person; with ``personal`` that too. Secrets never: they are in no event.
    """
    told = {
        "id": envelope.id,
        "type": envelope.type,
        "time": envelope.time,
        "subject": envelope.subject,
        "sequence": envelope.sequence,
        "data": shown(data, fields),
    }
    return msgspec.json.encode(told).decode()


def shown(data: dict[str, Any], fields: Fields) -> dict[str, Any]:
    """Return as much of an event's data as ``fields`` allow."""
    if fields is Fields.IDS:
        return {name: value for name, value in data.items() if _identifies(name, value)}
    return {
        name: _within(value, fields) for name, value in data.items() if _is_allowed(name, fields)
    }


def tells_of_a_person(data: dict[str, Any]) -> bool:
    """Tell whether an event's data hold more than ids of a person."""
    return shown(data, Fields.PERSONAL) != shown(data, Fields.DETAILS)


def _within(value: Any, fields: Fields) -> Any:
    if isinstance(value, dict):
        return shown(value, fields)
    if isinstance(value, list):
        return [_within(each, fields) for each in value]
    return value


def _identifies(name: str, value: Any) -> bool:
    scalar = not isinstance(value, dict | list)
    return scalar and (name.endswith("Id") or name in _STATES)


def _is_allowed(name: str, fields: Fields) -> bool:
    return not is_shielded(name) or (fields is Fields.PERSONAL and name in PERSONAL)
