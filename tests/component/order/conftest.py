"""Order as a whole, over files of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.component.order.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Order with its neighbours doubled."""
    shop = Shop(tmp_path)
    yield shop
    shop.close()
