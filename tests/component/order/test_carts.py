"""Carts, by HTTP: filling, merging, problems, and becoming one order."""

from __future__ import annotations

import asyncio
from typing import Any

from kibble.platform.security.roles import scopes_of
from tests.component.order.shop import (
    ADDRESS,
    CHEW_TOY,
    KIBBLE_BAG,
    PUPPY_BOX,
    STRANGER,
    Shop,
)
from tests.fixtures.http import Answer, Client

CHECKOUT = {"shippingAddress": ADDRESS, "paymentMethod": "CreditCard"}
GUEST = CHECKOUT | {"email": "jane@example.com"}


async def _filled(client: Client, *product_ids: str, quantity: int = 2) -> dict[str, Any]:
    items = [{"productId": product_id, "quantity": quantity} for product_id in product_ids]
    cart: dict[str, Any] = (await client.post("/api/carts", {"items": items})).json()
    return cart


async def _put(client: Client, cart: dict[str, Any], product_id: str, quantity: object) -> Answer:
    url = f"/api/carts/{cart['id']}/items/{product_id}"
    return await client.put(url, {"quantity": quantity})


async def _start(shop: Shop, code: str, **more: object) -> None:
    body = {"code": code, "description": "For everyone.", "audience": "everyone", **more}
    assert (await shop.staff.post("/api/promotions", body)).status == 201


class TestOffers:
    async def test_are_what_applies_by_itself_and_no_secret_code(self, shop: Shop) -> None:
        await _start(shop, "TEN", kind="percent", percent=10)
        await _start(shop, "LATER", kind="percent", percent=50, startsAt="2099-01-01T00:00:00Z")
        await _start(shop, "SECRET", kind="percent", percent=90, audience="code")
        offers = (await shop.web.get("/api/promotions/offers")).json()
        assert [offer["percent"] for offer in offers] == [10]
        assert "code" not in offers[0]


