"""kill -9 at random moments: nothing that was acknowledged is lost, nothing is charged twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.fixtures.audit import check_events, check_money, check_stock, settled
from tests.fixtures.buying import Purchases, buy, check_out, until_acknowledged
from tests.fixtures.eventually import eventually
from tests.fixtures.killing import everything, killing
from tests.fixtures.shopping import Buyer, Shop

BUYERS = 8
UNITS = 400


async def shop_through_kills(
    shop: Shop,
    count: int,
    purchase: Callable[[Purchases, int, Buyer], Coroutine[Any, Any, None]],
    kills: int,
) -> Purchases:
    """Have buyers make ``count`` purchases while the shop is killed; return them."""
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    products = [await shop.product(stock=UNITS) for _ in range(5)]
    purchases = Purchases(products, seed)
    customers = [shop.buyer() for _ in range(20)]
    numbers = iter(range(count))

    async def buyer() -> None:
        for number in numbers:
            await purchase(purchases, number, customers[number % len(customers)])

    async def all_buyers() -> None:
        await asyncio.gather(*(buyer() for _ in range(BUYERS)))

    chance = random.Random(seed)
    moments = chance.choices(range(count * 2 // 3), k=kills)
    await killing(shop, chance, all_buyers(), lambda: len(purchases.acknowledged), moments)
    return purchases


async def audit(shop: Shop, purchases: Purchases, count: int) -> None:
    """See that every acknowledged order is there, once, and that the books balance."""
    order_ids = set(purchases.acknowledged.values())
    assert len(order_ids) == count
    orders = await settled(shop, order_ids)
    for placed in orders:
        expected = "FAILED" if placed["id"] in purchases.declined else "PAID"
        assert placed["paymentStatus"] == expected, placed
    listed = [o["id"] for o in await everything(shop)]
    assert sorted(listed) == sorted(order_ids), "an order that nobody knows of"
    await check_stock(shop, {p["id"]: UNITS for p in purchases.products}, orders)
    await check_money(shop, orders)
    await check_events(shop)


@pytest.mark.slow
async def test_no_order_is_lost_and_none_charged_twice(own_shop: Shop) -> None:
    purchases = await shop_through_kills(own_shop, 500, buy, kills=6)
    await audit(own_shop, purchases, 500)


async def test_a_cart_is_ordered_once_however_often_the_shop_is_killed(own_shop: Shop) -> None:
    purchases = await shop_through_kills(own_shop, 80, check_out, kills=3)
    await audit(own_shop, purchases, 80)


async def test_a_refund_is_given_once_however_often_the_shop_is_killed(own_shop: Shop) -> None:
    product = await own_shop.product(stock=100)
    orders = [await own_shop.paid(own_shop.buyer(), (product, 1)) for _ in range(20)]
    payments = [(await own_shop.payments(o["id"]))[0]["id"] for o in orders]
    chance = random.Random(random.SystemRandom().randrange(1_000_000))
    given: list[str] = []

    async def refunds() -> None:
        for payment in payments:
            for part in range(3):
                path = f"/api/payments/{payment}/refund"
                await until_acknowledged(own_shop.staff, path, {"amount": 5.0}, f"part-{part}")
                given.append(path)

    moments = chance.choices(range(40), k=3)
    await killing(own_shop, chance, refunds(), lambda: len(given), moments)

    async def back() -> set[tuple[str, float]]:
        seen = [await own_shop.order(o["id"]) for o in orders]
        return {(o["paymentStatus"], o["refundedAmount"]) for o in seen}

    await eventually(back, until=lambda seen: seen == {("PARTIALLY_REFUNDED", 15.0)}, within=60)
    await check_money(own_shop, [await own_shop.order(o["id"]) for o in orders])
