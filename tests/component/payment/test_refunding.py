"""Money goes back: asked for by staff, or because the order is gone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kibble.contracts.payment import PaymentFailed, PaymentRefunded, RefundInitiated
from tests.component.payment.shop import Shop


async def paid(shop: Shop, cents: int = 4_599) -> str:
    """Place an order, let it be paid, and return its payment's id."""
    order_id = await shop.place(cents)
    await shop.work()
    payment: dict[str, Any] = await shop.payment(order_id)
    assert payment["status"] == "PAID"
    return str(payment["id"])


async def seen(shop: Shop, payment_id: str) -> dict[str, Any]:
    """Return a payment as staff sees it."""
    answer: dict[str, Any] = (await shop.staff.get(f"/api/payments/{payment_id}")).json()
    return answer


class TestRefund:
    """POST /api/payments/{id}/refund."""

    async def test_gives_everything_back_by_default(self, shop: Shop) -> None:
        payment_id = await paid(shop)
        answer = await shop.staff.post(f"/api/payments/{payment_id}/refund", {"reason": "damaged"})
        assert answer.status == 201
        claimed = answer.json()
        assert (claimed["amount"], claimed["status"]) == (45.99, "PENDING")
        await shop.work()
        payment = await seen(shop, payment_id)
        assert (payment["status"], payment["refundedAmount"]) == ("REFUNDED", 45.99)
        assert [refund["status"] for refund in payment["refunds"]] == ["SUCCEEDED"]
        books = await shop.books()
        assert [entry["amount"] for entry in books["provider"]["refunds"]] == [45.99]
        assert books["provider"] == books["ours"]
        assert books["drift"] == []

    async def test_tells_when_it_is_claimed_and_when_it_is_sent(self, shop: Shop) -> None:
        payment_id = await paid(shop)
        url = f"/api/payments/{payment_id}/refund"
        refund_id = (await shop.staff.post(url, {"amount": 10})).json()["id"]
        initiated = shop.published()[-1]
        assert isinstance(initiated, RefundInitiated)
        assert (initiated.refund_id, initiated.amount) == (refund_id, 1_000)
        await shop.work()
        refunded = shop.published()[-1]
        assert isinstance(refunded, PaymentRefunded)
        assert (refunded.refund_id, refunded.amount) == (refund_id, 1_000)
        assert (refunded.refunded_total, refunded.paid_total) == (1_000, 4_599)

    async def test_gives_parts_back_until_nothing_is_left(self, shop: Shop) -> None:
        payment_id = await paid(shop)
        url = f"/api/payments/{payment_id}/refund"
        assert (await shop.staff.post(url, {"amount": 40.0})).status == 201
        await shop.work()
        assert (await seen(shop, payment_id))["status"] == "PARTIALLY_REFUNDED"
        too_much = await shop.staff.post(url, {"amount": 6})
        assert (too_much.status, too_much.json()["left"]) == (409, 5.99)
        assert (await shop.staff.post(url, {"amount": 5.99})).status == 201
        await shop.work()
        assert (await seen(shop, payment_id))["status"] == "REFUNDED"
        assert (await shop.staff.post(url, {})).status == 409

    async def test_never_claims_more_than_the_charge_when_claims_race(self, shop: Shop) -> None:
        payment_id = await paid(shop, cents=1_000)
        url = f"/api/payments/{payment_id}/refund"
        answers = await asyncio.gather(*(shop.staff.post(url, {"amount": 1}) for _ in range(30)))
        assert sorted(answer.status for answer in answers) == [201] * 10 + [409] * 20
        await shop.work()
        payment = await seen(shop, payment_id)
        assert (payment["status"], payment["refundedAmount"]) == ("REFUNDED", 10)
        assert len((await shop.books())["provider"]["refunds"]) == 10

    async def test_claims_once_under_one_key(self, shop: Shop) -> None:
        payment_id = await paid(shop)
        url = f"/api/payments/{payment_id}/refund"
        key = {"idempotency-key": "k-1"}
        first = await shop.staff.post(url, {"amount": 1}, key)
        shop.kill_and_start()
        again = await shop.staff.post(url, {"amount": 1}, key)
        assert first.json() == again.json()
        assert len((await seen(shop, payment_id))["refunds"]) == 1

    @pytest.mark.parametrize("amount", [0, -1, 0.001, 1.999, "10", 1e12, True])
    async def test_answers_400_to_a_bad_amount(self, shop: Shop, amount: object) -> None:
        payment_id = await paid(shop)
        answer = await shop.staff.post(f"/api/payments/{payment_id}/refund", {"amount": amount})
        assert (answer.status, answer.pointers()) == (400, {"/amount"})

    async def test_answers_409_while_nothing_is_paid(self, shop: Shop) -> None:
        order_id = await shop.place()
        payment_id = (await shop.payment(order_id))["id"]
        answer = await shop.staff.post(f"/api/payments/{payment_id}/refund", {})
        assert (answer.status, answer.json()["paymentStatus"]) == (409, "PENDING")
        assert answer.json()["code"] == "not-refundable"

    async def test_needs_the_scope(self, shop: Shop) -> None:
        payment_id = await paid(shop)
        url = f"/api/payments/{payment_id}/refund"
        assert (await shop.customer.post(url, {})).status == 403
        assert (await shop.http.with_scopes("payments:read").post(url, {})).status == 403

    async def test_answers_404_to_an_unknown_payment(self, shop: Shop) -> None:
        url = "/api/payments/0193c1a0-0000-7000-8000-00000000ffff/refund"
        assert (await shop.staff.post(url, {})).status == 404


