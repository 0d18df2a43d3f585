"""Recommendation as a whole, over files of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.component.recommendation.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Recommendation without a product or a customer."""
    shop = Shop(tmp_path)
    yield shop
    shop.close()
