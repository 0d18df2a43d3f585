"""One message on one channel, from the request to the relay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import unquote

from kibble.kernel.ids import CustomerId, NotificationId, OrderId
from kibble.kernel.languages import FALLBACK, Language
from kibble.kernel.personal import Personal
from kibble.kernel.state_machine import StateMachine
from kibble.services.notification.errors import NothingToResend
from kibble.services.notification.model.kinds import Channel, Kind
from kibble.services.notification.model.preferences import Preferences

MAX_ATTEMPTS = 8
_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(hours=6)
_ORDERS = "/orders/"


class Status(Enum):
    """Where a message stands; FAILED is parked until somebody resends it."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"


LIFE = StateMachine(
    "notification",
    {
        Status.PENDING: frozenset({Status.SENT, Status.FAILED, Status.SUPPRESSED}),
        Status.SENT: frozenset({Status.PENDING}),
        Status.FAILED: frozenset({Status.PENDING}),
        Status.SUPPRESSED: frozenset(),
    },
    Status.PENDING,
)


@dataclass(frozen=True, slots=True)
class Copy:
    """The words: a title, paragraphs, and where the reader may go on (a path of the shop).

    ``language`` is the one that they are in.
    """

    title: Personal[str]
    body: Personal[str]
    action_label: str | None = None
    action_path: Personal[str | None] = None
    language: Language = FALLBACK


@dataclass(slots=True, kw_only=True)
class Erasure:
    """All that is kept about a customer, to be removed at once."""

    customer_id: CustomerId
    version: int = 0


@dataclass(slots=True, kw_only=True)
class AddressErasure:
    """All that is kept about a guest's address, to be removed at once."""

    email: Personal[str]
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody is to be told something, once a ``id``.

    A customer is reached through their contact; ``email``, when given, is used instead of it, and
    is the only way to a guest. Who gets a one-time link may be known to Customer alone.
    """

    id: str
    kind: Kind
    customer_id: CustomerId | None
    email: Personal[str | None]


@dataclass(slots=True, kw_only=True)
class Message:
    """One request on one channel.

    ``due_at`` is when it is (again) to be sent; ``reason`` says why it failed, waits or was held
    back. What is ``collected`` is sent as a part of the e-mail of the day. ``position`` orders the
    messages by commit; the store gives it, 0 before.
    """

    id: NotificationId
    request_id: str
    kind: str
    channel: Channel
    customer_id: CustomerId | None
    email: Personal[str | None]
    copy: Copy
    due_at: datetime
    created_at: datetime
    status: Status = Status.PENDING
    attempts: int = 0
    reason: str | None = None
    sent_at: datetime | None = None
    read: bool = False
    position: int = 0
    collected: bool = False
    version: int = 0

    @property
    def order_id(self) -> OrderId | None:
        """The order that its reader is led to."""
        path = self.copy.action_path or ""
        return OrderId(unquote(path[len(_ORDERS) :])) if path.startswith(_ORDERS) else None

    @property
    def was_for_nobody(self) -> bool:
        """Whether the message turned out to have no reader: nobody would look for it either."""
        named = self.customer_id is not None or self.email is not None
        return self.status is Status.SUPPRESSED and not named

    def sent(self, now: datetime) -> None:
        """Note that the relay took the message."""
        self.status = LIFE.move(self.status, Status.SENT)
        self.attempts += 1
        self.sent_at, self.reason = now, None

    def suppress(self, reason: str) -> None:
        """Hold the message back for good."""
        self.status = LIFE.move(self.status, Status.SUPPRESSED)
        self.reason = reason

    def fail(self, reason: str) -> None:
        """Park the message: the relay will never take it."""
        self.status = LIFE.move(self.status, Status.FAILED)
        self.attempts += 1
        self.reason = reason

    def retry_later(self, reason: str, now: datetime, jitter: float) -> None:
        """Wait longer after each failed attempt, and park the message after the last one.

        ``jitter`` from 0 to 1 spreads the attempts over the second half of the delay.
        """
        if self.attempts + 1 >= MAX_ATTEMPTS:
            self.fail(reason)
            return
        delay = min(_FIRST_DELAY * 4**self.attempts, _LONGEST_DELAY)
        self.attempts += 1
        self.reason = reason
        self.due_at = now + delay * (0.5 + jitter / 2)

    def resend(self, now: datetime) -> None:
        """Send the message again from the start. Raises ``NothingToResend``."""
        if self.channel is Channel.IN_APP or not LIFE.allows(self.status, Status.PENDING):
            raise NothingToResend(
                "Only a sent or failed e-mail or SMS can be sent again.",
                details={"currentStatus": self.status.value, "channel": self.channel.value},
            )
        self.status = Status.PENDING
        self.attempts, self.reason, self.due_at = 0, None, now


def compose(
    request: Request,
    preferences: Preferences,
    copy: Copy,
    *,
    now: datetime,
    new_id: Callable[[], NotificationId],
    only: Channel | None = None,
) -> list[Message]:
    """Return the messages of a request, one a channel, in a fixed order.

    A channel that the customer switched off by hand gets a SUPPRESSED message, so that staff can
    see why nothing came; SMS, which is off until it is asked for, gets none. In-app messages are
    there at once. ``only`` asks for a single channel.
    """
    return [
        _message(request, channel, preferences, copy, now=now, message_id=new_id())
        for channel in _channels(request, preferences, only)
    ]


def _channels(
    request: Request, preferences: Preferences, only: Channel | None
) -> Iterable[Channel]:
    if only is not None:
        return (only,)
    reachable = (Channel.EMAIL,) if request.customer_id is None else tuple(Channel)
    return [
        channel
        for channel in reachable
        if channel in request.kind.channels
        and (channel is not Channel.SMS or preferences.channels[channel])
    ]


def _message(
    request: Request,
    channel: Channel,
    preferences: Preferences,
    copy: Copy,
    *,
    now: datetime,
    message_id: NotificationId,
) -> Message:
    message = Message(
        id=message_id,
        request_id=request.id,
        kind=request.kind.name,
        channel=channel,
        customer_id=request.customer_id,
        email=request.email,
        copy=copy,
        due_at=preferences.due(request.kind, channel, now),
        created_at=now,
        collected=preferences.collects(request.kind, channel),
    )
    if not preferences.wants(request.kind, channel):
        message.suppress("preferences")
    elif channel is Channel.IN_APP:
        message.status, message.sent_at = Status.SENT, now
    return message
