"""kill -9 while due subscriptions are placed: each of them one order, and one charge."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.fixtures.audit import check_events, check_money, check_stock
from tests.fixtures.eventually import eventually
from tests.fixtures.killing import everything, killing
from tests.fixtures.live import Live
from tests.fixtures.shopping import ADDRESS, Buyer, Json, Shop

SUBSCRIPTIONS = 200
KILLS = 5
UNITS = 500
TRY_AGAIN = (0, 503, 504)


async def asked(live: Live, path: str, body: Json | None, key: str, status: int) -> Json:
    """Ask with one key until the shop answers."""
    while True:
        answer = await live.ask("POST", path, body or {}, {"idempotency-key": key})
        if answer.status == status:
            result: Json = answer.json()
            return result
        assert answer.status in TRY_AGAIN or answer.json()["code"] == "request-in-flight", answer
        await asyncio.sleep(0.05)


async def subscribed(product: Json, buyer: Buyer, number: int) -> str:
    """Return a subscription whose first order is a month away."""
    body: Json = {
        "userId": buyer.id,
        "items": [{"productId": product["id"], "quantity": 2}],
        "interval": {"every": 4, "unit": "week"},
        "nextDate": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
        "paymentMethod": "CreditCard",
        "paymentToken": "tok_timeout" if number % 10 == 0 else "tok_ok",
        "shippingAddress": ADDRESS,
    }
    made = await asked(buyer.live, "/api/subscriptions", body, f"start-{number}", 201)
    subscription_id: str = made["id"]
    return subscription_id


async def test_each_due_subscription_places_one_order(own_shop: Shop) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    product = await own_shop.product(stock=UNITS)
    buyers = [own_shop.buyer() for _ in range(SUBSCRIPTIONS)]
    started = [await subscribed(product, b, n) for n, b in enumerate(buyers)]
    due: list[str] = []

    async def all_become_due() -> None:
        for buyer, subscription_id in zip(buyers, started, strict=True):
            path = f"/api/subscriptions/{subscription_id}/order-now"
            await asked(buyer.live, path, None, "now", 200)
            due.append(subscription_id)

    moments = chance.choices(range(SUBSCRIPTIONS * 3 // 4), k=KILLS)
    await killing(own_shop, chance, all_become_due(), lambda: len(due), moments)

    async def paid() -> list[Json]:
        return [o for o in await everything(own_shop) if o["paymentStatus"] == "PAID"]

    orders = await eventually(paid, until=lambda seen: len(seen) >= SUBSCRIPTIONS, within=120)
    placed = Counter(order["subscriptionId"] for order in await everything(own_shop))
    assert placed == Counter(started)
    await check_stock(own_shop, {product["id"]: UNITS}, orders)
    await check_money(own_shop, orders)
    await check_events(own_shop)
