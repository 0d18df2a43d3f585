"""Shipping as a whole, over files of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.component.shipping.desk import Desk
from tests.fixtures.doubles import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    """Shipping whose time and background work the test moves by hand."""
    desk = Desk(tmp_path, clock)
    yield desk
    desk.close()
