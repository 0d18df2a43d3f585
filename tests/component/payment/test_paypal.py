"""Payment with PayPal, against a PayPal account in memory that has faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kibble.services.payment.adapters.paypal_provider import PayPalProvider
from kibble.services.payment.adapters.paypal_signature import PayPalSignatures
from tests.component.payment.shop import Shop
from tests.component.payment.storm import deliver, sent_away
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.paypal import (
    CERTIFICATES,
    CLIENT,
    DECLINED,
    NAME,
    PASSWORD,
    WEBHOOK,
    Authority,
    FakePayPal,
)
from tests.fixtures.providers.server import Fault

HOOK = "/api/payments/webhooks/paypal"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def paypal(clock: FakeClock) -> AsyncIterator[FakePayPal]:
    """A PayPal account of the test's own."""
    double = FakePayPal(clock)
    await double.start()
    yield double
    await double.stop()


def adapter(paypal: FakePayPal, clock: FakeClock, password: str = PASSWORD) -> PayPalProvider:
    """Return PayPal as the shop knows it."""
    roots = [paypal.authority.root]
    return PayPalProvider(
        CLIENT,
        password,
        WEBHOOK,
        clock,
        pages="http://shop/api/payments",
        url=paypal.url,
        signatures=PayPalSignatures(WEBHOOK, clock, paypal.fetch, roots),
    )


@pytest.fixture
async def shop(tmp_path: Path, paypal: FakePayPal, clock: FakeClock) -> AsyncIterator[Shop]:
    """Payment that takes every method by PayPal."""
    provider = adapter(paypal, clock)
    shop = Shop(tmp_path, clock, provider, "paypal")
    yield shop
    shop.close()
    await provider.close()


async def told(shop: Shop, paypal: FakePayPal) -> None:
    """Deliver every webhook that waits, and do what follows."""
    await deliver(shop, paypal, HOOK)


