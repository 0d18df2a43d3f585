"""Payment with Stripe's official library, against a Stripe account in memory that has faults."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kibble.kernel.ids import OrderId
from kibble.services.payment.adapters.stripe_provider import StripeProvider
from tests.component.payment.shop import Shop
from tests.component.payment.storm import deliver, sent_away
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.server import Fault
from tests.fixtures.providers.stripe import KEY, NEEDS_CUSTOMER, SECRET, FakeStripe

HOOK = "/api/payments/webhooks/stripe"
DAY = 86_400.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def stripe(clock: FakeClock) -> AsyncIterator[FakeStripe]:
    """A Stripe account of the test's own."""
    double = FakeStripe(clock)
    await double.start()
    yield double
    await double.stop()


def adapter(stripe: FakeStripe, clock: FakeClock, key: str = KEY) -> StripeProvider:
    """Return Stripe as the shop knows it; its webhook secret is being replaced."""
    secrets = ["whsec_of_before", SECRET]
    return StripeProvider(key, secrets, clock, pages="http://shop/api/payments", url=stripe.url)


@pytest.fixture
async def shop(tmp_path: Path, stripe: FakeStripe, clock: FakeClock) -> AsyncIterator[Shop]:
    """Payment that takes every method by Stripe."""
    provider = adapter(stripe, clock)
    shop = Shop(tmp_path, clock, provider, "stripe")
    yield shop
    shop.close()
    await provider.close()


async def told(shop: Shop, stripe: FakeStripe) -> None:
    """Deliver every webhook that waits, and do what follows."""
    await deliver(shop, stripe, HOOK)