class TestGoneOrder:
    """The order was cancelled or returned."""

    async def test_nothing_is_charged_for_an_order_cancelled_in_time(self, shop: Shop) -> None:
        order_id = await shop.place(token="tok_secret")
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        assert (await shop.books())["provider"]["charges"] == []
        assert [type(event) for event in shop.published()] == [PaymentFailed]

    async def test_a_paid_order_is_refunded_in_full(self, shop: Shop) -> None:
        order_id = await shop.place()
        await shop.work()
        await shop.cancel(order_id)
        await shop.work()
        payment = await shop.payment(order_id)
        assert (payment["status"], payment["refundedAmount"]) == ("REFUNDED", 45.99)
        assert len(payment["refunds"]) == 1

    async def test_a_returned_order_gets_what_is_left(self, shop: Shop) -> None:
        payment_id = await paid(shop)
        order_id = (await seen(shop, payment_id))["orderId"]
        await shop.staff.post(f"/api/payments/{payment_id}/refund", {"amount": 5.99})
        await shop.take_back(order_id)
        await shop.work()
        payment = await seen(shop, payment_id)
        assert payment["status"] == "REFUNDED"
        assert sorted(refund["amount"] for refund in payment["refunds"]) == [5.99, 40]

    async def test_a_success_that_comes_late_is_refunded_by_itself(self, shop: Shop) -> None:
        order_id = await shop.place(token="tok_timeout")
        await shop.work()
        await shop.cancel(order_id)
        assert (await shop.payment(order_id))["status"] == "PROCESSING"
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "REFUNDED"
        books = await shop.books()
        assert (len(books["provider"]["charges"]), len(books["provider"]["refunds"])) == (1, 1)
        assert books["drift"] == []

    async def test_is_not_charged_anew_when_the_provider_never_got_the_charge(
        self, shop: Shop
    ) -> None:
        order_id = await shop.place(token="tok_error")
        await shop.work()
        await shop.cancel(order_id)
        for _ in range(5):
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "PROCESSING"
        shop.tick(61)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        assert (await shop.books())["provider"]["charges"] == []

    async def test_cannot_be_paid_any_more(self, shop: Shop) -> None:
        order_id = await shop.place(token="tok_declined")
        await shop.work()
        await shop.cancel(order_id)
        sent = {"orderId": order_id, "paymentMethod": "CreditCard"}
        answer = await shop.customer.post("/api/payments", sent)
        assert (answer.status, answer.json()["code"]) == (409, "order-closed")

    async def test_owes_nothing_when_it_was_free(self, shop: Shop) -> None:
        order_id = await shop.place(cents=0)
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["refunds"] == []

    async def test_is_refunded_by_the_background_work_alone(self, tmp_path: Path) -> None:
        shop = Shop(tmp_path)
        async with shop.running():
            order_id = await shop.place()
            await shop.until_status(order_id, "PAID")
            await shop.cancel(order_id)
            await shop.until_status(order_id, "REFUNDED")
        shop.close()
