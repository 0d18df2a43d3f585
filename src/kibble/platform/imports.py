"""Importing a library without what it would take along, and nobody here has a use for."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType


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


@contextmanager
def hollow(*modules: str) -> Generator[None]:
    """Let what is imported inside find ``modules`` with nothing in them, unless they are there.

    For parts that a library imports whenever it is imported itself. Each name that it takes from
    one is a class of nothing: who uses such a part needs to import it outside first.
    """
    made = {name: _Hollow(name) for name in modules if name not in sys.modules}
    sys.modules.update(made)
    try:
        yield
    finally:
        for name in made:
            del sys.modules[name]


class _Hollow(ModuleType):
    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):  # what the import system asks for
            raise AttributeError(name)
        return type(name, (), {})
