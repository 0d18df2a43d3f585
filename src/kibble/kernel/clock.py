"""Time comes in from outside: a clock that tests and the simulator can move."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Return the time as an aware UTC datetime."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        ...


def to_text(moment: datetime) -> str:
    """Return an RFC 3339 time in UTC with microseconds, ending in Z; such texts sort by time."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def from_text(text: str) -> datetime:
    """Return the moment that ``to_text`` wrote."""
    return datetime.fromisoformat(text)


def to_text_or_none(moment: datetime | None) -> str | None:
    """Return what ``to_text`` makes of a moment, if there is one."""
    return to_text(moment) if moment else None


def from_text_or_none(text: str | None) -> datetime | None:
    """Return the moment that ``to_text`` wrote, if it wrote one."""
    return from_text(text) if text else None
