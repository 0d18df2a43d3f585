"""What Notification's API takes and answers."""

from __future__ import annotations

from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from kibble.kernel.personal import Personal
from kibble.platform.web.json import Instant
from kibble.services.notification.model import (
    KINDS,
    Channel,
    DigestTime,
    Message,
    Preferences,
    QuietHours,
    Status,
    Waiting,
)

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Kind = Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
_PUBLIC_KINDS = [kind.name for kind in KINDS.values() if kind.is_public]
PublicKind = Annotated[
    str,
    msgspec.Meta(
        pattern=rf"^({'|'.join(_PUBLIC_KINDS)})$(?!\n)",
        description="a kind of message",
        extra_json_schema={"enum": _PUBLIC_KINDS},
    ),
]
ClockTime = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)",
        description="a time of day, such as 22:00",
        examples=["22:00"],
    ),
]
Fact = Annotated[str, msgspec.Meta(max_length=1_000)] | int | float | bool | None

_NAMES = {Channel.EMAIL: "email", Channel.SMS: "sms", Channel.IN_APP: "inApp"}
"""The channels as fields of the API; in events and stores they are the enumeration's values."""


class Request(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """The base of what is answered."""


class Notify(Request, frozen=True):
    """Something to tell a customer; ``data`` fills the type's template."""

    customer_id: Id
    type: PublicKind
    channel: Channel | None = None
    data: Personal[Annotated[dict[str, Fact], msgspec.Meta(max_length=50)]] = {}


class MarkRead(Request, frozen=True):
    """Whether a message was read."""

    read: bool


class SwitchesBody(Request, frozen=True, omit_defaults=True):
    """On or off by channel; what is left out is as by default."""

    email: bool | None = None
    sms: bool | None = None
    in_app: bool | None = None

    def switches(self) -> dict[Channel, bool]:
        """Return the switches that are set."""
        set_ = {Channel.EMAIL: self.email, Channel.SMS: self.sms, Channel.IN_APP: self.in_app}
        return {channel: on for channel, on in set_.items() if on is not None}


class QuietHoursBody(Request, frozen=True):
    """From ``start`` to ``end`` each day, as clocks in ``timeZone`` (an IANA name) show it."""

    start: ClockTime
    end: ClockTime
    time_zone: Annotated[str, msgspec.Meta(max_length=60, examples=["America/New_York"])]

    def quiet_hours(self) -> QuietHours:
        """Return the quiet hours; raises ``InvalidInput`` for an unknown zone or an empty night."""
        errors: list[FieldError] = []
        if self.start == self.end:
            errors.append(FieldError("/quietHours/end", "must differ from start"))
        if not _is_zone(self.time_zone):
            errors.append(FieldError("/quietHours/timeZone", "is not an IANA time zone"))
        if errors:
            raise InvalidInput(errors)
        return QuietHours(
            time.fromisoformat(self.start), time.fromisoformat(self.end), self.time_zone
        )


class DigestBody(Request, frozen=True):
    """One e-mail a day, ``at`` a time as clocks in ``timeZone`` (an IANA name) show it."""

    at: ClockTime
    time_zone: Annotated[str, msgspec.Meta(max_length=60, examples=["America/New_York"])]

    def digest(self) -> DigestTime:
        """Return the hour; raises ``InvalidInput`` for an unknown zone."""
        if not _is_zone(self.time_zone):
            raise InvalidInput.at("/digest/timeZone", "is not an IANA time zone")
        return DigestTime(time.fromisoformat(self.at), self.time_zone)


class SetPreferences(Request, frozen=True):
    """What a customer prefers, whole; what is left out is as by default."""

    channels: SwitchesBody = SwitchesBody()
    types: Annotated[dict[Kind, SwitchesBody], msgspec.Meta(max_length=100)] = {}
    quiet_hours: QuietHoursBody | None = None
    digest: DigestBody | None = None


class InboxQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Which messages of the inbox."""

    customer_id: Id | None = None
    unread: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class PreferencesView(Answer, frozen=True):
    """What a customer prefers; ``updatedAt`` is null when that was never said."""

    customer_id: str
    channels: dict[str, bool]
    types: dict[str, dict[str, bool]]
    quiet_hours: QuietHoursBody | None
    digest: DigestBody | None
    updated_at: Instant | None

    @classmethod
    def of(cls, preferences: Preferences) -> PreferencesView:
        """Return the view of ``preferences``."""
        quiet, digest = preferences.quiet_hours, preferences.digest
        return cls(
            preferences.customer_id,
            {_NAMES[channel]: on for channel, on in preferences.channels.items()},
            {
                kind: {_NAMES[channel]: on for channel, on in switches.items()}
                for kind, switches in preferences.kinds.items()
            },
            QuietHoursBody(f"{quiet.start:%H:%M}", f"{quiet.end:%H:%M}", quiet.zone)
            if quiet
            else None,
            DigestBody(f"{digest.at:%H:%M}", digest.zone) if digest else None,
            preferences.updated_at,
        )


class UnsubscribeQuery(msgspec.Struct, frozen=True):
    """The token of an e-mail, by which its reader ends those of its kind."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class AwaitedView(Answer, frozen=True):
    """A product that a customer waits for."""

    product_id: str
    product_name: str
    asked_at: Instant

    @classmethod
    def of(cls, waiting: Waiting) -> AwaitedView:
        """Return the view of ``waiting``."""
        return cls(waiting.product_id, waiting.product_name, waiting.asked_at)


class NotificationView(Answer, frozen=True):
    """A message as the app shows it; ``link`` is a path of the shop."""

    id: str
    type: str
    title: Personal[str]
    body: Personal[str]
    read: bool
    created_at: Instant
    link: str | None

    @classmethod
    def of(cls, message: Message) -> NotificationView:
        """Return the view of ``message``."""
        copy = message.copy
        return cls(
            message.id,
            message.kind,
            copy.title,
            copy.body,
            message.read,
            message.created_at,
            copy.action_path,
        )


class StatusView(Answer, frozen=True):
    """A message and what became of it, on its channel."""

    id: str
    type: str
    customer_id: str | None
    channel: Channel
    status: Status
    attempts: int
    reason: str | None
    title: Personal[str]
    created_at: Instant
    due_at: Instant
    sent_at: Instant | None

    @classmethod
    def of(cls, message: Message) -> StatusView:
        """Return the view of ``message``."""
        return cls(
            message.id,
            message.kind,
            message.customer_id,
            message.channel,
            message.status,
            message.attempts,
            message.reason,
            message.copy.title,
            message.created_at,
            message.due_at,
            message.sent_at,
        )


class NotifiedView(Answer, frozen=True):
    """What a request became: ``id`` is the first message's; there is one a channel."""

    id: str
    messages: list[StatusView]

    @classmethod
    def of(cls, messages: list[Message]) -> NotifiedView:
        """Return the view of the messages of one request."""
        return cls(messages[0].id, [StatusView.of(message) for message in messages])


def to_kinds(types: dict[str, SwitchesBody]) -> dict[str, dict[Channel, bool]]:
    """Return the switches by kind, without those that say nothing."""
    kinds = {kind: body.switches() for kind, body in types.items()}
    return {kind: switches for kind, switches in kinds.items() if switches}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
