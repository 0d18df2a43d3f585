"""What a customer wants to hear, where and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.ids import CustomerId
from kibble.kernel.languages import FALLBACK, Language
from kibble.services.notification.model.digest import DigestTime
from kibble.services.notification.model.kinds import KINDS, Channel, Kind
from kibble.services.notification.model.quiet_hours import QuietHours

DEFAULT_CHANNELS: Mapping[Channel, bool] = {
    Channel.EMAIL: True,
    Channel.SMS: False,
    Channel.IN_APP: True,
}

ALWAYS_IN_APP = frozenset(kind.name for kind in KINDS.values() if kind.always_in_app)
"""The kinds about orders, payments and the account's safety that the app always shows."""


@dataclass(slots=True, kw_only=True)
class Preferences:
    """A customer's switches: by channel, by kind and channel, quiet hours; and the language.

    With ``digest``, e-mails that advertise are collected into one a day.

    ``kinds`` holds only what differs from "yes". A switched-off channel is off for every kind.
    """

    customer_id: CustomerId
    channels: Mapping[Channel, bool] = field(default_factory=lambda: DEFAULT_CHANNELS)
    kinds: Mapping[str, Mapping[Channel, bool]] = field(
        default_factory=dict[str, Mapping[Channel, bool]]
    )
    quiet_hours: QuietHours | None = None
    digest: DigestTime | None = None
    language: Language = FALLBACK
    updated_at: datetime | None = None
    version: int = 0

    def wants(self, kind: Kind, channel: Channel) -> bool:
        """Tell whether a message of ``kind`` goes to ``channel``."""
        if kind.needed or (channel is Channel.IN_APP and kind.always_in_app):
            return True
        return self.channels[channel] and self.kinds.get(kind.name, {}).get(channel, True)

    def due(self, kind: Kind, channel: Channel, now: datetime) -> datetime:
        """Return when a message that is asked for at ``now`` may go out on ``channel``."""
        if channel is Channel.IN_APP or kind.needed:
            return now
        if self.digest is not None and self.collects(kind, channel):
            now = self.digest.next_after(now)
        return now if self.quiet_hours is None else self.quiet_hours.end_after(now)

    def collects(self, kind: Kind, channel: Channel) -> bool:
        """Tell whether a message of ``kind`` waits on ``channel`` for the e-mail of the day."""
        there = self.digest is not None and channel is Channel.EMAIL
        return there and kind.advertises and not kind.inner

    def revise(
        self,
        channels: Mapping[Channel, bool],
        kinds: Mapping[str, Mapping[Channel, bool]],
        quiet_hours: QuietHours | None,
        now: datetime,
        digest: DigestTime | None = None,
    ) -> None:
        """Replace all switches; a channel that is left out gets its default.

        Raises ``InvalidInput`` when a message that matters would no longer be shown in the app.
        """
        errors = [
            FieldError(f"/types/{name}/inApp", "is always shown in the app; it cannot be off")
            for name in sorted(ALWAYS_IN_APP & kinds.keys())
            if not kinds[name].get(Channel.IN_APP, True)
        ]
        if errors:
            raise InvalidInput(errors)
        self.channels = {**DEFAULT_CHANNELS, **channels}
        self.kinds, self.quiet_hours, self.updated_at = kinds, quiet_hours, now
        self.digest = digest

    def switch(self, channels: Mapping[Channel, bool], now: datetime) -> bool:
        """Turn some channels on or off; tell whether that changed anything."""
        if all(self.channels[channel] is on for channel, on in channels.items()):
            return False
        self.channels = {**self.channels, **channels}
        self.updated_at = now
        return True

    def end_mails(self, kind: str, now: datetime) -> bool:
        """Send no more e-mails of ``kind``; tell whether that changed anything."""
        switches = self.kinds.get(kind, {})
        if not switches.get(Channel.EMAIL, True):
            return False
        self.kinds = {**self.kinds, kind: {**switches, Channel.EMAIL: False}}
        self.updated_at = now
        return True

    def speak(self, language: Language, now: datetime) -> bool:
        """Write in ``language`` from now on; tell whether that changed anything."""
        if self.language == language:
            return False
        self.language, self.updated_at = language, now
        return True
