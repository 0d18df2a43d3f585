"""Product as a whole, over files of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.component.product.counter import Counter
from tests.fixtures.doubles import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def counter(tmp_path: Path, clock: FakeClock) -> Iterator[Counter]:
    """Product whose time and background work the test moves by hand."""
    counter = Counter(tmp_path, clock)
    yield counter
    counter.close()
