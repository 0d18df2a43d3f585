"""What is asked for again and again: preferences on every message, statuses by staff's screens.

Values live in the process. They are dropped after the commit that changes them; the lifetime bounds
how long another process's change may go unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, NotificationId
from kibble.services.notification.model import Message, Preferences

LIFETIME_SECONDS = 30.0
MAX_VALUES = 10_000

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    value: V
    until: float


class RecentValues(Generic[K, V]):
    """At most ten thousand values, each for thirty seconds; the oldest goes first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[K, _Entry[V]] = {}

    def get(self, key: K) -> V | None:
        """Return the value, unless it is gone."""
        entry = self._entries.get(key)
        if entry is None or entry.until <= self._clock.monotonic():
            return None
        return entry.value

    def put(self, key: K, value: V) -> V:
        """Keep a value, and return it."""
        if len(self._entries) >= MAX_VALUES:
            del self._entries[next(iter(self._entries))]
        self._entries.pop(key, None)
        self._entries[key] = _Entry(value, self._clock.monotonic() + LIFETIME_SECONDS)
        return value

    def forget(self, key: K) -> None:
        """Drop a value that changed."""
        self._entries.pop(key, None)


class NotificationCache:
    """Notification's cached values; whoever takes one must not change it."""

    def __init__(self, clock: Clock) -> None:
        self.preferences = RecentValues[CustomerId, Preferences](clock)
        self.messages = RecentValues[NotificationId, Message](clock)
