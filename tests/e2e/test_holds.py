"""Holds that end: an order that is not paid in time is cancelled, and its stock comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fixtures.live import calling
from tests.fixtures.process import ShopProcess
from tests.fixtures.shopping import Shop, open_shop

HOLD = {"KIBBLE_HOLD_MINUTES": "0.05", "KIBBLE_SANDBOX_FAST": "off"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def impatient(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ShopProcess]:
    """A shop that holds stock for three seconds."""
    process = ShopProcess(tmp_path_factory.mktemp("impatient") / "data", HOLD)
    process.start()
    await process.ready()
    yield process
    process.kill()


@pytest.fixture
async def brief_shop(impatient: ShopProcess) -> AsyncIterator[Shop]:
    """The shop that holds stock for three seconds."""
    async with calling(impatient) as live:
        yield await open_shop(live)


async def test_an_order_that_is_not_paid_in_time_frees_its_stock_for_others(
    brief_shop: Shop,
) -> None:
    buyer = await brief_shop.register()
    product = await brief_shop.product(stock=2)
    placed = await brief_shop.placed(buyer, (product, 2), paymentToken="tok_declined")
    assert await brief_shop.stock(product["id"]) == (2, 2, 0)
    cancelled = await brief_shop.order_is(placed["id"], "CANCELLED", within=30)
    assert "holdExpiresAt" not in cancelled
    await brief_shop.has_stock(product["id"], 2, 0, 2)
    await brief_shop.inbox_has(buyer, ["payment_failed", "order_cancelled"])
    pay = {"orderId": placed["id"], "paymentMethod": "CreditCard"}
    assert (await buyer.live.post("/api/payments", pay)).status == 409
    assert all(p["status"] == "FAILED" for p in await brief_shop.payments(placed["id"]))
    won = await brief_shop.paid(brief_shop.buyer(), (product, 2))
    assert won["status"] == "CONFIRMED"
    await brief_shop.has_stock(product["id"], 0, 0, 0)


async def test_no_hold_ends_while_its_payment_is_unknown(brief_shop: Shop) -> None:
    buyer = brief_shop.buyer()
    product = await brief_shop.product(stock=1)
    placed = await brief_shop.placed(buyer, (product, 1), paymentToken="tok_timeout")
    ended = await brief_shop.order_is(placed["id"], "CONFIRMED", "CANCELLED", within=45)
    assert (ended["status"], ended["paymentStatus"]) == ("CONFIRMED", "PAID")
    await brief_shop.has_stock(product["id"], 0, 0, 0)


async def test_who_pays_again_within_the_hold_keeps_the_order(brief_shop: Shop) -> None:
    buyer = brief_shop.buyer()
    product = await brief_shop.product(stock=1)
    placed = await brief_shop.placed(buyer, (product, 1), paymentToken="tok_declined")
    await brief_shop.order_when(placed["id"], lambda o: o["paymentStatus"] == "FAILED")
    pay = {"orderId": placed["id"], "paymentMethod": "PayPal"}
    assert (await buyer.live.post("/api/payments", pay)).status == 201
    await brief_shop.order_is(placed["id"], "CONFIRMED")
    await brief_shop.has_stock(product["id"], 0, 0, 0)
