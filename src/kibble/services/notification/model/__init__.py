"""Notification's model: kinds of message, what customers prefer, and one message's life."""

from kibble.services.notification.model.kinds import KINDS, Channel, Kind, Topic
from kibble.services.notification.model.message import (
    MAX_ATTEMPTS,
    Copy,
    Erasure,
    Message,
    Request,
    Status,
    compose,
)
from kibble.services.notification.model.preferences import ALWAYS_IN_APP, Preferences
from kibble.services.notification.model.quiet_hours import QuietHours

__all__ = [
    "ALWAYS_IN_APP",
    "KINDS",
    "MAX_ATTEMPTS",
    "Channel",
    "Copy",
    "Erasure",
    "Kind",
    "Message",
    "Preferences",
    "QuietHours",
    "Request",
    "Status",
    "Topic",
    "compose",
]
