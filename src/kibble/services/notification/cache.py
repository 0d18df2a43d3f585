"""What is asked for again and again: preferences on every message, statuses by staff's screens.

Values are dropped after the commit that changes them. Where they live in the process, it is the
only one; where processes share them, the lifetime bounds how long a change may go unseen when the
cache was away just then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, NotificationId
from kibble.services.notification.model import Message, Preferences

LIFETIME_SECONDS = 30.0
MAX_VALUES = 10_000

K = TypeVar("K")
V = TypeVar("V")
K_contra = TypeVar("K_contra", contravariant=True)


class Values(Protocol[K_contra, V]):
    """Values by key, each for thirty seconds; whoever takes one must not change it."""

    async def get(self, key: K_contra) -> V | None:
        """Return the value, unless it is gone."""
        ...

    def put(self, key: K_contra, value: V) -> V:
        """Keep a value, and return it."""
        ...

    def forget(self, key: K_contra) -> None:
        """Drop a value that changed."""
        ...


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    value: V
    until: float


class RecentValues(Generic[K, V]):
    """Implements ``Values`` in the process: at most ten thousand; the oldest goes first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[K, _Entry[V]] = {}

    async def get(self, key: K) -> V | None:
        """See ``Values.get``."""
        entry = self._entries.get(key)
        if entry is None or entry.until <= self._clock.monotonic():
            return None
        return entry.value

    def put(self, key: K, value: V) -> V:
        """See ``Values.put``."""
        if len(self._entries) >= MAX_VALUES:
            del self._entries[next(iter(self._entries))]
        self._entries.pop(key, None)
        self._entries[key] = _Entry(value, self._clock.monotonic() + LIFETIME_SECONDS)
        return value

    def forget(self, key: K) -> None:
        """See ``Values.forget``."""
        self._entries.pop(key, None)


@dataclass(frozen=True, slots=True)
class NotificationCache:
    """Notification's cached values."""

    preferences: Values[CustomerId, Preferences]
    messages: Values[NotificationId, Message]


def in_process(clock: Clock) -> NotificationCache:
    """Return a cache that lives in this process."""
    return NotificationCache(RecentValues(clock), RecentValues(clock))