class TestACart:
    async def test_starts_empty_and_adds_up(self, shop: Shop) -> None:
        cart = (await shop.web.post("/api/carts")).json()
        assert (cart["items"], cart["total"]) == ([], 0)
        await _put(shop.web, cart, KIBBLE_BAG, 2)
        shown = (await _put(shop.web, cart, CHEW_TOY, 1)).json()
        assert [line["lineTotal"] for line in shown["items"]] == [59.98, 7.5]
        assert (shown["subtotal"], shown["total"]) == (67.48, 67.48)
        assert shown["items"][0]["name"] == "Salmon kibble"

    async def test_replaces_a_lines_quantity_and_takes_it_out(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        assert (await _put(shop.web, cart, KIBBLE_BAG, 5)).json()["items"][0]["quantity"] == 5
        url = f"/api/carts/{cart['id']}/items/{KIBBLE_BAG}"
        assert (await shop.web.delete(url)).json()["items"] == []
        assert (await shop.web.delete(url)).status == 200

    async def test_refuses_bad_quantities_and_unknown_products(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        for quantity in (0, -1, 1.5, "2", 1000):
            assert (await _put(shop.web, cart, KIBBLE_BAG, quantity)).status == 400
        unknown = "0193c1a0-0000-7000-8000-00000000dead"
        assert (await _put(shop.web, cart, unknown, 1)).status == 404

    async def test_of_a_customer_is_hidden_from_others(self, shop: Shop) -> None:
        cart = await _filled(shop.customer, KIBBLE_BAG)
        url = f"/api/carts/{cart['id']}"
        assert (await shop.customer.get(url)).status == 200
        assert (await shop.web.get(url)).status == 404
        assert (await shop.web.as_customer(STRANGER).get(url)).status == 404

    async def test_tells_the_problem_of_each_line(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG, CHEW_TOY, PUPPY_BOX, quantity=3)
        shop.catalogue.reprice(CHEW_TOY, 800)
        shop.stock.left[KIBBLE_BAG] = 2
        lines = (await shop.web.get(f"/api/carts/{cart['id']}")).json()["items"]
        problems = {line["productId"]: line.get("problem") for line in lines}
        assert problems[KIBBLE_BAG]["code"] == "not-enough-stock"
        assert problems[KIBBLE_BAG]["available"] == 2
        assert problems[CHEW_TOY]["code"] == "price-changed"
        assert problems[PUPPY_BOX]["available"] == 2

    async def test_is_found_on_another_device_by_its_customer_alone(self, shop: Shop) -> None:
        await _filled(shop.customer)
        older = await _filled(shop.customer, CHEW_TOY)
        shop.clock.advance(60)
        latest = await _filled(shop.customer, KIBBLE_BAG)
        found = (await shop.customer.get("/api/carts")).json()
        assert [cart["id"] for cart in found] == [latest["id"], older["id"]]
        assert (await shop.web.as_customer(STRANGER).get("/api/carts")).json() == []
        assert (await shop.web.get("/api/carts")).status == 401

    async def test_that_was_ordered_is_no_open_one(self, shop: Shop) -> None:
        cart = await _filled(shop.customer, KIBBLE_BAG)
        placed = await shop.customer.post(f"/api/carts/{cart['id']}/checkout", CHECKOUT)
        assert placed.status == 201
        assert (await shop.customer.get("/api/carts")).json() == []

    async def test_tells_from_when_on_shipping_is_free(self, shop: Shop) -> None:
        assert "freeShippingFrom" not in await _filled(shop.web, KIBBLE_BAG)
        for code, minimum in (("FREE99", 99), ("FREE49", 49)):
            await _start(shop, code, kind="free_shipping", minimum=minimum)
        cart = await _filled(shop.web, KIBBLE_BAG, quantity=1)
        assert cart["freeShippingFrom"] == 49

    async def test_ships_free_by_itself_once_it_is_large_enough(self, shop: Shop) -> None:
        await _start(shop, "FREE49", kind="free_shipping", minimum=49)
        small = await _filled(shop.web, KIBBLE_BAG, quantity=1)
        large = await _filled(shop.web, KIBBLE_BAG, quantity=2)
        way = "?shippingMethod=ups-ground&state=MA&zipCode=02118"
        assert (await shop.web.get(f"/api/carts/{small['id']}{way}")).json()["shipping"] > 0
        assert (await shop.web.get(f"/api/carts/{large['id']}{way}")).json()["shipping"] == 0

    async def test_has_what_saves_most_of_what_is_for_everyone(self, shop: Shop) -> None:
        await _start(shop, "FIVE", kind="percent", percent=5)
        await _start(shop, "TEN", kind="percent", percent=10)
        assert (await _filled(shop.web, KIBBLE_BAG))["discount"] == 6.0

    async def test_merges_a_guests_cart_once(self, shop: Shop) -> None:
        mine = await _filled(shop.customer, KIBBLE_BAG, quantity=1)
        guests = await _filled(shop.web, KIBBLE_BAG, CHEW_TOY, quantity=2)
        for _ in range(2):
            merged = await shop.customer.post(
                f"/api/carts/{mine['id']}/merge", {"cartId": guests["id"]}
            )
            quantities = {line["productId"]: line["quantity"] for line in merged.json()["items"]}
            assert quantities == {KIBBLE_BAG: 2, CHEW_TOY: 2}
        assert (await shop.web.get(f"/api/carts/{guests['id']}")).json()["items"] == []

    async def test_can_be_discarded(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        assert (await shop.web.delete(f"/api/carts/{cart['id']}")).status == 204
        assert (await shop.web.get(f"/api/carts/{cart['id']}")).status == 404


class TestCheckout:
    async def test_makes_one_order_however_often_it_is_asked(self, shop: Shop) -> None:
        cart = await _filled(shop.customer, KIBBLE_BAG)
        url = f"/api/carts/{cart['id']}/checkout"
        answers = await asyncio.gather(*(shop.customer.post(url, CHECKOUT) for _ in range(10)))
        answers.append(await shop.customer.post(url, CHECKOUT))
        assert {answer.status for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert shop.stock.left[KIBBLE_BAG] == 8
        assert shop.published() == ["order.placed"]

    async def test_gives_a_guest_a_token_for_the_order(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        order = (await shop.web.post(f"/api/carts/{cart['id']}/checkout", GUEST)).json()
        assert order["accessToken"] == f"token of {order['id']}"
        assert order["userId"] is None
        holder = shop.web.for_order(order["id"])
        assert (await holder.get(f"/api/orders/{order['id']}")).status == 200
        assert (await holder.get("/api/orders")).status == 403

    async def test_asks_a_guest_for_an_address_to_write_to(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        answer = await shop.web.post(f"/api/carts/{cart['id']}/checkout", CHECKOUT)
        assert (answer.status, answer.pointers()) == (400, {"/email"})

    async def test_refuses_an_empty_cart(self, shop: Shop) -> None:
        cart = await _filled(shop.web)
        answer = await shop.web.post(f"/api/carts/{cart['id']}/checkout", GUEST)
        assert (answer.status, answer.json()["code"]) == (409, "cart-empty")

    async def test_asks_again_when_a_price_changed_since_it_was_put_in(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        shop.catalogue.reprice(KIBBLE_BAG, 3499)
        url = f"/api/carts/{cart['id']}/checkout"
        assert (await shop.web.post(url, GUEST)).json()["code"] == "wrong-price"
        await _put(shop.web, cart, KIBBLE_BAG, 2)
        assert (await shop.web.post(url, GUEST)).json()["amountDue"] == 69.98

    async def test_ends_the_carts_life(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        await shop.web.post(f"/api/carts/{cart['id']}/checkout", GUEST)
        assert (await _put(shop.web, cart, KIBBLE_BAG, 1)).json()["code"] == "cart-ordered"

    async def test_leaves_the_cart_open_when_stock_is_short(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG, quantity=11)
        url = f"/api/carts/{cart['id']}/checkout"
        assert (await shop.web.post(url, GUEST)).json()["code"] == "not-enough-stock"
        await _put(shop.web, cart, KIBBLE_BAG, 10)
        assert (await shop.web.post(url, GUEST)).status == 201


class TestShippingInACart:
    async def test_shows_what_the_order_will_cost_by_a_method_to_a_place(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        method = "ups-ground"
        query = f"shippingMethod={method}&state=ny&zipCode=10001"
        shown = (await shop.web.get(f"/api/carts/{cart['id']}?{query}")).json()
        body = GUEST | {"shippingMethod": method}
        order = (await shop.web.post(f"/api/carts/{cart['id']}/checkout", body)).json()
        assert shown["shipping"] > 0
        assert (shown["shipping"], shown["tax"], shown["total"]) == (
            order["shippingCost"],
            order["tax"],
            order["amountDue"],
        )

    async def test_rejects_a_place_that_is_none(self, shop: Shop) -> None:
        cart = await _filled(shop.web, KIBBLE_BAG)
        answer = await shop.web.get(f"/api/carts/{cart['id']}?state=York&zipCode=1")
        assert answer.status == 400


class TestPromotions:
    async def test_take_their_share_off_an_order(self, shop: Shop) -> None:
        await _promote(shop, code="TEN", kind="percent", percent=10)
        cart = await _filled(shop.web, KIBBLE_BAG)
        shown = (await shop.web.get(f"/api/carts/{cart['id']}?promotionCode=ten")).json()
        assert (shown["discount"], shown["total"]) == (6.0, 53.98)
        body = GUEST | {"promotionCode": "TEN"}
        order = (await shop.web.post(f"/api/carts/{cart['id']}/checkout", body)).json()
        assert (order["totalAmount"], order["discount"], order["amountDue"]) == (59.98, 6.0, 53.98)

    async def test_free_the_cheapest_of_three(self, shop: Shop) -> None:
        await _promote(
            shop,
            code="3FOR2",
            kind="buy_x_get_y",
            buyProductId=CHEW_TOY,
            getProductId=CHEW_TOY,
            buyQuantity=2,
        )
        cart = await _filled(shop.web, CHEW_TOY, quantity=7)
        shown = (await shop.web.get(f"/api/carts/{cart['id']}?promotionCode=3FOR2")).json()
        assert shown["discount"] == 15.0

    async def test_are_used_as_often_as_they_say_also_in_a_race(self, shop: Shop) -> None:
        await _promote(shop, code="FIRST", kind="amount", amount=5, maxUses=2)
        carts = [await _filled(shop.web, KIBBLE_BAG, quantity=1) for _ in range(5)]
        body = GUEST | {"promotionCode": "FIRST"}
        answers = await asyncio.gather(
            *(shop.web.post(f"/api/carts/{cart['id']}/checkout", body) for cart in carts)
        )
        assert sorted(answer.status for answer in answers) == [201, 201, 409, 409, 409]
        assert shop.stock.left[KIBBLE_BAG] == 8

    async def test_are_refused_outside_their_window_or_below_their_minimum(
        self, shop: Shop
    ) -> None:
        await _promote(shop, code="LATER", kind="amount", amount=5, startsAt="2030-01-01T00:00:00Z")
        await _promote(shop, code="BIG", kind="amount", amount=5, minimum=100)
        cart = await _filled(shop.web, KIBBLE_BAG)
        for code in ("LATER", "BIG", "NONE"):
            answer = await shop.web.get(f"/api/carts/{cart['id']}?promotionCode={code}")
            assert (answer.status, answer.json()["code"]) == (409, "promotion-refused")

    async def test_are_made_and_ended_by_staff_alone(self, shop: Shop) -> None:
        body = {"code": "TEN", "kind": "percent", "description": "Ten off", "percent": 10}
        assert (await shop.customer.post("/api/promotions", body)).status == 403
        assert (await shop.staff.post("/api/promotions", body)).status == 201
        assert (await shop.staff.post("/api/promotions", body)).status == 409
        assert (await shop.staff.delete("/api/promotions/TEN")).status == 204
        assert (await shop.web.get("/api/promotions/TEN")).status == 404

    async def test_are_started_by_those_who_set_prices_not_by_those_who_answer_customers(
        self, shop: Shop
    ) -> None:
        body = {"code": "TEN", "kind": "percent", "description": "Ten off", "percent": 10}
        support, merchandiser = (
            shop.web.with_scopes(*scopes_of([role])) for role in ("support", "merchandiser")
        )
        assert (await support.post("/api/promotions", body)).status == 403
        assert (await merchandiser.post("/api/promotions", body)).status == 201
        assert (await support.delete("/api/promotions/TEN")).status == 403
        assert (await merchandiser.delete("/api/promotions/TEN")).status == 204

    async def test_that_give_nothing_are_refused(self, shop: Shop) -> None:
        for kind, pointer in (
            ("percent", "/percent"),
            ("amount", "/amount"),
            ("buy_x_get_y", "/buyProductId"),
        ):
            body = {"code": "NIL", "kind": kind, "description": "Nothing"}
            assert (await shop.staff.post("/api/promotions", body)).pointers() == {pointer}


async def _promote(shop: Shop, **fields: object) -> None:
    answer = await shop.staff.post("/api/promotions", {"description": "An offer", **fields})
    assert answer.status == 201, answer.body
