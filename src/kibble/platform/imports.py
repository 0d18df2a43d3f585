"""Importing a library without what it would take along, and nobody here has a use for."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


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


@contextmanager
def late_authorities() -> Generator[None]:
    """Let TLS contexts that are made inside read the system's authorities at their first handshake.

    A library that makes contexts while it is imported else keeps a megabyte for each, in processes
    of which most never speak TLS.
    """
    read = ssl.SSLContext.set_default_verify_paths
    ssl.SSLContext.set_default_verify_paths = _read_late  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        ssl.SSLContext.set_default_verify_paths = read  # type: ignore[method-assign]


def _read_late(context: ssl.SSLContext) -> None:
    def wrap_bio(*given: Any, **named: Any) -> ssl.SSLObject:
        del vars(context)["wrap_bio"]
        context.set_default_verify_paths()
        return context.wrap_bio(*given, **named)

    vars(context)["wrap_bio"] = wrap_bio
