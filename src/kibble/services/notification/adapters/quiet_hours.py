"""Quiet hours as the stores keep them: JSON, of clock times and a zone."""

from __future__ import annotations

from datetime import time

import msgspec

from kibble.services.notification.model import QuietHours


class _QuietHours(msgspec.Struct, frozen=True):
    start: time
    end: time
    zone: str


_decode = msgspec.json.Decoder(_QuietHours).decode


def to_json(hours: QuietHours | None) -> str | None:
    """Return quiet hours as JSON."""
    if hours is None:
        return None
    return msgspec.json.encode(_QuietHours(hours.start, hours.end, hours.zone)).decode()


def from_json(text: str | None) -> QuietHours | None:
    """Return the quiet hours that ``to_json`` wrote."""
    if text is None:
        return None
    kept = _decode(text)
    return QuietHours(kept.start, kept.end, kept.zone)
