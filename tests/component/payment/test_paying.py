"""POST /api/payments: pay an order, also after a failure."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kibble.kernel.ids import OrderId
from tests.component.payment.shop import CUSTOMER, Shop
from tests.fixtures.eventually import eventually

STRANGER = "0193c1a0-0000-7000-8000-0000000000c2"


def body(order_id: str, token: str | None = None, **other: object) -> dict[str, Any]:
    """Return a request to pay an order."""
    sent: dict[str, Any] = {"orderId": order_id, "paymentMethod": "CreditCard", **other}
    return sent | ({"paymentToken": token} if token else {})


async def declined(shop: Shop) -> OrderId:
    """Place an order whose first payment fails."""
    order_id = await shop.place(token="tok_declined")
    await shop.until_status(order_id, "FAILED")
    return order_id


class TestRetry:
    """The customer pays again."""

    async def test_answers_201_with_the_payment_when_it_is_paid(self, live_shop: Shop) -> None:
        order_id = await declined(live_shop)
        answer = await live_shop.customer.post("/api/payments", body(order_id, "tok_ok"))
        assert answer.status == 201
        paid = answer.json()
        assert paid["status"] == "PAID"
        assert paid["amount"] == 45.99
        assert paid["orderId"] == order_id
        assert paid["refundedAmount"] == 0
        assert answer.headers["location"] == f"/api/payments/{paid['id']}"
        assert [one["status"] for one in await live_shop.payments(order_id)] == ["PAID", "FAILED"]

    async def test_answers_402_with_the_decline_code(self, live_shop: Shop) -> None:
        order_id = await declined(live_shop)
        sent = body(order_id, "tok_insufficient_funds")
        answer = await live_shop.customer.post("/api/payments", sent)
        assert answer.status == 402
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "insufficient_funds"
        assert answer.json()["declineCode"] == "insufficient_funds"

    async def test_finds_out_about_a_lost_answer_before_it_answers(self, live_shop: Shop) -> None:
        order_id = await declined(live_shop)
        answer = await live_shop.customer.post("/api/payments", body(order_id, "tok_timeout"))
        assert (answer.status, answer.json()["status"]) == (201, "PAID")

    async def test_takes_the_default_token_when_none_is_sent(self, live_shop: Shop) -> None:
        order_id = await declined(live_shop)
        assert (await live_shop.customer.post("/api/payments", body(order_id))).status == 201

    async def test_may_change_the_method(self, live_shop: Shop) -> None:
        order_id = await declined(live_shop)
        sent = body(order_id, "tok_ok") | {"paymentMethod": "PayPal"}
        answer = await live_shop.customer.post("/api/payments", sent)
        assert answer.json()["paymentMethod"] == "PayPal"

    async def test_makes_one_payment_of_twenty_at_once(self, live_shop: Shop) -> None:
        order_id = await declined(live_shop)
        answers = await asyncio.gather(
            *(live_shop.customer.post("/api/payments", body(order_id)) for _ in range(20))
        )
        assert sorted(answer.status for answer in answers) == [201] + [409] * 19
        books = await live_shop.books()
        assert len(books["provider"]["charges"]) == 1
        assert books["drift"] == []

    async def test_answers_the_same_under_the_same_key(self, live_shop: Shop) -> None:
        order_id = await declined(live_shop)
        key = {"idempotency-key": "k-1"}
        sent = body(order_id, "tok_declined")
        first = await live_shop.customer.post("/api/payments", sent, key)
        again = await live_shop.customer.post("/api/payments", sent, key)
        assert (first.status, again.status) == (402, 402)
        assert first.body == again.body
        assert len(await live_shop.payments(order_id)) == 2

    async def test_resumes_under_the_same_key_when_the_first_answer_was_never_kept(
        self, shop: Shop
    ) -> None:
        order_id = await shop.place(token="tok_declined")
        await shop.work()
        key = {"idempotency-key": "k-1"}
        waiting = asyncio.create_task(
            shop.customer.post("/api/payments", body(order_id, "tok_ok"), key)
        )
        await eventually(lambda: shop.payments(order_id), until=lambda seen: len(seen) == 2)
        waiting.cancel()
        shop.kill_and_start()
        await shop.work()
        answer = await shop.customer.post("/api/payments", body(order_id, "tok_ok"), key)
        assert (answer.status, answer.json()["status"]) == (201, "PAID")
        assert len(await shop.payments(order_id)) == 2


class TestExisting:
    """There is a payment that has not failed."""

    async def test_answers_409_with_the_payment_while_it_is_pending(self, shop: Shop) -> None:
        order_id = await shop.place()
        answer = await shop.customer.post("/api/payments", body(order_id))
        assert answer.status == 409
        assert answer.json()["code"] == "payment-exists"
        assert answer.json()["payment"]["status"] == "PENDING"
        assert answer.json()["payment"]["amount"] == 45.99

    async def test_answers_409_with_the_payment_when_it_is_paid(self, shop: Shop) -> None:
        order_id = await shop.place()
        await shop.work()
        answer = await shop.customer.post("/api/payments", body(order_id))
        assert (answer.status, answer.json()["payment"]["status"]) == (409, "PAID")

    async def test_waits_for_the_placed_order_to_arrive(self, live_shop: Shop) -> None:
        order_id = await live_shop.prepare()
        asking = asyncio.create_task(live_shop.customer.post("/api/payments", body(order_id)))
        await asyncio.sleep(0)
        await live_shop.deliver(live_shop.placed(order_id))
        assert (await asking).status == 409


class TestUndecided:
    """The outcome is not known in time."""

    async def test_answers_202_with_the_payment(self, shop: Shop) -> None:
        order_id = await shop.place(token="tok_declined")
        await shop.work()
        asking = asyncio.create_task(shop.customer.post("/api/payments", body(order_id)))
        await eventually(lambda: shop.payments(order_id), until=lambda seen: len(seen) == 2)
        shop.tick(10)
        answer = await asking
        assert (answer.status, answer.json()["status"]) == (202, "PENDING")

    async def test_answers_503_when_the_order_is_never_placed(self, shop: Shop) -> None:
        order_id = await shop.prepare()
        asking = asyncio.create_task(shop.customer.post("/api/payments", body(order_id)))
        await asyncio.sleep(0)
        shop.tick(10)
        answer = await asking
        assert answer.status == 503
        assert "retry-after" in answer.headers


class TestWho:
    """Who may pay, and see, whose payments."""

    async def test_a_guest_pays_with_the_orders_token(self, live_shop: Shop) -> None:
        order_id = await live_shop.place(token="tok_declined", customer=None)
        await live_shop.until_status(order_id, "FAILED")
        guest = live_shop.http.for_order(order_id)
        assert (await guest.post("/api/payments", body(order_id, "tok_ok"))).status == 201
        assert (await guest.get(f"/api/payments?orderId={order_id}")).status == 200

    async def test_an_order_is_unknown_to_whom_it_does_not_belong(self, shop: Shop) -> None:
        order_id = await shop.place()
        payment_id = (await shop.payment(order_id))["id"]
        other = await shop.place()
        for stranger in (shop.http.as_customer(STRANGER), shop.http.for_order(other)):
            assert (await stranger.post("/api/payments", body(order_id))).status == 404
            assert (await stranger.get(f"/api/payments?orderId={order_id}")).status == 404
            assert (await stranger.get(f"/api/payments/{payment_id}")).status == 404

    async def test_nobody_without_a_token(self, shop: Shop) -> None:
        order_id = await shop.place()
        assert (await shop.http.post("/api/payments", body(order_id))).status == 401
        assert (await shop.http.get(f"/api/payments?orderId={order_id}")).status == 401

    async def test_an_erased_customers_payments_are_seen_by_staff_alone(self, shop: Shop) -> None:
        order_id = await shop.place()
        payment_id = (await shop.payment(order_id))["id"]
        await shop.erase(CUSTOMER)
        assert (await shop.customer.get(f"/api/payments/{payment_id}")).status == 404
        assert (await shop.staff.get(f"/api/payments/{payment_id}")).status == 200

    async def test_the_owner_sees_a_payment(self, shop: Shop) -> None:
        order_id = await shop.place()
        payment_id = (await shop.payment(order_id))["id"]
        answer = await shop.customer.get(f"/api/payments/{payment_id}")
        assert answer.status == 200
        assert set(answer.json()) == {
            "id",
            "orderId",
            "amount",
            "currency",
            "status",
            "paymentMethod",
            "refundedAmount",
            "createdAt",
            "updatedAt",
            "refunds",
            "disputes",
        }


class TestInvalid:
    """Requests that are malformed, or about nothing."""

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"paymentMethod": "Cash"}, "/paymentMethod"),
            ({"paymentToken": ""}, "/paymentToken"),
            ({"paymentToken": "x" * 256}, "/paymentToken"),
            ({"amount": 1}, "/amount"),
            ({"orderId": 7}, "/orderId"),
        ],
    )
    async def test_answers_400_with_a_pointer(
        self, shop: Shop, change: dict[str, object], pointer: str
    ) -> None:
        order_id = await shop.place()
        answer = await shop.customer.post("/api/payments", body(order_id) | change)
        assert answer.status == 400
        assert answer.pointers() == {pointer}

    async def test_answers_400_to_a_card_number(self, shop: Shop) -> None:
        order_id = await shop.place(token="tok_declined")
        await shop.work()
        sent = body(order_id, "4242424242424242")
        answer = await shop.customer.post("/api/payments", sent)
        assert (answer.status, answer.pointers()) == (400, {"/paymentToken"})
        assert b"4242" not in answer.body

    async def test_answers_404_to_an_unknown_order(self, shop: Shop) -> None:
        unknown = "0193c1a0-0000-7000-8000-00000000ffff"
        assert (await shop.customer.post("/api/payments", body(unknown))).status == 404
        assert (await shop.staff.get(f"/api/payments?orderId={unknown}")).status == 404
        assert (await shop.staff.get(f"/api/payments/{unknown}")).status == 404
        assert (await shop.staff.get("/api/payments/7")).status == 404

    async def test_answers_400_to_a_list_of_no_order(self, shop: Shop) -> None:
        assert (await shop.staff.get("/api/payments")).status == 400
