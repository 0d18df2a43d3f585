"""The W3C trace context of the work in hand (https://www.w3.org/TR/trace-context/)."""

from __future__ import annotations

import re
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current_traceparent() -> str | None:
    """Return the traceparent of the request or event in hand, if it has one."""
    return _current.get()


def continue_trace(traceparent: str | None) -> None:
    """Let what follows in this task belong to ``traceparent``; a malformed one is ignored."""
    if traceparent is None or _TRACEPARENT.fullmatch(traceparent):
        _current.set(traceparent)
