"""Carts of guests and customers, their merging, promotions, and the checkout."""

from __future__ import annotations

import asyncio
import re
from email import message_from_string
from email.policy import default

import pytest

from tests.fixtures.eventually import eventually
from tests.fixtures.live import Called, Live
from tests.fixtures.shopping import ADDRESS, Json, Shop

CHECKOUT: Json = {"shippingAddress": ADDRESS, "paymentMethod": "CreditCard"}


async def cart_of(live: Live, *lines: tuple[Json, int]) -> Json:
    """Return a new cart with these lines."""
    cart: Json = (await live.post("/api/carts", {})).json()
    for product, quantity in lines:
        path = f"/api/carts/{cart['id']}/items/{product['id']}"
        answer = await live.put(path, {"quantity": quantity})
        assert answer.status == 200, answer
        cart = answer.json()
    return cart


async def test_a_guest_fills_a_cart_orders_it_and_follows_the_order(shop: Shop) -> None:
    product = await shop.product(stock=5)
    made = await shop.nobody.post("/api/carts")
    assert made.status == 201
    cart_id = made.json()["id"]
    assert made.headers["location"] == f"/api/carts/{cart_id}"
    item = f"/api/carts/{cart_id}/items/{product['id']}"
    filled = (await shop.nobody.put(item, {"quantity": 2})).json()
    (line,) = filled["items"]
    assert (line["productId"], line["name"]) == (product["id"], product["name"])
    assert (line["quantity"], line["price"], line["lineTotal"]) == (2, 19.99, 39.98)
    amounts = {k: filled[k] for k in ("subtotal", "tax", "shipping", "discount", "total")}
    assert amounts == {
        "subtotal": 39.98,
        "tax": 0.0,
        "shipping": 0.0,
        "discount": 0.0,
        "total": 39.98,
    }
    path = f"/api/carts/{cart_id}/checkout"
    nameless = await shop.nobody.post(path, CHECKOUT)
    assert nameless.status == 400
    assert nameless.pointers() == {"/email"}
    placed = await shop.nobody.post(path, CHECKOUT | {"email": "guest@example.com"})
    assert placed.status == 201
    order = placed.json()
    guest = shop.nobody.with_token(order["accessToken"])
    mine = await guest.get(f"/api/orders/{order['id']}")
    assert (mine.status, mine.json()["email"]) == (200, "guest@example.com")
    assert (await shop.nobody.get(f"/api/orders/{order['id']}")).status == 401
    await shop.order_is(order["id"], "DELIVERED", within=30)
    assert len((await guest.get(f"/api/shipping?orderId={order['id']}")).json()) == 1
    assert len((await guest.get(f"/api/payments?orderId={order['id']}")).json()) == 1


async def test_a_guests_mail_opens_the_order_on_any_device(shop: Shop, either: Called) -> None:
    product = await shop.product(stock=5)
    cart = await cart_of(shop.nobody, (product, 1))
    terms = CHECKOUT | {"email": "elsewhere@example.com"}
    order = (await shop.nobody.post(f"/api/carts/{cart['id']}/checkout", terms)).json()

    async def links() -> list[str]:
        mails = [mail.read_text() for mail in either.data_dir.rglob("outbox/email/**/*.eml")]
        found = (re.search(rf"/orders/{order['id']}#token=([\w.-]+)", told(mail)) for mail in mails)
        return [link[1] for link in found if link]

    token, *_ = await eventually(links, until=bool, within=30)
    opened = await shop.nobody.with_token(token).get(f"/api/orders/{order['id']}")
    assert opened.json()["email"] == "elsewhere@example.com"


