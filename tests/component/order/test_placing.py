"""Placing an order, by HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.component.order.shop import (
    ADDRESS,
    CHEW_TOY,
    CUSTOMER,
    KIBBLE_BAG,
    PUPPY_BOX,
    STRANGER,
    Shop,
    order_body,
)


class TestAGoodOrder:
    async def test_answers_201_with_the_owners_fields(self, shop: Shop) -> None:
        answer = await shop.customer.post("/api/orders", order_body())
        order = answer.json()
        assert answer.status == 201
        assert answer.headers["location"] == f"/api/orders/{order['id']}"
        assert order["userId"] == CUSTOMER
        assert order["totalAmount"] == order["amountDue"] == 59.98
        assert order["status"] == order["paymentStatus"] == "PENDING"
        assert order["shippingAddress"] == ADDRESS
        assert (
            order["items"][0].items()
            >= {
                "productId": KIBBLE_BAG,
                "quantity": 2,
                "price": 29.99,
            }.items()
        )
        assert order["createdAt"].endswith("Z")
        assert order["holdExpiresAt"] > order["createdAt"]

    async def test_holds_the_stock_entrusts_the_token_and_publishes_once(self, shop: Shop) -> None:
        order = await shop.placed(quantity=3)
        assert shop.stock.left[KIBBLE_BAG] == 7
        amount, token = shop.cashier.prepared[order["id"]]
        assert (amount.minor, token) == (8997, None)
        assert shop.published() == ["order.placed"]

    async def test_adds_shipping_and_the_states_tax_when_a_method_is_named(
        self, shop: Shop
    ) -> None:
        body = order_body(quantity=1, shippingMethod="ups-ground")
        order = (await shop.customer.post("/api/orders", body)).json()
        assert (order["shippingCost"], order["tax"]) == (4.95, 1.2)
        assert order["amountDue"] == 36.14

    async def test_counts_a_product_on_two_lines_as_one_demand(self, shop: Shop) -> None:
        line = {"productId": KIBBLE_BAG, "quantity": 6, "price": 29.99}
        body = order_body() | {"items": [line, line], "totalAmount": 359.88}
        answer = await shop.customer.post("/api/orders", body)
        assert answer.status == 409
        assert answer.json()["items"] == [
            {"productId": KIBBLE_BAG, "requested": 12, "available": 10}
        ]

    async def test_takes_a_bundles_stock_from_its_components(self, shop: Shop) -> None:
        body = order_body(product_id=PUPPY_BOX, price=40.0, quantity=2)
        assert (await shop.customer.post("/api/orders", body)).status == 201
        assert shop.stock.left == {KIBBLE_BAG: 8, CHEW_TOY: 6}

    async def test_says_how_many_bundles_the_scarcest_component_makes(self, shop: Shop) -> None:
        body = order_body(product_id=PUPPY_BOX, price=40.0, quantity=6)
        answer = await shop.customer.post("/api/orders", body)
        assert answer.json()["items"] == [{"productId": PUPPY_BOX, "requested": 6, "available": 5}]


class TestABadOrder:
    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"quantity": 0, "total": 0.0}, "/items/0/quantity"),
            ({"quantity": 1.5, "total": 44.99}, "/items/0/quantity"),
            ({"price": "29.99", "total": 59.98}, "/items/0/price"),
            ({"price": 29.999, "total": 59.98}, "/items/0/price"),
            ({"price": -1.0, "total": 59.98}, "/items/0/price"),
            ({"total": 1.0}, "/totalAmount"),
            ({"total": 1e30}, "/totalAmount"),
            ({"items": [], "total": 0.0}, "/items"),
            ({"paymentMethod": "Barter"}, "/paymentMethod"),
            ({"shippingAddress": {**ADDRESS, "zipCode": "1"}}, "/shippingAddress/zipCode"),
            ({"shippingAddress": {**ADDRESS, "planet": "Mars"}}, "/shippingAddress/planet"),
            ({"status": "CONFIRMED"}, "/status"),
            ({"product_id": "0193c1a0-0000-7000-8000-00000000dead"}, "/items/0/productId"),
            ({"shippingMethod": "by-owl"}, "/shippingMethod"),
        ],
    )
    async def test_is_400_with_a_pointer_and_changes_nothing(
        self, shop: Shop, changes: dict[str, object], pointer: str
    ) -> None:
        answer = await shop.customer.post("/api/orders", order_body(**changes))  # type: ignore[arg-type]  # each case names fields
        assert answer.status == 400
        assert answer.pointers() == {pointer}
        assert shop.published() == []
        assert shop.stock.left[KIBBLE_BAG] == 10

    async def test_is_409_with_the_right_price_when_the_price_is_wrong(self, shop: Shop) -> None:
        answer = await shop.customer.post("/api/orders", order_body(price=9.99))
        assert answer.status == 409
        assert answer.json()["items"] == [
            {"productId": KIBBLE_BAG, "price": 9.99, "currentPrice": 29.99}
        ]

    async def test_believes_the_store_when_a_copy_of_the_price_is_stale(self, shop: Shop) -> None:
        shop.catalogue.reprice(KIBBLE_BAG, 1999, stale_copy=True)
        assert (await shop.customer.post("/api/orders", order_body(price=19.99))).status == 201

    async def test_is_403_for_somebody_elses_user_id(self, shop: Shop) -> None:
        answer = await shop.customer.post("/api/orders", order_body(user_id=STRANGER))
        assert answer.status == 403

    async def test_is_401_without_a_token(self, shop: Shop) -> None:
        assert (await shop.web.post("/api/orders", order_body())).status == 401


class TestOneKeyOneOrder:
    async def test_replays_the_first_answer(self, shop: Shop) -> None:
        key = {"idempotency-key": "checkout-1"}
        first = await shop.customer.post("/api/orders", order_body(), key)
        again = await shop.customer.post("/api/orders", order_body(), key)
        assert (again.status, again.body) == (first.status, first.body)
        assert again.headers["idempotent-replayed"] == "true"
        assert shop.published() == ["order.placed"]

    async def test_makes_one_order_of_twenty_at_once(self, shop: Shop) -> None:
        key = {"idempotency-key": "checkout-1"}
        answers = await asyncio.gather(
            *(shop.customer.post("/api/orders", order_body(), key) for _ in range(20))
        )
        assert {answer.status for answer in answers} <= {201, 409}
        assert len({answer.json()["id"] for answer in answers if answer.status == 201}) == 1
        assert shop.published() == ["order.placed"]

    async def test_says_when_to_come_back_while_the_first_is_at_work(self, shop: Shop) -> None:
        key = {"idempotency-key": "checkout-1"}
        answers = await asyncio.gather(
            *(shop.customer.post("/api/orders", order_body(), key) for _ in range(2))
        )
        assert sorted(answer.status for answer in answers) == [201, 409]
        (refused,) = (answer for answer in answers if answer.status == 409)
        assert refused.json()["code"] == "request-in-flight"
        assert refused.headers["retry-after"] == "1"

    async def test_is_422_with_another_body(self, shop: Shop) -> None:
        key = {"idempotency-key": "checkout-1"}
        await shop.customer.post("/api/orders", order_body(), key)
        other = await shop.customer.post("/api/orders", order_body(quantity=1), key)
        assert other.status == 422

    async def test_belongs_to_its_caller(self, shop: Shop) -> None:
        key = {"idempotency-key": "checkout-1"}
        await shop.customer.post("/api/orders", order_body(), key)
        stranger = shop.web.as_customer(STRANGER)
        answer = await stranger.post("/api/orders", order_body(user_id=STRANGER), key)
        assert answer.status == 201
        assert len(shop.published()) == 2

    async def test_resumes_under_the_same_order_id_after_a_neighbour_was_away(
        self, shop: Shop
    ) -> None:
        key = {"idempotency-key": "checkout-1"}
        shop.cashier.is_away = True
        assert (await shop.customer.post("/api/orders", order_body(), key)).status == 503
        (held,) = shop.stock.held
        shop.cashier.is_away = False
        order = (await shop.customer.post("/api/orders", order_body(), key)).json()
        assert order["id"] == held
        assert shop.stock.left[KIBBLE_BAG] == 8


class TestWhatIsLeftBehind:
    async def test_is_released_within_a_minute(self, shop: Shop) -> None:
        shop.cashier.is_away = True
        await shop.customer.post("/api/orders", order_body())
        assert shop.stock.left[KIBBLE_BAG] == 8
        shop.clock.advance(timedelta(seconds=61).total_seconds())
        placing = shop.built.tasks[0].work  # type: ignore[attr-defined]  # the periodic task's work
        assert await placing() == 1
        assert shop.stock.left[KIBBLE_BAG] == 10

    async def test_leaves_no_order_when_product_is_away(self, shop: Shop) -> None:
        shop.catalogue.is_away = True
        answer = await shop.customer.post("/api/orders", order_body())
        assert answer.status == 503
        assert "retry-after" in answer.headers
        assert shop.published() == []
