"""What keeps an engine from running."""

from __future__ import annotations


class EngineError(Exception):
    """An engine cannot be had, started or stopped; the message says why and what to do."""
