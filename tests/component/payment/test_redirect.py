"""A customer is sent to a page where the payment is approved or not, and comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from kibble.contracts.payment import PaymentFailed, PaymentProcessed
from kibble.kernel.ids import OrderId
from tests.component.payment.shop import Shop

TOKEN = "tok_requires_action"


async def sent_away(shop: Shop) -> tuple[OrderId, str, str]:
    """Place an order; return it, its payment, and the path of the page to approve it at."""
    order_id = await shop.place(token=TOKEN)
    await shop.work()
    payment = await shop.payment(order_id)
    assert payment["status"] == "REQUIRES_ACTION"
    assert payment["nextAction"]["type"] == "redirect"
    return order_id, payment["id"], urlsplit(payment["nextAction"]["url"]).path


async def answered(shop: Shop, page: str, answer: str) -> None:
    """Do what the customer's browser does: answer, and look at the payment on the way back."""
    went = await shop.http.get(f"{page}?answer={answer}")
    assert went.status == 303
    await shop.work()


class TestTheSandboxsPage:
    """What stands in for the page of a bank or a provider."""

    async def test_names_the_amount_and_both_answers(self, shop: Shop) -> None:
        _, _, page = await sent_away(shop)
        shown = await shop.http.get(page)
        assert shown.status == 200
        assert b"45.99 USD" in shown.body
        assert shown.body.count(b"?answer=approve") == shown.body.count(b"?answer=decline") == 1

    async def test_is_not_there_for_a_payment_that_waits_for_nobody(self, shop: Shop) -> None:
        _, payment_id, page = await sent_away(shop)
        await answered(shop, page, "approve")
        assert (await shop.http.get(page)).status == 404
        unknown = page.replace(payment_id, "0193c1a0-0000-7000-8000-0000000000ff")
        assert (await shop.http.get(unknown)).status == 404

    @pytest.mark.parametrize(
        ("answer", "status", "event"),
        [("approve", "PAID", PaymentProcessed), ("decline", "FAILED", PaymentFailed)],
    )
    async def test_decides_the_payment(
        self, shop: Shop, answer: str, status: str, event: type
    ) -> None:
        order_id, _, page = await sent_away(shop)
        await answered(shop, page, answer)
        assert (await shop.payment(order_id))["status"] == status
        assert [type(told) for told in shop.published()] == [event]

    async def test_counts_the_first_answer_only(self, shop: Shop) -> None:
        order_id, _, page = await sent_away(shop)
        await answered(shop, page, "decline")
        await answered(shop, page, "approve")
        assert (await shop.payment(order_id))["declineCode"] == "not_approved"
        assert (await shop.books())["provider"]["charges"] == []


class TestTheWayBack:
    """The provider sends the customer to the shop, which sends them on to its own page."""

    async def test_goes_on_to_the_storefront_once_the_payment_is_decided(
        self, live_shop: Shop
    ) -> None:
        order_id = await live_shop.place(token=TOKEN)
        payment = await live_shop.until_status(order_id, "REQUIRES_ACTION")
        page = urlsplit(payment["nextAction"]["url"]).path
        back = (await live_shop.http.get(f"{page}?answer=approve")).headers["location"]
        on = await live_shop.http.get(back)
        where = urlsplit(on.headers["location"])
        assert (on.status, where.path) == (303, "/checkout/return")
        assert where.query == f"orderId={order_id}&paymentId={payment['id']}"
        assert (await live_shop.payment(order_id))["status"] == "PAID"

    async def test_does_not_wait_for_a_customer_who_comes_back_undecided(self, shop: Shop) -> None:
        _, payment_id, _ = await sent_away(shop)
        coming = asyncio.create_task(shop.http.get(f"/api/payments/{payment_id}/return"))
        while not coming.done():
            await asyncio.sleep(0.005)
            shop.tick(0.5)
        assert (await coming).status == 303

    async def test_is_unknown_for_a_payment_that_is_not_there(self, shop: Shop) -> None:
        nowhere = "/api/payments/0193c1a0-0000-7000-8000-0000000000ff/return"
        assert (await shop.http.get(nowhere)).status == 404


class TestACustomerWhoGoesAway:
    """Nobody answers on the page."""

    async def test_has_half_an_hour(self, shop: Shop) -> None:
        order_id, _, page = await sent_away(shop)
        shop.tick(timedelta(minutes=29).total_seconds())
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "REQUIRES_ACTION"
        shop.tick(61)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "action_expired"
        await answered(shop, page, "approve")
        assert (await shop.books())["provider"]["charges"] == []

    async def test_pays_nothing_after_the_order_was_cancelled(self, shop: Shop) -> None:
        order_id, _, page = await sent_away(shop)
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        await answered(shop, page, "approve")
        assert (await shop.books())["provider"]["charges"] == []


class TestAskingAgain:
    """The customer asks to pay an order whose payment waits for them."""

    async def ask(self, shop: Shop, order_id: OrderId, **body: str) -> tuple[int, dict[str, str]]:
        sent = {"orderId": order_id, "paymentMethod": "CreditCard", **body}
        async with shop.running():
            asking = asyncio.create_task(shop.customer.post("/api/payments", sent))
            while not asking.done():
                await asyncio.sleep(0.005)
                shop.tick(0.02)
            answer = await asking
        return answer.status, answer.json()

    async def test_is_sent_to_the_same_page(self, shop: Shop) -> None:
        order_id, payment_id, page = await sent_away(shop)
        status, body = await self.ask(shop, order_id)
        assert (status, body["id"]) == (202, payment_id)
        assert page in str(body["nextAction"])

    async def test_pays_otherwise_with_another_token(self, shop: Shop) -> None:
        order_id, first, page = await sent_away(shop)
        status, body = await self.ask(shop, order_id, paymentToken="tok_ok")
        assert (status, body["status"]) == (201, "PAID")
        await answered(shop, page, "approve")
        assert len((await shop.books())["provider"]["charges"]) == 1
        earlier = [one for one in await shop.payments(order_id) if one["id"] == first]
        assert earlier[0]["declineCode"] == "action_expired"

    async def test_pays_otherwise_with_another_method(self, shop: Shop) -> None:
        order_id, first, _ = await sent_away(shop)
        status, body = await self.ask(shop, order_id, paymentMethod="PayPal")
        assert (status, body["status"]) == (201, "PAID")
        assert body["id"] != first