class TestStripesPage:
    """Without a token the customer pays on Stripe's own page."""

    async def test_is_where_the_customer_is_sent(self, shop: Shop, stripe: FakeStripe) -> None:
        order_id, session = await sent_away(shop)
        payment = await shop.payment(order_id)
        assert payment["nextAction"]["url"].startswith("https://checkout.stripe.com/")
        told = {"payment_id": payment["id"], "order_id": order_id}
        assert stripe.sessions[session]["metadata"] == told
        assert stripe.sessions[session]["amount_total"] == 4_599

    async def test_pays_the_order_once_the_customer_has(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, session = await sent_away(shop)
        stripe.pay(session)
        await told(shop, stripe)
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert [one["amount_received"] for one in stripe.captured] == [4_599]

    async def test_stays_open_after_a_card_was_declined(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, session = await sent_away(shop)
        stripe.pay(session, "pm_declined")
        await told(shop, stripe)
        assert (await shop.payment(order_id))["status"] == "REQUIRES_ACTION"
        stripe.pay(session)
        await told(shop, stripe)
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_takes_nothing_for_an_order_that_was_cancelled_meanwhile(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, session = await sent_away(shop)
        stripe.pay(session)
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        assert [one["status"] for one in stripe.intents.values()] == ["canceled"]

    async def test_is_closed_when_the_order_is_cancelled(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, session = await sent_away(shop)
        await shop.cancel(order_id)
        await shop.work()
        stripe.pay(session)
        await told(shop, stripe)
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        assert stripe.intents == {}

    async def test_takes_nothing_when_the_stock_is_gone(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, session = await sent_away(shop)
        shop.tick(20 * 60)
        shop.holds.gone.add(order_id)
        stripe.pay(session)
        await told(shop, stripe)
        assert (await shop.payment(order_id))["declineCode"] == "hold_expired"
        assert stripe.captured == []

    async def test_opens_once_though_the_answer_was_lost(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        stripe.faults.planned = [Fault.LOST]
        order_id = await shop.place()
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PROCESSING"
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "REQUIRES_ACTION"
        assert len(stripe.sessions) == 1


class TestSavedCards:
    """A token charges a card that Stripe keeps."""

    async def test_pays_at_once(self, shop: Shop, stripe: FakeStripe) -> None:
        order_id = await shop.place(token="cus_1/pm_ok")
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(stripe.captured) == 1

    async def test_tells_why_the_card_was_declined(self, shop: Shop, stripe: FakeStripe) -> None:
        order_id = await shop.place(token="pm_no_funds")
        await shop.work()
        payment = await shop.payment(order_id)
        assert (payment["status"], payment["declineCode"]) == ("FAILED", "insufficient_funds")

    async def test_finds_out_about_a_decline_whose_answer_was_lost(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        stripe.faults.planned = [Fault.LOST]
        order_id = await shop.place(token="pm_declined")
        await shop.work()
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "generic_decline"
        assert len(stripe.intents) == 1

    async def test_sends_the_customer_to_the_bank_when_it_asks_for_that(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id = await shop.place(token=NEEDS_CUSTOMER)
        await shop.work()
        payment = await shop.payment(order_id)
        assert payment["status"] == "REQUIRES_ACTION"
        stripe.approve(payment["nextAction"]["url"].rpartition("/")[2])
        await told(shop, stripe)
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_is_declined_when_the_customer_is_needed_and_not_there(self, shop: Shop) -> None:
        order_id = await shop.prepare(token=NEEDS_CUSTOMER, off_session=True)
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "authentication_required"


class TestLostAnswers:
    """What Stripe did is found out, never guessed, and never done twice."""

    @pytest.mark.parametrize("fault", [Fault.LOST, Fault.FAILED_AFTER])
    @pytest.mark.parametrize("step", [0, 1], ids=["charge", "capture"])
    async def test_charges_once(
        self, shop: Shop, stripe: FakeStripe, fault: Fault, step: int
    ) -> None:
        stripe.faults.planned = [*[None] * step, fault]
        order_id = await shop.place(token="pm_ok")
        for _ in range(4):
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(stripe.intents) == len(stripe.captured) == 1

    async def test_looks_before_it_charges_again_under_a_key_that_stripe_forgot(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        stripe.faults.planned = [Fault.LOST]
        order_id = await shop.place(token="pm_ok")
        await shop.work()
        shop.tick(25 * 3_600)
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(stripe.intents) == 1

    async def test_charges_once_while_a_charge_cannot_be_found_yet(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        stripe.searchable_after = 60
        stripe.faults.planned = [Fault.LOST]
        order_id = await shop.place(token="pm_ok")
        await shop.work()
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(stripe.intents) == 1

    async def test_frees_money_that_turns_up_after_the_payment_was_given_up(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        stripe.searchable_after = DAY
        stripe.faults.planned = [Fault.LOST]
        order_id = await shop.place(token="pm_ok")
        await shop.work()
        await shop.cancel(order_id)
        shop.tick(61)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        await told(shop, stripe)
        assert [one["status"] for one in stripe.intents.values()] == ["canceled"]

    @pytest.mark.parametrize("fault", [Fault.LOST, Fault.FAILED_AFTER, Fault.REFUSED])
    @pytest.mark.parametrize("step", [0, 1], ids=["look", "refund"])
    async def test_refunds_once(
        self, shop: Shop, stripe: FakeStripe, fault: Fault, step: int
    ) -> None:
        order_id = await shop.place(token="pm_ok")
        await shop.work()
        stripe.faults.planned = [*[None] * step, fault]
        await shop.cancel(order_id)
        for _ in range(3):
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "REFUNDED"
        assert [one["amount"] for one in stripe.refunds.values()] == [4_599]

    async def test_waits_for_a_refund_that_the_bank_has_not_decided(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        stripe.refunds_wait = True
        order_id = await shop.place(token="pm_ok")
        await shop.work()
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        stripe.settle_refunds()
        await told(shop, stripe)
        assert (await shop.payment(order_id))["status"] == "REFUNDED"
        assert len(stripe.refunds) == 1


class TestWebhooks:
    """Only Stripe is believed, and only about what just happened."""

    async def a_notice(self, shop: Shop, stripe: FakeStripe) -> tuple[OrderId, bytes]:
        order_id, session = await sent_away(shop)
        stripe.pay(session)
        return order_id, stripe.events[-1]

    async def refused(self, shop: Shop, body: bytes, headers: dict[str, str]) -> bool:
        answer = await shop.http.send("POST", HOOK, body, headers)
        return answer.status == 400 and answer.json()["code"] == "invalid-input"

    async def test_are_refused_unless_stripe_signed_them(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, body = await self.a_notice(shop, stripe)
        plain = {"content-type": "application/json"}
        forged = stripe.signed(body, "whsec_of_somebody_else")
        altered = body.replace(b"4599", b"9999") + b" "
        assert await self.refused(shop, body, plain)
        assert await self.refused(shop, body, plain | {"stripe-signature": "t=1"})
        assert await self.refused(shop, body, forged)
        assert await self.refused(shop, altered, stripe.signed(body))
        assert await self.refused(shop, b"\xff", stripe.signed(body))
        assert (await shop.payment(order_id))["status"] == "REQUIRES_ACTION"

    @pytest.mark.parametrize("age", [301.0, DAY, -301.0])
    async def test_are_refused_when_they_are_old_or_early(
        self, shop: Shop, stripe: FakeStripe, age: float
    ) -> None:
        _, body = await self.a_notice(shop, stripe)
        assert await self.refused(shop, body, stripe.signed(body, age_seconds=age))
        accepted = stripe.signed(body, age_seconds=299 if age > 0 else -299)
        assert (await shop.http.send("POST", HOOK, body, accepted)).status == 204

    async def test_are_accepted_by_either_secret_while_one_replaces_the_other(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        _, body = await self.a_notice(shop, stripe)
        for secret in (SECRET, "whsec_of_before"):
            headers = stripe.signed(body, secret)
            assert (await shop.http.send("POST", HOOK, body, headers)).status == 204

    async def test_change_nothing_by_coming_twice_or_in_another_order(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, session = await sent_away(shop)
        stripe.pay(session, "pm_declined")
        stripe.pay(session)
        events = [*stripe.events] * 3
        random.Random(5).shuffle(events)
        for body in events:
            await shop.http.send("POST", HOOK, body, stripe.signed(body))
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(stripe.captured) == len(shop.published()) == 1

    async def test_about_things_of_others_are_taken_and_left(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        for thing in (b'{"object": "charge"}', b'{"metadata": {"payment_id": "nobodys"}}'):
            body = b'{"object": "event", "data": {"object": ' + thing + b"}}"
            assert (await shop.http.send("POST", HOOK, body, stripe.signed(body))).status == 204


class TestReconciliation:
    """What no webhook told is found and mended."""

    async def test_finds_a_payment_that_nobody_told_of(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id, session = await sent_away(shop)
        stripe.pay(session)
        shop.tick(DAY)
        books = await shop.repair()
        assert (books["drift"], len(books["provider"]["charges"])) == ([], 1)
        assert books["repaired"] == [(await shop.payment(order_id))["id"]]
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_takes_over_a_refund_of_the_dashboard(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id = await shop.place(token="pm_ok")
        await shop.work()
        made = stripe.refund_in_the_dashboard(stripe.captured[0]["id"], 1_000)
        books = await shop.repair()
        assert (books["drift"], books["repaired"]) == ([], [made])
        payment = await shop.payment(order_id)
        assert (payment["status"], payment["refundedAmount"]) == ("PARTIALLY_REFUNDED", 10.0)
        assert len(stripe.refunds) == 1

    async def test_tells_of_a_charge_that_stripe_does_not_have(
        self, shop: Shop, stripe: FakeStripe
    ) -> None:
        order_id = await shop.place(token="pm_ok")
        await shop.work()
        payment_id = (await shop.payment(order_id))["id"]
        stripe.intents.clear()
        assert (await shop.repair())["drift"] == []
        shop.tick(5 * 3_600)
        missing = {"kind": "MISSING_THERE", "what": "charge", "id": payment_id}
        assert (await shop.repair())["drift"] == [missing]

    async def test_reads_books_of_many_pages(self, shop: Shop, stripe: FakeStripe) -> None:
        for _ in range(101):
            await shop.place(token="pm_ok")
        await shop.work()
        assert len((await shop.books())["provider"]["charges"]) == 101
        assert stripe.calls["GET /v1/payment_intents"] == 2


class TestTheStart:
    """Wrong credentials are told when the shop starts."""

    async def test_names_a_key_that_stripe_does_not_accept(
        self, stripe: FakeStripe, clock: FakeClock
    ) -> None:
        wrong = adapter(stripe, clock, "sk_test_of_nobody")
        with pytest.raises(ValueError, match="KIBBLE_STRIPE_SECRET_KEY: Stripe does not accept it"):
            await wrong.check()
        await wrong.close()

    async def test_goes_on_while_stripe_is_away(
        self, shop: Shop, stripe: FakeStripe, clock: FakeClock
    ) -> None:
        stripe.faults.planned = [Fault.REFUSED]
        provider = adapter(stripe, clock)
        await provider.check()
        await provider.check()
        await provider.close()
