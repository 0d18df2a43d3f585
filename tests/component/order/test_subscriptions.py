"""Autoship: what customers do with subscriptions, and what the shop does when they are due.

The clock begins on Monday, March 2, 2026, at 10 in the morning in New York.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kibble.contracts.customer import CustomerErased
from kibble.contracts.inventory import ReservationExpired
from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import OrderId
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark, StoredReply
from tests.component.order.shop import (
    CHEW_TOY,
    CUSTOMER,
    KIBBLE_BAG,
    PUPPY_BOX,
    STRANGER,
    Shop,
    subscription_body,
)

NEXT_WEEK = "2026-03-09"
"""At six in the morning on that day, a week less five hours from the clock's beginning."""


def line(product_id: str = KIBBLE_BAG, **fields: object) -> dict[str, object]:
    return {"productId": product_id} | fields


async def set_aside(shop: Shop, **fields: object) -> dict[str, Any]:
    """Return a subscription whose next order is an hour past its cut-off."""
    started = await shop.subscribe(nextDate=NEXT_WEEK, **fields)
    await shop.autoship(days=3, hours=22)
    await shop.autoship(days=2)
    shown = await shop.subscription(started["id"])
    assert shown["phase"] == "SET_ASIDE", shown
    return shown


class TestStarting:
    async def test_without_a_date_places_the_first_order_at_once(self, shop: Shop) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        (order,) = await shop.orders()
        assert order["subscriptionId"] == started["id"]
        assert order["shippingAddress"]["street"] == "1 Home St"
        assert shop.cashier.prepared[order["id"]][1] == "tok_saved"
        assert order["id"] in shop.cashier.off_session

    async def test_is_for_each_of_a_customers_schedules_by_itself(self, shop: Shop) -> None:
        rex = await shop.subscribe(name="Rex", nextDate=NEXT_WEEK)
        tom = await shop.subscribe(
            name="Tom",
            nextDate="2026-03-20",
            items=[line(CHEW_TOY)],
            interval={"every": 1, "unit": "month"},
        )
        await shop.do(rex["id"], "pause")
        await shop.autoship(days=19)
        (order,) = await shop.orders()
        assert order["subscriptionId"] == tom["id"]
        listed = (await shop.customer.get(f"/api/subscriptions?userId={CUSTOMER}")).json()
        assert {one["name"] for one in listed} == {"Rex", "Tom"}

    async def test_never_shows_its_payment_token(self, shop: Shop) -> None:
        answer = await shop.customer.post("/api/subscriptions", subscription_body())
        assert answer.json()["hasPaymentToken"] is True
        assert b"tok_saved" not in answer.body
        entries = shop.built.store.read_log("order_events", 0, 100)
        assert entries
        assert not any(b"tok_saved" in entry.envelope for entry in entries)

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"items": []}, "/items"),
            ({"items": [line("0193c1a0-0000-7000-8000-00000000dead")]}, "/items/0/productId"),
            ({"items": [line(quantity=0)]}, "/items/0/quantity"),
            ({"items": [line(once=True, interval={"every": 1, "unit": "day"})]}, "/items/0/once"),
            ({"items": [line()], "interval": None}, "/items/0/interval"),
            ({"interval": {"every": 53, "unit": "week"}}, "/interval/every"),
            ({"interval": {"every": 0, "unit": "day"}}, "/interval/every"),
            ({"nextDate": "2026-03-01"}, "/nextDate"),
            ({"nextDate": "2028-03-01"}, "/nextDate"),
            ({"nextDate": "2026-02-30"}, "/nextDate"),
            ({"timeZone": "Mars/Olympus"}, "/timeZone"),
            ({"timeZone": "../../etc/passwd"}, "/timeZone"),
            ({"paymentToken": "4242 4242 4242 4242"}, "/paymentToken"),
            ({"paymentMethod": "Cash"}, "/paymentMethod"),
        ],
    )
    async def test_refuses(self, shop: Shop, change: dict[str, object], pointer: str) -> None:
        answer = await shop.customer.post("/api/subscriptions", subscription_body(**change))
        assert answer.status == 400
        assert answer.pointers() == {pointer}

    async def test_needs_an_address_where_none_is_saved(self, shop: Shop) -> None:
        shop.addresses.saved = None
        answer = await shop.customer.post("/api/subscriptions", subscription_body())
        assert answer.pointers() == {"/shippingAddress"}

    async def test_is_done_once_a_key(self, shop: Shop) -> None:
        key = {"idempotency-key": "one"}
        first = await shop.customer.post("/api/subscriptions", subscription_body(), key)
        again = await shop.customer.post("/api/subscriptions", subscription_body(), key)
        assert first.json()["id"] == again.json()["id"]
        assert len((await shop.customer.get("/api/subscriptions")).json()) == 1

    async def test_is_for_oneself_alone(self, shop: Shop) -> None:
        body = subscription_body(userId=STRANGER)
        assert (await shop.customer.post("/api/subscriptions", body)).status == 403
        started = await shop.subscribe()
        stranger = shop.web.as_customer(STRANGER)
        url = f"/api/subscriptions/{started['id']}"
        assert (await stranger.get(url)).status == 404
        assert (await stranger.post(f"{url}/skip")).status == 404


