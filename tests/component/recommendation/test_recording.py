"""Recording twice is recording once: events, views over HTTP, imports."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kibble.contracts.product import ProductCreated, ProductDeleted, ProductUpdated
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.platform.clock import SystemClock
from kibble.services.recommendation.client import PurchasedLine
from tests.component.recommendation.shop import Shop, codes, names
from tests.fixtures.doubles import START
from tests.fixtures.eventually import eventually

CUSTOMER = CustomerId("0193c1a0-0000-7000-8000-0000000000c1")
FOOD, TOY = (ProductId(f"0193c1a0-0000-7000-8000-00000000000{digit}") for digit in "12")


async def created(shop: Shop) -> bytes:
    return await shop.publish(
        ProductCreated(product_id=FOOD, name="Kibble", category="Food", price=1, currency="USD")
    )


async def updated(shop: Shop) -> bytes:
    await shop.sell("Kibble")
    return await shop.publish(
        ProductUpdated(
            product_id=shop.products["Kibble"],
            name="Better",
            category="Food",
            price=2,
            currency="USD",
        )
    )


async def deleted(shop: Shop) -> bytes:
    return await shop.publish(ProductDeleted(product_id=await shop.sell("Kibble")))


async def viewed(shop: Shop) -> bytes:
    await shop.sell("Kibble")
    return await shop.view(CUSTOMER, "Kibble")


async def confirmed(shop: Shop) -> bytes:
    await shop.sell("Kibble")
    await shop.buy(CUSTOMER, "Kibble")
    return await shop.buy(CUSTOMER, "Kibble")


async def erased(shop: Shop) -> bytes:
    await confirmed(shop)
    await shop.view(CUSTOMER, "Kibble")
    return await shop.erase(CUSTOMER)


HANDLED: list[tuple[Callable[[Shop], Awaitable[bytes]], str]] = [
    (created, "product_events"),
    (updated, "product_events"),
    (deleted, "product_events"),
    (viewed, "product_events"),
    (confirmed, "order_events"),
    (erased, "customer_events"),
]


@pytest.mark.parametrize(("happen", "topic"), HANDLED)
async def test_an_event_that_is_handled_twice_changes_nothing(
    shop: Shop, happen: Callable[[Shop], Awaitable[bytes]], topic: str
) -> None:
    body = await happen(shop)
    state = shop.state()
    await shop.deliver_to_another_group(body, topic)
    assert shop.state() == state


async def test_events_of_a_product_may_overtake_each_other(shop: Shop) -> None:
    product_id = await shop.sell("Kibble")
    stale = ProductUpdated(
        product_id=product_id, name="Stale", category="Food", price=1, currency="USD"
    )
    await shop.rename("Kibble", "Fresh", 500)
    await shop.publish(stale, sequence=1)
    assert names(await shop.trending()) == ["Fresh"]
    await shop.withdraw("Kibble")
    await shop.publish(stale, sequence=1)
    assert await shop.trending() == []


async def test_what_was_bought_before_its_product_was_known_counts(shop: Shop) -> None:
    shop.products |= {"Kibble": FOOD, "Treats": TOY}
    await shop.buy(CUSTOMER, "Kibble", "Treats")
    for name, product_id in shop.products.items():
        await shop.publish(
            ProductCreated(
                product_id=product_id, name=name, category="Food", price=1, currency="USD"
            )
        )
    await shop.learn()
    assert codes(await shop.for_product("Kibble")) == ["bought_together"]


async def test_a_view_over_http_is_answered_with_what_was_recorded(shop: Shop) -> None:
    product_id = await shop.sell("Kibble")
    customer = shop.http.as_customer(CUSTOMER)
    answer = await customer.post("/api/recommendations/views", {"productId": product_id})
    assert answer.json() == {"productId": product_id, "viewedAt": "2026-03-02T15:00:00Z"}
    state = shop.state()
    await customer.post("/api/recommendations/views", {"productId": product_id})
    await shop.view(CUSTOMER, "Kibble")
    assert shop.state() == state


async def test_a_view_of_who_objects_is_answered_and_kept_nowhere(shop: Shop) -> None:
    product_id = await shop.sell("Kibble")
    customer = shop.http.as_customer(CUSTOMER)
    before = shop.state()
    objecting = {"sec-gpc": "1", "idempotency-key": "one"}
    url, body = "/api/recommendations/views", {"productId": product_id}
    answer = await customer.post(url, body, objecting)
    assert (answer.status, answer.json()["productId"]) == (202, product_id)
    assert shop.state() == before
    await customer.post(url, body, {"sec-gpc": "0"})
    assert shop.state() != before


def history() -> list[PurchasedLine]:
    """Return ten orders of two lines, one of which comes in two rows."""
    customers = [CustomerId(f"customer-{number}") for number in range(3)]
    return [
        PurchasedLine(OrderId(f"order-{order}"), customers[order % 3], product, 2, START)
        for order in range(10)
        for product in (FOOD, TOY, FOOD)
    ]


async def test_an_import_counts_orders_and_adds_up_rows_of_one_product(shop: Shop) -> None:
    assert await shop.built.client.import_purchases(history()) == 10
    state = shop.state()
    assert len(state["orders"]) == 10
    assert sorted(quantity for _, _, quantity in state["purchases"]) == [2] * 10 + [4] * 10
    assert sum(orders for _, _, orders, _ in state["bought"]) == 20


async def test_an_import_may_be_repeated(shop: Shop) -> None:
    await shop.built.client.import_purchases(history())
    state = shop.state()
    await shop.built.client.import_purchases(history())
    assert shop.state() == state


@pytest.mark.parametrize("size", [1, 2, 7])
async def test_batches_may_cut_orders_anywhere(shop: Shop, size: int) -> None:
    lines = [line for order in range(10) for line in history()[3 * order : 3 * order + 2]]
    for start in range(0, len(lines), size):
        await shop.built.client.import_purchases(lines[start : start + size])
    in_parts = shop.state()
    await shop.built.client.import_purchases(lines)
    assert shop.state() == in_parts
    assert len(in_parts["purchases"]) == 20


async def test_learns_from_time_to_time_when_there_is_something_new(shop: Shop) -> None:
    for name in ("Kibble", "Treats", "Bowl"):
        await shop.sell(name)
    await shop.buy(CUSTOMER, "Kibble", "Treats")
    await shop.tick()
    assert "bought_together" not in codes(await shop.for_product("Bowl"))
    await shop.buy(CUSTOMER, "Kibble", "Bowl")
    shop.later(hours=1)
    await shop.tick()
    assert codes(await shop.for_product("Bowl"))[0] == "bought_together"


async def test_a_live_shop_learns_in_a_process_of_its_own(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SystemClock(), inline=False)
    await shop.sell("Kibble")
    await shop.sell("Treats")
    await shop.buy(CUSTOMER, "Kibble", "Treats")
    (task,) = shop.built.tasks
    running = asyncio.create_task(task.run())

    async def shown() -> list[str]:
        return codes(await shop.for_product("Kibble"))

    await eventually(shown, until=lambda seen: seen == ["bought_together"], within=30.0)
    running.cancel()
    shop.close()
