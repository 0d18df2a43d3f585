"""What staff do with orders: find them, note something, look at the sales."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kibble.contracts.customer import CustomerErased
from tests.component.order.shop import CUSTOMER, Shop


class TestFinding:
    async def test_goes_by_an_order_number_and_an_amount(self, shop: Shop) -> None:
        order, other = await shop.placed(), await shop.placed(quantity=1)
        found = await shop.staff.get(f"/api/orders?q={order['id'][-12:]}")
        assert [each["id"] for each in found.json()] == [order["id"]]
        found = await shop.staff.get(f"/api/orders?amountMax={other['amountDue']}")
        assert [each["id"] for each in found.json()] == [other["id"]]

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("since=2026-01-01T00:00:00", "/since"),
            ("statsu=SHIPPED&limit=5", "/statsu"),
            ("updatedSince=yesterday", "/updatedSince"),
            ("updatedSince=2026-01-01T00:00:00Z&cursor=WyJ4Il0", "/cursor"),
            ("amountMin=2&amountMax=1", "/amountMin"),
            ("paymentStatus=LOST", "/paymentStatus"),
        ],
    )
    async def test_refuses_what_makes_no_sense(self, shop: Shop, query: str, pointer: str) -> None:
        answer = await shop.staff.get(f"/api/orders?{query}")
        assert answer.status == 400
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


class TestFollowingChanges:
    async def test_tells_what_moved_since_the_last_time(self, shop: Shop) -> None:
        first, second = await shop.placed(), await shop.placed(quantity=1)
        shop.clock.advance(60)
        since = shop.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"/api/orders?updatedSince={since}"
        assert (await shop.staff.get(path)).json() == []
        await shop.pay(first)
        shop.clock.advance(1)
        await shop.pay(second)
        page = await shop.staff.get(f"{path}&limit=1")
        assert [order["id"] for order in page.json()] == [first["id"]]
        following = page.headers["link"].partition(">")[0].removeprefix("<")
        assert f"updatedSince={since}" in following
        rest = (await shop.staff.get(following)).json()
        assert [order["id"] for order in rest] == [second["id"]]

    async def test_tells_that_a_customer_was_erased(self, shop: Shop) -> None:
        order = await shop.placed()
        shop.clock.advance(60)
        since = shop.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        await shop.tell(CustomerErased(customer_id=CUSTOMER))
        (changed,) = (await shop.staff.get(f"/api/orders?updatedSince={since}")).json()
        assert (changed["id"], changed["userId"]) == (order["id"], None)


class TestNotes:
    async def test_are_seen_by_staff_and_not_by_the_customer(self, shop: Shop) -> None:
        path = f"/api/orders/{(await shop.placed())['id']}"
        answer = await shop.staff.post(f"{path}/notes", {"text": "Called, is patient"})
        assert answer.status == 201
        noted = (await shop.staff.get(f"{path}/events")).json()[-1]
        assert noted["type"] == "staff.note"
        assert noted["details"]["text"] == "Called, is patient"
        assert noted["details"]["by"]
        seen = (await shop.customer.get(f"{path}/events")).json()
        assert [entry["type"] for entry in seen] == ["order.placed"]


class TestSales:
    async def test_count_the_last_day_by_the_hour(self, shop: Shop) -> None:
        paid, unpaid = await shop.placed(), await shop.placed(quantity=1)
        await shop.pay(paid)
        await shop.decline(unpaid)
        shop.clock.advance(60)
        sales = (await shop.staff.get("/api/orders/sales")).json()
        total = sales["total"]
        assert (total["orders"], total["paid"], total["paymentsFailed"]) == (2, 1, 1)
        assert total["revenue"] == sales["averageBasket"] == paid["amountDue"]
        assert sales["byStatus"] == {"CONFIRMED": 1, "PENDING": 1}
        assert sales["waiting"] == {"unpaid": 1, "toShip": 1, "overdue": 0}
        assert sales["stepSeconds"] == 3600
        assert sum(slot["orders"] for slot in sales["slots"]) == 2

    async def test_count_a_longer_period_by_the_day(self, shop: Shop) -> None:
        await shop.placed()
        shop.clock.advance(60)
        since = (shop.clock.now() - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        sales = (await shop.staff.get(f"/api/orders/sales?since={since}")).json()
        assert sales["stepSeconds"] == 86_400
        assert len(sales["slots"]) == 31
        assert sales["slots"][-1]["orders"] == 1

    async def test_refuse_a_period_that_is_none(self, shop: Shop) -> None:
        answer = await shop.staff.get(
            "/api/orders/sales?before=2020-01-01T00:00:00Z&since=2021-01-01T00:00:00Z"
        )
        assert answer.status == 400
