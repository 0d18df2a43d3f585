"""A running shop whose contract is held against what it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio

from tests.contracts.document import Document
from tests.contracts.stock import Shelf, fill
from tests.fixtures.live import calling
from tests.fixtures.process import ShopProcess
from tests.fixtures.running import running, shop, slow_shop, unhurried
from tests.fixtures.shopping import Buyer, Shop, open_shop

__all__ = ["running", "shop", "slow_shop", "unhurried"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def document(unhurried: ShopProcess) -> Document:
    """What the running shop says of itself."""
    async with calling(unhurried) as live:
        return Document((await live.get("/openapi.json")).json())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kept(unhurried: ShopProcess) -> Shelf:
    """One of everything; the tests that share it use nothing up."""
    async with calling(unhurried) as live:
        return await fill(await open_shop(live))


@pytest.fixture
async def common(kept: Shelf, slow_shop: Shop) -> Shelf:
    """One of everything that no test uses up, with clients of this test's own."""
    owner = Buyer(kept.owner.id, slow_shop.nobody.as_customer(kept.owner.id))
    return replace(kept, shop=slow_shop, owner=owner)


@pytest.fixture
async def shelf(slow_shop: Shop) -> Shelf:
    """One of everything, made for this test alone."""
    return await fill(slow_shop)
