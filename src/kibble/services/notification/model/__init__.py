"""Notification's model: kinds of message, what customers prefer, and one message's life."""

from kibble.services.notification.model.digest import DigestTime
from kibble.services.notification.model.kinds import KINDS, Channel, Kind, Topic
from kibble.services.notification.model.message import (
    MAX_ATTEMPTS,
    AddressErasure,
    Copy,
    Erasure,
    Message,
    Request,
    Status,
    compose,
)
from kibble.services.notification.model.preferences import ALWAYS_IN_APP, Preferences
from kibble.services.notification.model.quiet_hours import QuietHours
from kibble.services.notification.model.restock import (
    HEAD_START,
    MOST_ASKED,
    MOST_WAITS,
    SECOND_LOOK,
    WAIT_LIFE,
    Delisting,
    Restock,
    Waiting,
    folded,
)

__all__ = [
    "ALWAYS_IN_APP",
    "HEAD_START",
    "KINDS",
    "MAX_ATTEMPTS",
    "MOST_ASKED",
    "MOST_WAITS",
    "SECOND_LOOK",
    "WAIT_LIFE",
    "AddressErasure",
    "Channel",
    "Copy",
    "Delisting",
    "DigestTime",
    "Erasure",
    "Kind",
    "Message",
    "Preferences",
    "QuietHours",
    "Request",
    "Restock",
    "Status",
    "Topic",
    "Waiting",
    "compose",
    "folded",
]
