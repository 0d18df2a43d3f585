"""Quiet hours and the hour of the digest as stores keep them: JSON, of clock times and a zone."""

from __future__ import annotations

from datetime import time

import msgspec

from kibble.services.notification.model import DigestTime, QuietHours


class _QuietHours(msgspec.Struct, frozen=True):
    start: time
    end: time
    zone: str


class _DigestTime(msgspec.Struct, frozen=True):
    at: time
    zone: str


_decode_digest = msgspec.json.Decoder(_DigestTime).decode
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


def digest_to_json(digest: DigestTime | None) -> str | None:
    """Return the hour of the digest as JSON."""
    if digest is None:
        return None
    return msgspec.json.encode(_DigestTime(digest.at, digest.zone)).decode()


def digest_from_json(text: str | None) -> DigestTime | None:
    """Return the hour that ``digest_to_json`` wrote."""
    if text is None:
        return None
    kept = _decode_digest(text)
    return DigestTime(kept.at, kept.zone)
