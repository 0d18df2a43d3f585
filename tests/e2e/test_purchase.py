"""The purchase: from the order to the parcel at the door, and every way that money can go wrong."""

from __future__ import annotations

import asyncio

from tests.fixtures.shopping import ADDRESS, Shop, order


async def test_a_purchase_ends_delivered_with_messages_and_a_timeline(shop: Shop) -> None:
    buyer = await shop.register()
    product = await shop.product(stock=10)
    placed = await shop.placed(buyer, (product, 2))
    await shop.order_is(placed["id"], "DELIVERED", within=30)
    await shop.inbox_has(buyer, ["order_confirmed", "order_shipped", "order_delivered"])
    timeline = await shop.timeline(placed["id"])
    steps = ["order.placed", "payment.processed", "order.confirmed", "order.shipped"]
    assert [step for step in timeline if step in steps] == steps
    assert timeline[-1] == "order.delivered"
    assert await shop.stock(product["id"]) == (8, 0, 8)


async def test_a_new_order_has_the_fields_of_the_contract(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product()
    answer = await buyer.live.post("/api/orders", order(buyer.id, (product, 2)))
    assert answer.status == 201
    placed = answer.json()
    assert answer.headers["location"] == f"/api/orders/{placed['id']}"
    assert placed["userId"] == buyer.id
    assert placed["totalAmount"] == 39.98
    assert placed["amountDue"] == 39.98
    assert (placed["status"], placed["paymentStatus"]) == ("PENDING", "PENDING")
    assert placed["shippingAddress"] == ADDRESS
    assert placed["paymentMethod"] == "CreditCard"
    assert placed["holdExpiresAt"] > placed["createdAt"]
    for name in ("createdAt", "updatedAt", "holdExpiresAt"):
        assert placed[name].endswith("Z")
    (item,) = placed["items"]
    assert item["id"]
    assert (item["productId"], item["quantity"], item["price"]) == (product["id"], 2, 19.99)
    assert b'"totalAmount":39.98' in answer.body


async def test_a_declined_payment_leaves_the_order_waiting_for_another(shop: Shop) -> None:
    buyer = await shop.register()
    product = await shop.product(stock=5)
    placed = await shop.placed(buyer, (product, 1), paymentToken="tok_declined")
    seen = await shop.order_when(placed["id"], lambda o: o["paymentStatus"] == "FAILED")
    assert seen["status"] == "PENDING"
    await shop.inbox_has(buyer, ["payment_failed"])
    body = {"orderId": placed["id"], "paymentMethod": "CreditCard"}
    broke = await buyer.live.post(
        "/api/payments", body | {"paymentToken": "tok_insufficient_funds"}
    )
    assert broke.status == 402
    assert broke.headers["content-type"] == "application/problem+json"
    assert broke.json()["declineCode"] == "insufficient_funds"
    paid = await buyer.live.post("/api/payments", body | {"paymentToken": "tok_ok"})
    assert paid.status == 201
    assert (paid.json()["status"], paid.json()["amount"]) == ("PAID", 19.99)
    again = await buyer.live.post("/api/payments", body)
    assert again.status == 409
    assert again.json()["payment"]["id"] == paid.json()["id"]
    await shop.order_is(placed["id"], "CONFIRMED", "SHIPPED", "DELIVERED")
    assert [p["status"] for p in await shop.payments(placed["id"])] == ["PAID", "FAILED", "FAILED"]


async def test_a_lost_answer_is_reconciled_and_charges_once(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product()
    placed = await shop.placed(buyer, (product, 1), paymentToken="tok_timeout")
    await shop.order_is(placed["id"], "CONFIRMED", "SHIPPED", "DELIVERED", within=40)
    (payment,) = await shop.payments(placed["id"])
    assert payment["status"] == "PAID"


async def test_a_provider_that_errs_twice_is_asked_again(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product()
    placed = await shop.placed(buyer, (product, 1), paymentToken="tok_error")
    await shop.order_is(placed["id"], "CONFIRMED", "SHIPPED", "DELIVERED", within=40)
    (payment,) = await shop.payments(placed["id"])
    assert payment["status"] == "PAID"


async def test_paypal_is_taken_by_the_sandbox(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product()
    paid = await shop.paid(buyer, (product, 1), paymentMethod="PayPal")
    (payment,) = await shop.payments(paid["id"])
    assert payment["paymentMethod"] == "PayPal"


async def test_fifty_buyers_of_ten_units_buy_exactly_ten(shop: Shop) -> None:
    product = await shop.product(stock=10)
    buyers = [shop.buyer() for _ in range(50)]
    answers = await asyncio.gather(
        *(b.live.post("/api/orders", order(b.id, (product, 1))) for b in buyers)
    )
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [201] * 10 + [409] * 40
    refused = next(answer for answer in answers if answer.status == 409).json()
    (line,) = refused["items"]
    assert line["productId"] == product["id"]
    await shop.has_stock(product["id"], 0, 0, 0)


async def test_twenty_posts_with_one_key_make_one_order(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product(stock=100)
    body = order(buyer.id, (product, 1))
    headers = {"idempotency-key": shop.new_id()}
    answers = await asyncio.gather(
        *(buyer.live.post("/api/orders", body, headers) for _ in range(20))
    )
    assert {answer.status for answer in answers} <= {201, 409}
    made = {answer.json()["id"] for answer in answers if answer.status == 201}
    assert len(made) == 1
    again = await buyer.live.post("/api/orders", body, headers)
    assert (again.status, again.json()["id"]) == (201, made.pop())
    assert len((await buyer.live.get("/api/orders")).json()) == 1
    await shop.has_stock(product["id"], 99, 0, 99)


async def test_a_key_with_another_body_is_refused(shop: Shop) -> None:
    buyer = shop.buyer()
    product = await shop.product()
    headers = {"idempotency-key": shop.new_id()}
    first = await buyer.live.post("/api/orders", order(buyer.id, (product, 1)), headers)
    other = await buyer.live.post("/api/orders", order(buyer.id, (product, 2)), headers)
    assert (first.status, other.status) == (201, 422)
    assert other.headers["content-type"] == "application/problem+json"


async def test_a_key_is_the_callers_own(shop: Shop) -> None:
    one, two = shop.buyer(), shop.buyer()
    product = await shop.product()
    headers = {"idempotency-key": shop.new_id()}
    first = await one.live.post("/api/orders", order(one.id, (product, 1)), headers)
    second = await two.live.post("/api/orders", order(two.id, (product, 1)), headers)
    assert (first.status, second.status) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
