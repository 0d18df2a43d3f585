"""What the faults share: a shop of each test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fixtures.live import calling
from tests.fixtures.process import ShopProcess
from tests.fixtures.shopping import Shop, open_shop


@pytest.fixture
async def own_shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A running shop that the test may break; parcels take days."""
    process = ShopProcess(tmp_path / "data", {"KIBBLE_SANDBOX_FAST": "off"})
    process.start()
    await process.ready()
    async with calling(process) as live:
        yield await open_shop(live)
    process.kill()
