"""Spans: what the work in hand consists of, for those who trace. Off unless a tracer is given.

Off, a span costs a look at a variable. On, whether a trace is kept is decided once, where it
begins and before anything is made; the traceparent carries that through HTTP and through events.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal, Protocol

Kind = Literal["server", "client", "consumer"]
Attribute = str | int | float | bool


class Span(Protocol):
    """One piece of work that is under way."""

    def tell(self, name: str, value: Attribute) -> None:
        """Add an attribute, named as OpenTelemetry's semantic conventions name it."""
        ...


class Tracer(Protocol):
    """Keeps spans."""

    def span(
        self, name: str, kind: Kind, attributes: dict[str, Attribute]
    ) -> AbstractContextManager[Span]:
        """Return a span around what is done within it; what is raised in it marks it as failed."""
        ...


class _NoSpan:
    def tell(self, name: str, value: Attribute) -> None:
        """Do nothing."""


NO_SPAN: Span = _NoSpan()
_nothing: AbstractContextManager[Span] = nullcontext(NO_SPAN)
_tracers: list[Tracer] = []


def trace_with(tracer: Tracer | None) -> None:
    """Keep the spans of this process in ``tracer``; None switches tracing off."""
    _tracers[:] = [tracer] if tracer is not None else []


def span(name: str, kind: Kind, **attributes: Attribute) -> AbstractContextManager[Span]:
    """Return a span around what is done within it."""
    return _tracers[0].span(name, kind, attributes) if _tracers else _nothing
