"""What all tests share: hypothesis without a stopwatch, and no way out of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

LOOPBACK = ("127.", "::1", "localhost")
UNIT_TESTS = Path(__file__).parent / "unit"
LONGEST_BYTES = 60
"""How many bytes a test is given may stand in its name."""

# As where models are built: on two busy cores a thread each costs half as much again, waiting.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

settings.register_profile("kibble", deadline=None)  # a busy machine is no defect of the code
settings.load_profile("kibble")

_open_to: list[tuple[str, ...]] = [("",)]
"""The beginnings of the addresses that may be connected to now; the last entry counts."""


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    host = str(address[0]) if isinstance(address, tuple) else ""
    if isinstance(address, tuple) and not host.startswith(_open_to[-1]):
        raise RuntimeError(f"a test must not connect to {host}")


sys.addaudithook(_guard)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name many bytes by their number, for all workers have to find a test under one name.

    An archive says in its bytes when it was made; two workers that read that from a test's name a
    second apart would not run any test.
    """
    if isinstance(val, bytes) and len(val) > LONGEST_BYTES:
        return f"{argname} of {len(val)} bytes"
    return None


@pytest.fixture(autouse=True)
def closed_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let unit tests connect to nothing, and all others to this machine only."""
    _open_to.append(() if request.path.is_relative_to(UNIT_TESTS) else LOOPBACK)
    yield
    _open_to.pop()
