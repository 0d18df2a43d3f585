"""What of rows differs by engine: moments, text on SQLite, elsewhere known to the driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kibble.kernel.clock import from_text, from_text_or_none, to_text, to_text_or_none


class Row(Protocol):
    """The values of columns, by place."""

    def __getitem__(self, place: int, /) -> Any:
        """Return a value."""
        ...


@dataclass(frozen=True, slots=True)
class Moments:
    """How an engine's rows have moments: what is kept of one, and how it is read again.

    What a service makes of its rows is the same on every engine but for these.
    """

    keep: Callable[[datetime], Any]
    keep_or_none: Callable[[datetime | None], Any]
    read: Callable[[Any], datetime]
    read_or_none: Callable[[Any], datetime | None]


def _as_it_is(moment: Any) -> Any:
    return moment


AS_TEXT = Moments(to_text, to_text_or_none, from_text, from_text_or_none)
AS_THEY_ARE = Moments(_as_it_is, _as_it_is, _as_it_is, _as_it_is)
