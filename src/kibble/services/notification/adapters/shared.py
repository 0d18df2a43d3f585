"""Preferences and statuses in a cache that processes share."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from kibble.platform.caching import SharedCache
from kibble.services.notification.cache import LIFETIME_SECONDS, NotificationCache
from kibble.services.notification.model import Message, Preferences

K = TypeVar("K", bound=str)
V = TypeVar("V")


class SharedValues(Generic[K, V]):
    """Implements ``Values``: as JSON, under ``<prefix>:<key>``."""

    def __init__(self, cache: SharedCache, prefix: str, kind: type[V]) -> None:
        self._cache = cache
        self._prefix = prefix
        self._decoder = msgspec.json.Decoder(kind)

    async def get(self, key: K) -> V | None:
        """See ``Values.get``. What another version of Kibble wrote otherwise is not there."""
        name = self._name(key)
        found = (await self._cache.get([name])).get(name)
        if found is None:
            return None
        try:
            return self._decoder.decode(found)
        except msgspec.DecodeError:
            return None

    def put(self, key: K, value: V) -> V:
        """See ``Values.put``."""
        self._cache.put(self._name(key), msgspec.json.encode(value), LIFETIME_SECONDS)
        return value

    def forget(self, key: K) -> None:
        """See ``Values.forget``."""
        self._cache.forget([self._name(key)])

    def _name(self, key: K) -> str:
        return f"{self._prefix}:{key}"


def shared_by_processes(cache: SharedCache) -> NotificationCache:
    """Return Notification's values in a shared cache."""
    return NotificationCache(
        SharedValues(cache, "preferences", Preferences),
        SharedValues(cache, "notification", Message),
    )
