"""Payment as a whole, over files of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.component.payment.shop import Shop
from tests.fixtures.doubles import FakeClock


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Payment whose time and background work the test moves by hand."""
    shop = Shop(tmp_path, FakeClock())
    yield shop
    shop.close()


@pytest.fixture
async def live_shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Payment at work, in real time."""
    shop = Shop(tmp_path)
    async with shop.running():
        yield shop
    shop.close()
