"""Claims: of several processes that would all do the same piece of work, one does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Claims(Protocol):
    """Who is at what.

    A claim ends when it is given back, or by itself at its time, so that a process that died holds
    up nothing. It saves work and guards nothing: who was paused goes on after its claim ended. So
    what is written has its version checked, and what others are asked for is idempotent.
    """

    async def take(self, key: str, now: datetime, until: datetime) -> bool:
        """Claim ``key`` until a moment; False while somebody has it."""
        ...

    async def give_back(self, keys: Sequence[str]) -> None:
        """End the claims of this process on some keys; those that it lost are left alone."""
        ...


class LocalClaims:
    """Implements ``Claims`` where one process does all the work; they end with it."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def __len__(self) -> int:
        """Count the claims that were not given back."""
        return len(self._until)

    async def take(self, key: str, now: datetime, until: datetime) -> bool:
        """See ``Claims.take``."""
        if key in self._until and self._until[key] > now:
            return False
        self._until[key] = until
        return True

    async def give_back(self, keys: Sequence[str]) -> None:
        """See ``Claims.give_back``."""
        for key in keys:
            self._until.pop(key, None)
