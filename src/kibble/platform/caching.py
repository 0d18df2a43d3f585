"""Caches that processes share: copies of what stores hold, which may be lost at any moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol


class SharedCache(Protocol):
    """Bytes by name, each for a while.

    Nothing here raises: a cache that is away has nothing, and those who ask go to the store.
    """

    async def get(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return what is kept under those of the keys that have something."""
        ...

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value soon, unless there is one, or the key was forgotten a moment ago.

        So a slow reader of the store never brings back what a writer has changed meanwhile.
        """
        ...

    def forget(self, keys: Collection[str]) -> None:
        """Drop what changed: at once for this process, and soon for the others."""
        ...


class NoCache:
    """Implements ``SharedCache`` where there is none: one process, which has its own memory."""

    async def get(self, keys: Sequence[str]) -> dict[str, bytes]:
        """See ``SharedCache.get``."""
        return {}

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """See ``SharedCache.put``."""

    def forget(self, keys: Collection[str]) -> None:
        """See ``SharedCache.forget``."""
