"""Importing a library without the packages that it would use if they were there."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without(*packages: str) -> Generator[None]:
    """Let what is imported inside find none of ``packages``, unless this process has them already.

    For packages that a library takes along whenever they are installed, and that its users here
    have no use for: they cost every process memory.
    """
    hidden = [name for name in packages if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system takes for "absent"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