class TestTheNextOrder:
    async def test_is_announced_three_days_before_and_placed_in_the_morning(
        self, shop: Shop
    ) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        assert started["nextOrderAt"] == "2026-03-09T10:00:00Z"  # summer time began the day before
        await shop.autoship(days=3, hours=18)
        assert shop.messages() == []
        await shop.autoship(hours=2)
        assert shop.messages() == ["subscription_reminder"]
        await shop.autoship(days=2, hours=22)
        assert await shop.orders() == []
        await shop.autoship(hours=2)
        (order,) = await shop.orders()
        assert order["status"] == "PENDING"
        assert (await shop.subscription(started["id"]))["phase"] == "PLACED"

    async def test_is_followed_by_the_one_after_it_once_it_is_paid(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        await shop.autoship(days=8)
        await shop.pay((await shop.orders())[0], times=2)
        shown = await shop.subscription(started["id"])
        assert (shown["phase"], shown["nextDate"]) == ("SCHEDULED", "2026-04-06")
        assert shown["ordersPaid"] == 1

    async def test_takes_only_the_lines_that_are_due(self, shop: Shop) -> None:
        monthly = line(CHEW_TOY, interval={"every": 1, "unit": "month"}, nextDate="2026-03-31")
        started = await shop.subscribe(items=[line(nextDate="2026-03-02"), monthly])
        await shop.autoship()
        (order,) = await shop.orders()
        assert [item["productId"] for item in order["items"]] == [KIBBLE_BAG]
        await shop.pay(order)
        dates = [i["nextDate"] for i in (await shop.subscription(started["id"]))["items"]]
        assert dates == ["2026-03-30", "2026-03-31"]

    async def test_takes_what_ships_once_along_and_then_forgets_it(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        await shop.do(started["id"], "items", productId=CHEW_TOY, once=True)
        await shop.autoship(days=8)
        (order,) = await shop.orders()
        assert len(order["items"]) == 2
        await shop.pay(order)
        shown = await shop.subscription(started["id"])
        assert [i["productId"] for i in shown["items"]] == [KIBBLE_BAG]

    async def test_that_ships_everything_once_ends_the_subscription(self, shop: Shop) -> None:
        started = await shop.subscribe(items=[line(once=True)])
        await shop.autoship()
        await shop.pay((await shop.orders())[0])
        assert (await shop.subscription(started["id"]))["status"] == "ENDED"
        assert shop.published()[-1] == "order.subscription_ended"

    async def test_has_its_stock_set_aside_a_day_before(self, shop: Shop) -> None:
        await set_aside(shop)
        assert shop.stock.left[KIBBLE_BAG] == 8
        await shop.autoship(days=1)
        assert len(await shop.orders()) == 1
        assert shop.stock.left[KIBBLE_BAG] == 8

    async def test_goes_to_the_address_that_is_saved_by_then(self, shop: Shop) -> None:
        await shop.subscribe(nextDate=NEXT_WEEK)
        saved = shop.addresses.saved
        assert saved is not None
        shop.addresses.saved = type(saved)(
            street="2 New St", city="Troy", state="NY", zip_code="12180"
        )
        await shop.autoship(days=8)
        assert (await shop.orders())[0]["shippingAddress"]["street"] == "2 New St"

    async def test_waits_while_a_neighbour_is_away(self, shop: Shop) -> None:
        await shop.subscribe()
        shop.cashier.is_away = True
        await shop.autoship()
        assert await shop.orders() == []
        shop.cashier.is_away = False
        await shop.autoship(minutes=2)
        assert len(await shop.orders()) == 1

    async def test_is_placed_once_though_the_commit_was_lost(
        self, shop: Shop, tmp_path: Path
    ) -> None:
        await shop.subscribe()
        lost = shop.built.store.commit
        failed: list[int] = []

        async def commit(
            changes: Changes,
            *,
            reply: StoredReply | None = None,
            inbox: InboxMark | None = None,
        ) -> None:
            await lost(changes, reply=reply, inbox=inbox)
            if not failed and "SubscriptionOrdered" in repr(changes):
                failed.append(1)
                raise StaleVersion("The answer of the store was lost.")

        shop.built.store.commit = commit  # type: ignore[method-assign]  # its answer is lost
        await shop.autoship()
        await shop.autoship(minutes=2)
        assert failed
        assert len(await shop.orders()) == 1
        assert len(shop.cashier.prepared) == 1


class TestDiscount:
    async def _promotions(self, shop: Shop) -> None:
        for code, percent, audience in (
            ("FIRST", 20, "first_autoship"),
            ("STANDING", 5, "autoship"),
        ):
            body = {
                "code": code,
                "kind": "percent",
                "percent": percent,
                "description": "Autoship",
                "audience": audience,
            }
            assert (await shop.staff.post("/api/promotions", body)).status == 201

    async def test_is_larger_on_the_first_order_and_shown_in_the_estimate(self, shop: Shop) -> None:
        await self._promotions(shop)
        started = await shop.subscribe()
        assert started["estimate"]["promotionCode"] == "FIRST"
        assert started["estimate"]["total"] == 47.98
        await shop.autoship()
        (order,) = await shop.orders()
        assert (order["discount"], order["promotionCode"]) == (12.0, "FIRST")
        await shop.pay(order)
        shown = await shop.subscription(started["id"])
        assert shown["estimate"]["promotionCode"] == "STANDING"
        second = await shop.subscribe(nextDate=NEXT_WEEK)
        assert second["estimate"]["promotionCode"] == "STANDING"

    async def test_is_taken_off_each_line_to_the_cent(self, shop: Shop) -> None:
        await self._promotions(shop)
        started = await shop.subscribe(
            items=[line(quantity=1), line(CHEW_TOY, quantity=3)], nextDate=NEXT_WEEK
        )
        totals = [(item["total"], item["fullTotal"]) for item in started["items"]]
        assert totals == [(23.99, 29.99), (18.0, 22.5)]
        paid = started["estimate"]["subtotal"] - started["estimate"]["discount"]
        assert sum(total for total, _ in totals) == pytest.approx(paid)

    async def test_is_told_before_there_is_a_subscription(self, shop: Shop) -> None:
        await self._promotions(shop)
        body = {"items": [{"productId": KIBBLE_BAG, "quantity": 1}]}
        prices = {
            "productId": KIBBLE_BAG,
            "quantity": 1,
            "full": 29.99,
            "first": 23.99,
            "later": 28.49,
            "firstPercent": 20,
            "laterPercent": 5,
        }
        for caller in (shop.web, shop.customer):
            asked = await caller.post("/api/subscriptions/prices", body)
            assert asked.json() == [prices]

    async def test_of_the_first_order_is_not_told_to_who_had_one(self, shop: Shop) -> None:
        await self._promotions(shop)
        await shop.subscribe()
        await shop.autoship()
        (order,) = await shop.orders()
        await shop.pay(order)
        body = {"items": [{"productId": KIBBLE_BAG, "quantity": 2}]}
        (price,) = (await shop.customer.post("/api/subscriptions/prices", body)).json()
        assert (price["first"], price["later"], price["firstPercent"]) == (56.98, 56.98, 5)

    async def test_of_a_product_that_is_gone_is_not_told(self, shop: Shop) -> None:
        body = {"items": [{"productId": STRANGER, "quantity": 2}]}
        assert (await shop.web.post("/api/subscriptions/prices", body)).json() == []

    async def test_is_no_autoship_saving_where_everybody_has_it(self, shop: Shop) -> None:
        promotion = {
            "code": "ALL",
            "kind": "percent",
            "percent": 10,
            "description": "All",
            "audience": "everyone",
        }
        assert (await shop.staff.post("/api/promotions", promotion)).status == 201
        body = {"items": [{"productId": KIBBLE_BAG, "quantity": 1}]}
        (price,) = (await shop.web.post("/api/subscriptions/prices", body)).json()
        assert price["first"] == 26.99
        assert "firstPercent" not in price

    async def test_is_not_for_orders_of_other_kinds(self, shop: Shop) -> None:
        await self._promotions(shop)
        answer = await shop.customer.post("/api/carts", {"items": [line(quantity=1)]})
        cart = answer.json()["id"]
        seen = await shop.customer.get(f"/api/carts/{cart}?promotionCode=FIRST")
        assert (seen.status, seen.json()["code"]) == (409, "promotion-refused")


class TestPricePromise:
    async def test_has_a_dearer_line_wait_until_the_customer_agrees(self, shop: Shop) -> None:
        started = await shop.subscribe(items=[line(), line(CHEW_TOY)], nextDate=NEXT_WEEK)
        shop.catalogue.reprice(KIBBLE_BAG, 3500)
        await shop.autoship(days=8)
        (order,) = await shop.orders()
        assert [item["productId"] for item in order["items"]] == [CHEW_TOY]
        assert "subscription_price" in shop.messages()
        await shop.pay(order)
        (bag, _) = (await shop.subscription(started["id"]))["items"]
        assert bag["waiting"] == {"reason": "price", "price": 35.0}
        await shop.do(started["id"], "approve", itemId=bag["id"])
        await shop.autoship()
        newest, _ = await shop.orders()
        assert [(i["productId"], i["price"]) for i in newest["items"]] == [(KIBBLE_BAG, 35.0)]

    async def test_asks_once_and_ends_by_itself_when_the_price_is_back(self, shop: Shop) -> None:
        await shop.subscribe(nextDate=NEXT_WEEK)
        shop.catalogue.reprice(KIBBLE_BAG, 3500)
        for _ in range(12):
            await shop.autoship(days=1)
        assert shop.messages().count("subscription_price") == 1
        assert await shop.orders() == []
        shop.catalogue.reprice(KIBBLE_BAG, 3000)
        await shop.autoship(days=1)
        assert [i["price"] for i in (await shop.orders())[0]["items"]] == [30.0]

    async def test_holds_from_the_cut_off_on_though_the_price_rises(self, shop: Shop) -> None:
        await set_aside(shop)
        shop.catalogue.reprice(KIBBLE_BAG, 9900)
        await shop.autoship(days=1)
        assert (await shop.orders())[0]["items"][0]["price"] == 29.99

    async def test_gives_a_price_that_fell_after_the_cut_off(self, shop: Shop) -> None:
        await set_aside(shop)
        shop.catalogue.reprice(KIBBLE_BAG, 2500)
        await shop.autoship(days=1)
        assert (await shop.orders())[0]["items"][0]["price"] == 25.0

    async def test_is_the_cap_that_the_customer_named(self, shop: Shop) -> None:
        await shop.subscribe(items=[line(priceCap=40.0)], nextDate=NEXT_WEEK)
        shop.catalogue.reprice(KIBBLE_BAG, 3999)
        await shop.autoship(days=8)
        assert (await shop.orders())[0]["items"][0]["price"] == 39.99


class TestStock:
    async def test_that_is_short_has_the_line_wait_and_the_others_ship(self, shop: Shop) -> None:
        shop.stock.left[KIBBLE_BAG] = 1
        await shop.subscribe(items=[line(quantity=2), line(CHEW_TOY)], nextDate=NEXT_WEEK)
        await shop.autoship(days=8)
        (order,) = await shop.orders()
        assert [item["productId"] for item in order["items"]] == [CHEW_TOY]
        assert "subscription_delayed" in shop.messages()
        await shop.pay(order)
        shop.stock.left[KIBBLE_BAG] = 5
        await shop.autoship(days=1)
        assert [i["productId"] for i in (await shop.orders())[0]["items"]] == [KIBBLE_BAG]

    async def test_of_a_bundle_is_that_of_its_parts(self, shop: Shop) -> None:
        shop.stock.left[CHEW_TOY] = 1
        started = await shop.subscribe(items=[line(PUPPY_BOX)])
        await shop.autoship()
        assert await shop.orders() == []
        (box,) = (await shop.subscription(started["id"]))["items"]
        assert box["waiting"] == {"reason": "stock"}

    async def test_of_a_product_that_is_gone_asks_for_another(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        del shop.catalogue.stored[KIBBLE_BAG]
        await shop.autoship(days=8)
        (bag,) = (await shop.subscription(started["id"]))["items"]
        assert bag["waiting"] == {"reason": "gone"}
        await shop.do(started["id"], "swap", itemId=bag["id"], productId=CHEW_TOY)
        await shop.autoship()
        assert [i["productId"] for i in (await shop.orders())[0]["items"]] == [CHEW_TOY]


class TestSkipping:
    async def test_leaves_the_next_order_out_and_gives_its_stock_back(self, shop: Shop) -> None:
        fixed = await set_aside(shop)
        skipped = await shop.do(fixed["id"], "skip")
        assert (skipped["phase"], skipped["nextDate"]) == ("SCHEDULED", "2026-04-06")
        await shop.autoship()
        assert shop.stock.left[KIBBLE_BAG] == 10
        await shop.autoship(days=2)
        assert await shop.orders() == []

    async def test_keeps_the_last_day_of_each_month(self, shop: Shop) -> None:
        monthly = {"every": 1, "unit": "month"}
        started = await shop.subscribe(interval=monthly, nextDate="2026-03-31")
        dates = [(await shop.do(started["id"], "skip"))["nextDate"] for _ in range(3)]
        assert dates == ["2026-04-30", "2026-05-31", "2026-06-30"]

    async def test_is_too_late_once_the_order_is_placed(self, shop: Shop) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        answer = await shop.customer.post(f"/api/subscriptions/{started['id']}/skip")
        assert (answer.status, answer.json()["code"]) == (409, "cut-off-passed")

    async def test_of_one_line_leaves_the_others(self, shop: Shop) -> None:
        started = await shop.subscribe(items=[line(), line(CHEW_TOY)], nextDate=NEXT_WEEK)
        toy = started["items"][1]["id"]
        shown = await shop.do(started["id"], "skip", itemId=toy)
        assert [i["nextDate"] for i in shown["items"]] == [NEXT_WEEK, "2026-04-06"]


class TestOrderingNow:
    async def test_places_the_next_order_and_counts_from_today(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        await shop.do(started["id"], "order-now")
        await shop.autoship()
        (order,) = await shop.orders()
        await shop.pay(order)
        assert (await shop.subscription(started["id"]))["nextDate"] == "2026-03-30"

    async def test_twice_a_day_places_two_orders(self, shop: Shop) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        await shop.pay((await shop.orders())[0])
        await shop.do(started["id"], "order-now")
        await shop.autoship()
        assert len({order["id"] for order in await shop.orders()}) == 2


class TestChanging:
    async def test_lines_is_too_late_after_the_cut_off(self, shop: Shop) -> None:
        fixed = await set_aside(shop)
        url = f"/api/subscriptions/{fixed['id']}"
        answer = await shop.customer.patch(
            url, {"items": [line(interval={"every": 1, "unit": "day"})]}
        )
        assert (answer.status, answer.json()["code"]) == (409, "cut-off-passed")
        assert (await shop.customer.patch(url, {"paymentToken": "tok_new"})).status == 200

    async def test_keeps_what_is_left_out_and_checks_the_version(self, shop: Shop) -> None:
        started = await shop.subscribe(name="Rex", nextDate=NEXT_WEEK)
        url = f"/api/subscriptions/{started['id']}"
        answer = await shop.customer.patch(url, {"nextDate": "2026-03-20"})
        assert (answer.json()["name"], answer.json()["nextDate"]) == ("Rex", "2026-03-20")
        late = await shop.customer.patch(url, {"name": None}, {"if-match": '"1"'})
        assert late.status == 412

    async def test_a_line_for_another_product_ships_that_from_then_on(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        (bag,) = started["items"]
        await shop.do(started["id"], "swap", itemId=bag["id"], productId=CHEW_TOY)
        for _ in range(2):
            await shop.autoship(days=28)
        assert {i["productId"] for o in await shop.orders() for i in o["items"]} == {CHEW_TOY}

    async def test_a_line_keeps_its_price_promise(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        shop.catalogue.reprice(KIBBLE_BAG, 3200)
        kept = line(id=started["items"][0]["id"], quantity=5, interval={"every": 2, "unit": "week"})
        url = f"/api/subscriptions/{started['id']}"
        (item,) = (await shop.customer.patch(url, {"items": [kept]})).json()["items"]
        assert (item["agreedPrice"], item["quantity"], item["nextDate"]) == (29.99, 5, NEXT_WEEK)

    async def test_is_told_that_the_interval_is_that_of_the_lines(self, shop: Shop) -> None:
        started = await shop.subscribe()
        body = {"interval": {"every": 6, "unit": "week"}}
        answer = await shop.customer.patch(f"/api/subscriptions/{started['id']}", body)
        assert answer.json()["errors"] == [
            {"pointer": "/interval", "detail": "is that of each line: change it in items"}
        ]


class TestPausing:
    async def test_places_nothing_until_it_is_resumed(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        await shop.do(started["id"], "pause")
        await shop.autoship(days=30)
        assert await shop.orders() == []
        resumed = await shop.do(started["id"], "resume")
        assert (resumed["status"], resumed["nextDate"]) == ("ACTIVE", "2026-04-06")

    async def test_until_a_day_goes_on_by_itself(self, shop: Shop) -> None:
        started = await shop.subscribe(nextDate=NEXT_WEEK)
        await shop.do(started["id"], "pause", until="2026-03-20")
        await shop.autoship(days=17)
        assert (await shop.subscription(started["id"]))["status"] == "PAUSED"
        await shop.autoship(days=1)
        shown = await shop.subscription(started["id"])
        assert (shown["status"], shown["nextDate"]) == ("ACTIVE", "2026-04-06")

    async def test_gives_stock_back_that_was_set_aside(self, shop: Shop) -> None:
        fixed = await set_aside(shop)
        await shop.do(fixed["id"], "pause")
        await shop.autoship()
        assert shop.stock.left[KIBBLE_BAG] == 10


class TestCancelling:
    async def test_ends_it_and_gives_stock_back(self, shop: Shop) -> None:
        fixed = await set_aside(shop)
        answer = await shop.customer.delete(f"/api/subscriptions/{fixed['id']}")
        assert answer.status == 204
        await shop.autoship(days=60)
        assert (await shop.orders(), shop.stock.left[KIBBLE_BAG]) == ([], 10)
        assert (await shop.subscription(fixed["id"]))["status"] == "CANCELLED"
        assert shop.messages()[-1] == "subscription_cancelled"

    async def test_is_for_good(self, shop: Shop) -> None:
        started = await shop.subscribe()
        url = f"/api/subscriptions/{started['id']}"
        await shop.customer.delete(url)
        for what in ("skip", "resume", "pause", "order-now"):
            assert (await shop.customer.post(f"{url}/{what}")).status == 409

    async def test_again_after_a_lost_answer_changes_nothing(self, shop: Shop) -> None:
        started = await shop.subscribe()
        url = f"/api/subscriptions/{started['id']}"
        assert [(await shop.customer.delete(url)).status for _ in range(2)] == [204, 204]
        assert shop.messages().count("subscription_cancelled") == 1
        assert shop.published().count("order.subscription_ended") == 1

    async def test_an_order_is_as_if_it_had_been_skipped(self, shop: Shop) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        (order,) = await shop.orders()
        await shop.customer.post(f"/api/orders/{order['id']}/cancel")
        shown = await shop.subscription(started["id"])
        assert (shown["phase"], shown["nextDate"]) == ("SCHEDULED", "2026-03-30")


class TestPaymentThatFails:
    async def test_is_tried_again_after_one_three_and_five_days_then_pauses(
        self, shop: Shop
    ) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        tried = []
        for hours in (24, 48, 48, 48):
            (newest, *_) = await shop.orders()
            tried.append(newest["createdAt"][:10])
            await shop.decline(newest)
            await shop.autoship(hours=hours)
        assert tried == ["2026-03-02", "2026-03-03", "2026-03-05", "2026-03-07"]
        shown = await shop.subscription(started["id"])
        assert (shown["status"], shown["reason"]) == ("PAUSED", "payment-failed")
        assert shop.messages().count("subscription_payment_failed") == 3
        assert shop.messages()[-1] == "subscription_paused"
        assert "payment_failed" not in shop.messages()
        assert len({order["id"] for order in await shop.orders()}) == 4

    async def test_leaves_one_order_that_can_be_paid(self, shop: Shop) -> None:
        await shop.subscribe()
        await shop.autoship()
        await shop.decline((await shop.orders())[0])
        await shop.autoship(hours=24)
        statuses = [order["status"] for order in await shop.orders()]
        assert statuses == ["PENDING", "CANCELLED"]

    async def test_is_over_when_the_customer_pays_by_other_means(self, shop: Shop) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        (order,) = await shop.orders()
        await shop.decline(order)
        await shop.pay(order)
        await shop.autoship(days=6)
        assert len(await shop.orders()) == 1
        assert (await shop.subscription(started["id"]))["nextDate"] == "2026-03-30"

    async def test_takes_the_new_way_to_pay(self, shop: Shop) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        await shop.decline((await shop.orders())[0])
        url = f"/api/subscriptions/{started['id']}"
        await shop.customer.patch(url, {"paymentToken": "tok_other"})
        await shop.autoship(hours=24)
        (newest, _) = await shop.orders()
        assert shop.cashier.prepared[newest["id"]][1] == "tok_other"

    async def test_is_what_an_order_is_that_nobody_paid_in_time(self, shop: Shop) -> None:
        started = await shop.subscribe()
        await shop.autoship()
        (order,) = await shop.orders()
        await shop.tell(ReservationExpired(order_id=OrderId(order["id"])), times=2)
        shown = await shop.subscription(started["id"])
        assert (shown["phase"], shown["failures"]) == ("RETRYING", 1)
        assert shop.messages() == ["subscription_payment_failed"]


class TestErasure:
    async def test_ends_subscriptions_and_drops_the_person(self, shop: Shop) -> None:
        fixed = await set_aside(shop)
        await shop.tell(CustomerErased(customer_id=CUSTOMER))
        await shop.autoship(days=60)
        seen = (await shop.staff.get(f"/api/subscriptions/{fixed['id']}")).json()
        assert (seen["status"], seen["userId"], seen["hasPaymentToken"]) == (
            "CANCELLED",
            None,
            False,
        )
        assert shop.stock.left[KIBBLE_BAG] == 10

    async def test_export_names_subscriptions(self, shop: Shop) -> None:
        started = await shop.subscribe()
        exported = await shop.built.client.export(CUSTOMER)
        assert started["id"] in msgspec.json.encode(exported["subscriptions"]).decode()