class TestPayPalsPage:
    """The customer approves on PayPal's own page."""

    async def test_is_where_the_customer_is_sent(self, shop: Shop, paypal: FakePayPal) -> None:
        order_id, there = await sent_away(shop)
        payment = await shop.payment(order_id)
        [unit] = paypal.orders[there]["purchase_units"]
        assert payment["nextAction"]["url"].startswith("https://www.paypal.com/")
        assert unit["amount"] == {"currency_code": "USD", "value": "45.99"}
        assert (unit["custom_id"], unit["reference_id"]) == (
            f"{payment['id']},{order_id}",
            order_id,
        )

    async def test_pays_the_order_once_the_customer_has_approved(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        order_id, there = await sent_away(shop)
        paypal.pay(there)
        await told(shop, paypal)
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(paypal.captures) == 1

    async def test_pays_nothing_when_paypal_declines(self, shop: Shop, paypal: FakePayPal) -> None:
        order_id, there = await sent_away(shop)
        paypal.declines = True
        paypal.pay(there)
        await told(shop, paypal)
        assert (await shop.payment(order_id))["declineCode"] == "instrument_declined"

    async def test_takes_nothing_for_an_order_that_was_cancelled_meanwhile(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        order_id, there = await sent_away(shop)
        paypal.pay(there)
        await shop.cancel(order_id)
        await told(shop, paypal)
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        assert paypal.captures == []

    async def test_is_over_once_paypal_has_forgotten_it(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        order_id, _ = await sent_away(shop)
        paypal.orders.clear()
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "action_expired"


class TestSavedAccounts:
    """A token charges an account that PayPal keeps, in two steps."""

    async def test_pay_without_the_customer(self, shop: Shop, paypal: FakePayPal) -> None:
        order_id = await shop.prepare(token="vault-1", off_session=True)
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(paypal.captures) == 1

    async def test_are_declined(self, shop: Shop) -> None:
        order_id = await shop.place(token=DECLINED)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "instrument_declined"

    async def test_are_freed_when_the_order_is_gone_before_the_capture(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        paypal.faults.planned = [None, None, Fault.REFUSED]
        order_id = await shop.place(token="vault-1")
        await shop.work()
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "order_cancelled"
        [order] = paypal.orders.values()
        assert order["purchase_units"][0]["payments"]["authorizations"][0]["status"] == "VOIDED"


class TestLostAnswers:
    """What PayPal did is found out, never guessed, and never done twice."""

    @pytest.mark.parametrize("fault", list(Fault))
    @pytest.mark.parametrize("step", range(4))
    async def test_charges_once(
        self, shop: Shop, paypal: FakePayPal, fault: Fault, step: int
    ) -> None:
        order_id, there = await sent_away(shop)
        paypal.pay(there)
        paypal.faults.planned = [*[None] * step, fault]
        for _ in range(4):
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(paypal.captures) == 1

    @pytest.mark.parametrize("fault", list(Fault))
    @pytest.mark.parametrize("step", range(3))
    async def test_refunds_once(
        self, shop: Shop, paypal: FakePayPal, fault: Fault, step: int
    ) -> None:
        order_id = await shop.place(token="vault-1")
        await shop.work()
        paypal.faults.planned = [*[None] * step, fault]
        await shop.cancel(order_id)
        for _ in range(4):
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "REFUNDED"
        assert [one["amount"]["value"] for one in paypal.refunds.values()] == ["45.99"]

    async def test_waits_for_a_refund_that_the_bank_has_not_decided(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        paypal.refunds_wait = True
        order_id = await shop.place(token="vault-1")
        await shop.work()
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        paypal.settle_refunds()
        await told(shop, paypal)
        assert (await shop.payment(order_id))["status"] == "REFUNDED"


class TestSigningIn:
    """The token is kept, and renewed when it has to be."""

    async def test_asks_for_one_token_for_many_calls(self, shop: Shop, paypal: FakePayPal) -> None:
        for _ in range(5):
            await shop.place()
        await shop.work()
        assert paypal.calls["POST /v1/oauth2/token"] == 1

    async def test_renews_a_token_before_it_ends(self, shop: Shop, paypal: FakePayPal) -> None:
        for _ in range(2):
            await shop.place()
            await shop.work()
            shop.tick(32_400)
        assert paypal.calls["POST /v1/oauth2/token"] == 2

    async def test_renews_a_token_that_was_withdrawn(self, shop: Shop, paypal: FakePayPal) -> None:
        await shop.place()
        await shop.work()
        paypal.withdraw_tokens()
        order_id, _ = await sent_away(shop)
        assert (await shop.payment(order_id))["status"] == "REQUIRES_ACTION"

    async def test_names_the_settings_that_paypal_does_not_accept(
        self, paypal: FakePayPal, clock: FakeClock
    ) -> None:
        wrong = adapter(paypal, clock, "wrong")
        with pytest.raises(ValueError, match="KIBBLE_PAYPAL_CLIENT_SECRET"):
            await wrong.check()
        await wrong.close()


class TestWebhooks:
    """Only PayPal is believed, and only about what just happened."""

    async def refused(self, shop: Shop, body: bytes, headers: dict[str, str], **other: str) -> bool:
        changed = headers | {name.replace("_", "-"): value for name, value in other.items()}
        answer = await shop.http.send("POST", HOOK, body, changed)
        return answer.status == 400

    async def test_are_refused_unless_paypal_signed_them(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        _, there = await sent_away(shop)
        paypal.pay(there)
        body = paypal.events[0]
        headers = paypal.signed(body)
        assert await self.refused(shop, body + b" ", headers)
        assert await self.refused(shop, body, paypal.signed(body, "another webhook"))
        assert await self.refused(shop, body, headers, paypal_transmission_id="m-2")
        assert await self.refused(shop, body, headers, paypal_transmission_sig="no base64")
        assert await self.refused(shop, body, headers, paypal_auth_algo="SHA1withRSA")
        assert await self.refused(shop, body, {"content-type": "application/json"})
        assert not await self.refused(shop, body, headers)

    @pytest.mark.parametrize("age", [301.0, -301.0])
    async def test_are_refused_when_they_are_old_or_early(
        self, shop: Shop, paypal: FakePayPal, age: float
    ) -> None:
        body = b"{}"
        assert await self.refused(shop, body, paypal.signed(body, age_seconds=age))
        assert not await self.refused(shop, body, paypal.signed(body, age_seconds=age / 2))

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/v1/notifications/certs/CERT-1",
            "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
            "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
            "https://evil.example/?https://api.paypal.com/v1/notifications/certs/CERT-1",
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/elsewhere/CERT-1",
            "",
        ],
    )
    async def test_never_have_a_certificate_fetched_from_elsewhere(
        self, shop: Shop, paypal: FakePayPal, address: str
    ) -> None:
        assert await self.refused(shop, b"{}", paypal.signed(b"{}"), paypal_cert_url=address)
        assert paypal.fetched == []

    async def test_are_refused_under_a_certificate_that_nobody_vouches_for(
        self, shop: Shop, paypal: FakePayPal, clock: FakeClock
    ) -> None:
        _, forged = Authority(clock, "a forger").issue(NAME)
        _, anothers = paypal.authority.issue("shop.evil.example")
        for number, pem in enumerate((forged, anothers, b"no certificate")):
            address = f"{CERTIFICATES}/CERT-{number + 2}"
            paypal.served[address] = pem
            headers = paypal.signed(b"{}")
            assert await self.refused(shop, b"{}", headers, paypal_cert_url=address)

    async def test_have_a_certificate_fetched_once(self, shop: Shop, paypal: FakePayPal) -> None:
        for _ in range(3):
            assert not await self.refused(shop, b"{}", paypal.signed(b"{}"))
        assert len(paypal.fetched) == 1


class TestReconciliation:
    """What no webhook told is found and mended, from reports that are hours late."""

    async def test_finds_a_payment_that_nobody_told_of(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        order_id, there = await sent_away(shop)
        paypal.pay(there)
        books = await shop.repair()
        assert (books["drift"], len(books["provider"]["charges"])) == ([], 1)
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_takes_over_a_refund_of_the_dashboard_and_counts_our_own_once(
        self, shop: Shop, paypal: FakePayPal
    ) -> None:
        order_id = await shop.place(token="vault-1")
        await shop.work()
        payment_id = (await shop.payment(order_id))["id"]
        await shop.staff.post(f"/api/payments/{payment_id}/refund", {"amount": 5.0})
        await shop.work()
        made = paypal.refund_in_the_dashboard(next(iter(paypal.orders)), "10.00")
        books = await shop.repair()
        assert (books["drift"], books["repaired"]) == ([], [made])
        assert (await shop.payment(order_id))["refundedAmount"] == 15.0
        assert len(paypal.refunds) == 2
