"""What happens to an order that was paid: refunds, cancelling, returns, what staff may set."""

from __future__ import annotations

import asyncio

import pytest

from tests.fixtures.eventually import eventually
from tests.fixtures.http import Answer
from tests.fixtures.shopping import Buyer, Json, Shop


async def refund(shop: Shop, payment_id: str, **body: object) -> Answer:
    return await shop.staff.post(f"/api/payments/{payment_id}/refund", body)


async def refunded(shop: Shop, order_id: str, status: str, amount: float) -> Json:
    """Wait until the order shows this much money back."""
    return await shop.order_when(
        order_id, lambda o: (o["paymentStatus"], o["refundedAmount"]) == (status, amount)
    )


async def paid(shop: Shop, units: int = 2, stock: int = 10) -> tuple[Buyer, Json, Json, str]:
    """Return a registered buyer, a product, the paid order and its payment's id."""
    buyer = await shop.register()
    product = await shop.product(stock=stock)
    order = await shop.paid(buyer, (product, units))
    (payment,) = await shop.payments(order["id"])
    return buyer, product, order, payment["id"]


async def test_refunds_in_parts_then_whole_reach_order_and_customer(slow_shop: Shop) -> None:
    buyer, _, order, payment_id = await paid(slow_shop)
    first = await refund(slow_shop, payment_id, amount=10.5, reason="a torn bag")
    assert first.status == 201
    assert (first.json()["amount"], first.json()["paymentId"]) == (10.5, payment_id)
    seen = await refunded(slow_shop, order["id"], "PARTIALLY_REFUNDED", 10.5)
    assert seen["status"] == "CONFIRMED"
    await slow_shop.inbox_has(buyer, ["order_refunded"])
    too_much = await refund(slow_shop, payment_id, amount=29.49)
    assert too_much.status == 409
    assert "29.48" in too_much.body.decode()
    rest = await refund(slow_shop, payment_id)
    assert (rest.status, rest.json()["amount"]) == (201, 29.48)
    seen = await refunded(slow_shop, order["id"], "REFUNDED", 39.98)
    assert seen["status"] == "REFUNDED"
    (payment,) = await slow_shop.payments(order["id"])
    assert (payment["status"], payment["refundedAmount"]) == ("REFUNDED", 39.98)
    assert (await refund(slow_shop, payment_id)).status == 409
    timeline = await slow_shop.timeline(order["id"])
    assert timeline.count("payment.refunded") == 2