def told(mail: str) -> str:
    """Return the text of an e-mail."""
    body = message_from_string(mail, policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_a_guest_may_pay_again_with_the_order_token(shop: Shop) -> None:
    product = await shop.product(stock=5)
    cart = await cart_of(shop.nobody, (product, 1))
    terms = CHECKOUT | {"email": "guest@example.com", "paymentToken": "tok_declined"}
    order = (await shop.nobody.post(f"/api/carts/{cart['id']}/checkout", terms)).json()
    await shop.order_when(order["id"], lambda o: o["paymentStatus"] == "FAILED")
    guest = shop.nobody.with_token(order["accessToken"])
    body = {"orderId": order["id"], "paymentMethod": "CreditCard"}
    assert (await guest.post("/api/payments", body)).status == 201


async def test_a_guests_token_reaches_nothing_else(shop: Shop) -> None:
    product = await shop.product(stock=5)
    other = await shop.placed(shop.buyer(), (product, 1))
    cart = await cart_of(shop.nobody, (product, 1))
    terms = CHECKOUT | {"email": "guest@example.com"}
    order = (await shop.nobody.post(f"/api/carts/{cart['id']}/checkout", terms)).json()
    guest = shop.nobody.with_token(order["accessToken"])
    assert (await guest.get(f"/api/orders/{other['id']}")).status == 404
    assert (await guest.post(f"/api/orders/{other['id']}/cancel")).status == 404
    assert (await guest.get("/api/orders")).status == 403
    assert (await guest.get("/api/notifications")).status == 403
    assert (await guest.post("/api/products", {})).status == 403


async def test_checkouts_at_the_same_time_make_one_order(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product(stock=50)
    cart = await cart_of(buyer.live, (product, 2))
    path = f"/api/carts/{cart['id']}/checkout"
    answers = await asyncio.gather(*(buyer.live.post(path, CHECKOUT) for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    again = await buyer.live.post(path, CHECKOUT)
    assert (again.status, again.json()["id"]) == (201, answers[0].json()["id"])
    await shop.has_stock(product["id"], 48, 0, 48)
    change = await buyer.live.put(f"/api/carts/{cart['id']}/items/{product['id']}", {"quantity": 1})
    assert change.status == 409


async def test_an_empty_cart_is_not_ordered(shop: Shop) -> None:
    cart = await cart_of(shop.nobody)
    answer = await shop.nobody.post(
        f"/api/carts/{cart['id']}/checkout", CHECKOUT | {"email": "guest@example.com"}
    )
    assert answer.status == 409


async def test_a_sold_out_line_says_so_and_cannot_be_ordered(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product(stock=1)
    cart = await cart_of(buyer.live, (product, 2))
    (line,) = cart["items"]
    assert line["problem"]["available"] == 1
    answer = await buyer.live.post(f"/api/carts/{cart['id']}/checkout", CHECKOUT)
    assert answer.status == 409
    (short,) = answer.json()["items"]
    assert short["productId"] == product["id"]
    fixed = await buyer.live.put(f"/api/carts/{cart['id']}/items/{product['id']}", {"quantity": 1})
    assert "problem" not in fixed.json()["items"][0]
    assert (await buyer.live.post(f"/api/carts/{cart['id']}/checkout", CHECKOUT)).status == 201


async def test_a_cart_shows_todays_price(shop: Shop) -> None:
    product = await shop.product(stock=5)
    cart = await cart_of(shop.nobody, (product, 3))
    await shop.staff.patch(f"/api/products/{product['id']}", {"price": 5.01})
    seen = (await shop.nobody.get(f"/api/carts/{cart['id']}")).json()
    assert (seen["items"][0]["price"], seen["subtotal"]) == (5.01, 15.03)


async def test_a_line_can_be_changed_and_taken_out(shop: Shop) -> None:
    one, two = await shop.product(), await shop.product()
    cart = await cart_of(shop.nobody, (one, 1), (two, 2), (one, 4))
    assert [(i["productId"], i["quantity"]) for i in cart["items"]] == [
        (one["id"], 4),
        (two["id"], 2),
    ]
    path = f"/api/carts/{cart['id']}"
    left = await shop.nobody.delete(f"{path}/items/{one['id']}")
    assert (left.status, [i["productId"] for i in left.json()["items"]]) == (200, [two["id"]])
    assert (await shop.nobody.delete(path)).status == 204
    assert (await shop.nobody.get(path)).status == 404


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "2", True, None, 10**9, 2**63, [1]])
async def test_refuses_a_quantity_that_is_none(shop: Shop, quantity: object) -> None:
    product = await shop.product()
    cart = await cart_of(shop.nobody)
    path = f"/api/carts/{cart['id']}/items/{product['id']}"
    answer = await shop.nobody.put(path, {"quantity": quantity})
    assert answer.status == 400
    assert answer.pointers() == {"/quantity"}


async def test_an_unknown_product_is_not_put_into_a_cart(shop: Shop) -> None:
    cart = await cart_of(shop.nobody)
    path = f"/api/carts/{cart['id']}/items/{shop.new_id()}"
    assert (await shop.nobody.put(path, {"quantity": 1})).status == 404


async def test_a_guests_cart_is_merged_at_sign_in(shop: Shop) -> None:
    buyer = shop.buyer()
    one, two = await shop.product(), await shop.product()
    guests = await cart_of(shop.nobody, (one, 2), (two, 1))
    mine = await cart_of(buyer.live, (one, 1))
    path = f"/api/carts/{mine['id']}/merge"
    assert (await shop.nobody.post(path, {"cartId": guests["id"]})).status == 401
    merged = await buyer.live.post(path, {"cartId": guests["id"]})
    assert merged.status == 200
    units = {i["productId"]: i["quantity"] for i in merged.json()["items"]}
    assert units == {one["id"]: 2, two["id"]: 1}  # the larger number stays
    left = await shop.nobody.get(f"/api/carts/{guests['id']}")
    assert left.json()["items"] == []


async def test_a_customers_cart_is_nobody_elses(shop: Shop) -> None:
    owner, other = shop.buyer(), shop.buyer()
    product = await shop.product()
    cart = await cart_of(owner.live, (product, 1))
    path = f"/api/carts/{cart['id']}"
    for stranger in (shop.nobody, other.live):
        assert (await stranger.get(path)).status == 404
        assert (await stranger.delete(path)).status == 404
        item = f"{path}/items/{product['id']}"
        assert (await stranger.put(item, {"quantity": 1})).status == 404
        checkout = CHECKOUT | {"email": "thief@example.com"}
        assert (await stranger.post(f"{path}/checkout", checkout)).status == 404
    theirs = await cart_of(other.live)
    stolen = await other.live.post(f"/api/carts/{theirs['id']}/merge", {"cartId": cart["id"]})
    assert stolen.status == 404


class TestPromotions:
    """What a code takes off."""

    async def discount(self, shop: Shop, promotion: Json, *lines: tuple[Json, int]) -> float:
        """Start a promotion and return what a cart with these lines would save, and then saves."""
        code = shop.word("SAVE").upper()
        body = {"code": code, "description": "A test"} | promotion
        started = await shop.staff.post("/api/promotions", body)
        assert started.status == 201, started
        buyer = shop.buyer()
        cart = await cart_of(buyer.live, *lines)
        path = f"/api/carts/{cart['id']}"
        seen = (await buyer.live.get(f"{path}?promotionCode={code}")).json()
        order = await buyer.live.post(f"{path}/checkout", CHECKOUT | {"promotionCode": code})
        assert order.status == 201, order
        placed = order.json()
        assert placed["discount"] == seen["discount"]
        assert placed["amountDue"] == seen["total"]
        discount: float = seen["discount"]
        return discount

    async def test_per_cent(self, shop: Shop) -> None:
        product = await shop.product(price=9.99)
        promotion = {"kind": "percent", "percent": 15}
        assert await self.discount(shop, promotion, (product, 3)) == 4.5

    async def test_an_amount_is_at_most_what_the_cart_costs(self, shop: Shop) -> None:
        product = await shop.product(price=10)
        promotion = {"kind": "amount", "amount": 4.5}
        assert await self.discount(shop, promotion, (product, 1)) == 4.5
        assert await self.discount(shop, promotion | {"amount": 99}, (product, 1)) == 10.0

    async def test_buy_x_get_y(self, shop: Shop) -> None:
        bought, given = await shop.product(price=10), await shop.product(price=3)
        promotion = {
            "kind": "buy_x_get_y",
            "buyProductId": bought["id"],
            "buyQuantity": 2,
            "getProductId": given["id"],
            "getQuantity": 1,
        }
        assert await self.discount(shop, promotion, (bought, 5), (given, 3)) == 6.0

    async def test_limits_hold_when_many_order_at_once(self, shop: Shop) -> None:
        code = shop.word("RACE").upper()
        body = {
            "code": code,
            "kind": "amount",
            "amount": 1,
            "description": "the first three",
            "maxUses": 3,
        }
        assert (await shop.staff.post("/api/promotions", body)).status == 201
        product = await shop.product(stock=50)
        buyers = [shop.buyer() for _ in range(12)]
        carts = [await cart_of(buyer.live, (product, 1)) for buyer in buyers]
        answers = await asyncio.gather(
            *(
                buyer.live.post(
                    f"/api/carts/{cart['id']}/checkout", CHECKOUT | {"promotionCode": code}
                )
                for buyer, cart in zip(buyers, carts, strict=True)
            )
        )
        assert sorted(answer.status for answer in answers) == [201] * 3 + [409] * 9
        seen = (await shop.nobody.get(f"/api/promotions/{code}")).json()
        assert seen["uses"] == 3

    async def test_a_window_that_is_over_or_a_minimum_that_is_missed_refuses(
        self, shop: Shop
    ) -> None:
        buyer = shop.buyer()
        product = await shop.product(price=10)
        over = {
            "startsAt": "2020-01-01T00:00:00Z",
            "endsAt": "2020-02-01T00:00:00Z",
            "kind": "percent",
            "percent": 50,
        }
        minimum = {"kind": "percent", "percent": 50, "minimum": 10.01}
        for promotion in (over, minimum):
            code = shop.word("NO").upper()
            body = {"code": code, "description": "A test"} | promotion
            assert (await shop.staff.post("/api/promotions", body)).status == 201
            cart = await cart_of(buyer.live, (product, 1))
            refused = await buyer.live.post(
                f"/api/carts/{cart['id']}/checkout", CHECKOUT | {"promotionCode": code}
            )
            assert refused.status == 409

    async def test_an_ended_promotion_is_gone(self, shop: Shop) -> None:
        code = shop.word("GONE").upper()
        body = {"code": code, "kind": "percent", "percent": 5, "description": "short"}
        assert (await shop.staff.post("/api/promotions", body)).status == 201
        assert (await shop.staff.post("/api/promotions", body)).status == 409
        assert (await shop.nobody.get(f"/api/promotions/{code.lower()}")).status == 200
        assert (await shop.staff.delete(f"/api/promotions/{code}")).status == 204
        assert (await shop.nobody.get(f"/api/promotions/{code}")).status == 404