async def test_racing_refunds_never_give_back_more_than_was_paid(slow_shop: Shop) -> None:
    _, _, order, payment_id = await paid(slow_shop)
    answers = await asyncio.gather(*(refund(slow_shop, payment_id, amount=10.0) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [201] * 3 + [409] * 7
    await refunded(slow_shop, order["id"], "PARTIALLY_REFUNDED", 30.0)


@pytest.mark.parametrize("amount", [0, -1, 0.001, 1e12, "5", True, None, [5]])
async def test_refuses_an_amount_that_is_none(slow_shop: Shop, amount: object) -> None:
    _, _, _, payment_id = await paid(slow_shop)
    answer = await refund(slow_shop, payment_id, amount=amount)
    if amount is None:
        assert answer.status == 201
    else:
        assert answer.status == 400
        assert answer.pointers() == {"/amount"}


async def test_cancelling_a_paid_order_refunds_it_and_voids_its_label(slow_shop: Shop) -> None:
    buyer, product, order, _ = await paid(slow_shop, units=3)

    async def shipments() -> list[Json]:
        found = await buyer.live.get(f"/api/shipping?orderId={order['id']}")
        result: list[Json] = found.json()
        return result

    await eventually(shipments, until=lambda seen: seen and seen[0]["trackingNumber"])
    await slow_shop.has_stock(product["id"], 7, 0, 7)
    cancelled = await buyer.live.post(
        f"/api/orders/{order['id']}/cancel", {"reason": "ordered twice"}
    )
    assert (cancelled.status, cancelled.json()["status"]) == (200, "CANCELLED")
    await refunded(slow_shop, order["id"], "REFUNDED", 59.97)
    assert (await slow_shop.order(order["id"]))["status"] == "CANCELLED"
    await slow_shop.has_stock(product["id"], 10, 0, 10)
    seen = await eventually(shipments, until=lambda s: s[0]["status"] in ("VOIDED", "CANCELLED"))
    assert len(seen) == 1
    await slow_shop.inbox_has(buyer, ["order_confirmed", "order_cancelled", "order_refunded"])
    again = await buyer.live.post(f"/api/orders/{order['id']}/cancel")
    assert again.status == 409
    assert again.json()["currentStatus"] == "CANCELLED"


async def test_a_whole_refund_before_the_parcel_left_voids_its_label_and_restocks(
    slow_shop: Shop,
) -> None:
    buyer, product, order, payment_id = await paid(slow_shop, units=3)

    async def shipments() -> list[Json]:
        found = await buyer.live.get(f"/api/shipping?orderId={order['id']}")
        result: list[Json] = found.json()
        return result

    await eventually(shipments, until=lambda seen: seen and seen[0]["trackingNumber"])
    assert (await refund(slow_shop, payment_id)).status == 201
    seen = await refunded(slow_shop, order["id"], "REFUNDED", 59.97)
    assert seen["status"] == "REFUNDED"
    await slow_shop.has_stock(product["id"], 10, 0, 10)
    await eventually(shipments, until=lambda s: s[0]["status"] in ("VOIDED", "CANCELLED"))
    await slow_shop.inbox_has(buyer, ["order_confirmed", "order_refunded"])


async def test_cancelling_an_unpaid_order_gives_its_stock_back(slow_shop: Shop) -> None:
    buyer = slow_shop.buyer()
    product = await slow_shop.product(stock=4)
    placed = await slow_shop.placed(buyer, (product, 4), paymentToken="tok_declined")
    await slow_shop.order_when(placed["id"], lambda o: o["paymentStatus"] == "FAILED")
    assert await slow_shop.stock(product["id"]) == (4, 4, 0)
    cancelled = await buyer.live.post(f"/api/orders/{placed['id']}/cancel")
    assert (cancelled.status, cancelled.json()["status"]) == (200, "CANCELLED")
    await slow_shop.has_stock(product["id"], 4, 0, 4)
    body = {"orderId": placed["id"], "paymentMethod": "CreditCard"}

    async def pay() -> Answer:
        return await buyer.live.post("/api/payments", body)

    answer = await eventually(pay, until=lambda seen: seen.status == 409)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_money_that_comes_after_cancelling_goes_back_by_itself(slow_shop: Shop) -> None:
    buyer = slow_shop.buyer()
    product = await slow_shop.product(stock=3)
    placed = await slow_shop.placed(buyer, (product, 1), paymentToken="tok_timeout")
    cancelled = await buyer.live.post(f"/api/orders/{placed['id']}/cancel")
    assert cancelled.status == 200

    async def payments() -> list[Json]:
        return await slow_shop.payments(placed["id"])

    def no_money_is_kept(seen: list[Json]) -> bool:
        return all(payment["status"] in ("FAILED", "REFUNDED") for payment in seen)

    await eventually(payments, until=no_money_is_kept, within=45)
    assert (await slow_shop.order(placed["id"]))["status"] == "CANCELLED"
    await slow_shop.has_stock(product["id"], 3, 0, 3)


async def test_a_delivered_order_can_be_sent_back(shop: Shop) -> None:
    buyer, _, order, _ = await paid(shop)
    early = await buyer.live.post(f"/api/orders/{order['id']}/returns", {"reason": "too soon"})
    if early.status != 200:
        assert early.status == 409
        await shop.order_is(order["id"], "DELIVERED", within=30)
        late = await buyer.live.post(f"/api/orders/{order['id']}/cancel")
        assert (late.status, late.json()["currentStatus"]) == (409, "DELIVERED")
        back = await buyer.live.post(
            f"/api/orders/{order['id']}/returns", {"reason": "my cat hates it"}
        )
        assert (back.status, back.json()["status"]) == (200, "RETURNED")
    await refunded(shop, order["id"], "REFUNDED", 39.98)
    await shop.order_is(order["id"], "REFUNDED")
    await shop.inbox_has(buyer, ["order_returned", "order_refunded"])


async def test_staff_may_ship_deliver_and_cancel_but_nothing_else(slow_shop: Shop) -> None:
    _, _, order, _ = await paid(slow_shop)
    path = f"/api/orders/{order['id']}"

    async def set_status(status: object) -> int:
        return (await slow_shop.staff.patch(path, {"status": status})).status

    for refused in ("PENDING", "CONFIRMED", "REFUNDED", "RETURNED", "DELIVERED", "LOST", "shipped"):
        assert await set_status(refused) == 409, refused
    assert await set_status(7) == 400
    assert await set_status("SHIPPED") == 200
    assert await set_status("CANCELLED") == 409
    assert await set_status("DELIVERED") == 200
    assert await set_status("SHIPPED") == 409
    assert (await slow_shop.order(order["id"]))["status"] == "DELIVERED"


async def test_an_order_history_is_paged_newest_first(slow_shop: Shop) -> None:
    buyer = slow_shop.buyer()
    product = await slow_shop.product(stock=10)
    made = [(await slow_shop.placed(buyer, (product, 1)))["id"] for _ in range(5)]
    await slow_shop.order_is(made[0], "CONFIRMED")
    seen: list[str] = []
    path = f"/api/orders?userId={buyer.id}&limit=2"
    for _ in range(4):
        answer = await buyer.live.get(path)
        seen += [order["id"] for order in answer.json()]
        link = answer.headers.get("link")
        if link is None:
            break
        path = link.partition("<")[2].partition(">")[0]
        assert link.endswith('rel="next"')
    assert seen == made[::-1]
    confirmed = await buyer.live.get("/api/orders?status=CANCELLED")
    assert confirmed.json() == []
    for query in ("status=LOST", "limit=0", "limit=101", "limit=x", "cursor=x"):
        assert (await buyer.live.get(f"/api/orders?{query}")).status == 400, query
