"""A bank wants a customer's money back: told by a webhook, or found by reconciling."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kibble.contracts.payment import PaymentDisputed
from kibble.kernel.ids import OrderId
from tests.component.payment.accounts import Account, PayPalAccount, StripeAccount, ledger
from tests.component.payment.shop import Shop
from tests.component.payment.storm import deliver, sent_away
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.server import Fault

CENTS = 4_599
FEES = {"stripe": 1_500, "paypal": 2_000}


@pytest.fixture(params=[StripeAccount, PayPalAccount], ids=lambda kind: kind.name)
async def account(request: pytest.FixtureRequest) -> AsyncIterator[Account]:
    """Each provider's account in turn."""
    made: StripeAccount | PayPalAccount = request.param(FakeClock())
    await made.double.start()
    yield made
    await made.double.stop()


@pytest.fixture
async def shop(tmp_path: Path, account: Account) -> AsyncIterator[Shop]:
    clock = FakeClock()
    provider = account.adapter(clock)
    made = Shop(tmp_path, clock, provider, account.name)
    yield made
    made.close()
    await provider.close()


async def paid(shop: Shop, account: Account) -> tuple[OrderId, str]:
    """Have an order paid on a page; return it, and what the double knows its charge by."""
    order_id, page = await sent_away(shop)
    account.double.pay(page)
    await deliver(shop, account.double, account.hook)
    assert (await shop.payment(order_id))["status"] == "PAID"
    account.double.events.clear()
    return order_id, account.charge_of(page)


async def disputes(shop: Shop, order_id: OrderId) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = (await shop.payment(order_id))["disputes"]
    return seen


def told(shop: Shop) -> list[str]:
    """Return what was published of disputes."""
    return [one.status for one in shop.published() if isinstance(one, PaymentDisputed)]


class TestAWebhook:
    async def test_tells_of_a_dispute(self, shop: Shop, account: Account, tmp_path: Path) -> None:
        order_id, charge = await paid(shop, account)
        account.double.dispute(charge, CENTS)
        await deliver(shop, account.double, account.hook)
        (seen,) = await disputes(shop, order_id)
        assert (seen["status"], seen["amount"], seen["withdrawn"]) == ("OPEN", 45.99, 45.99)
        assert seen["respondBy"]
        fee = FEES[account.name]
        assert ledger(tmp_path) == {
            "USD": {
                "CUSTOMER": -CENTS,
                "AUTHORIZED": 0,
                "CAPTURED": -fee,
                "DISPUTED": CENTS,
                "FEES": fee,
            }
        }
        assert told(shop) == ["OPEN"]

    async def test_is_no_secret_to_its_customer_but_for_what_is_the_shop_s(
        self, shop: Shop, account: Account
    ) -> None:
        order_id, charge = await paid(shop, account)
        account.double.dispute(charge, CENTS)
        await deliver(shop, account.double, account.hook)
        (for_staff,) = await disputes(shop, order_id)
        (payment,) = (await shop.customer.get(f"/api/payments?orderId={order_id}")).json()
        shared = ("id", "amount", "currency", "status", "openedAt")
        assert payment["disputes"] == [{name: for_staff[name] for name in shared}]
        alone = (await shop.customer.get(f"/api/payments/{payment['id']}")).json()
        assert alone["disputes"] == payment["disputes"]

    @pytest.mark.parametrize(("won", "status"), [(True, "WON"), (False, "LOST")])
    async def test_tells_how_it_ended(
        self, shop: Shop, account: Account, tmp_path: Path, *, won: bool, status: str
    ) -> None:
        order_id, charge = await paid(shop, account)
        account.double.decide(account.double.dispute(charge, CENTS), won=won)
        await deliver(shop, account.double, account.hook)
        assert [one["status"] for one in await disputes(shop, order_id)] == [status]
        fee, (held,) = FEES[account.name], ledger(tmp_path).values()
        assert sum(held.values()) == 0
        assert (held["CUSTOMER"], held["DISPUTED"]) == ((-CENTS if won else 0), 0)
        assert (held["CAPTURED"], held["FEES"]) == ((CENTS if won else 0) - fee, fee)

    async def test_that_comes_late_twice_and_out_of_order_changes_nothing(
        self, shop: Shop, account: Account, tmp_path: Path
    ) -> None:
        order_id, charge = await paid(shop, account)
        account.double.decide(account.double.dispute(charge, CENTS), won=False)
        opened, closed = account.double.events
        account.double.events[:] = [closed, opened, closed, opened]
        await deliver(shop, account.double, account.hook)
        assert [one["status"] for one in await disputes(shop, order_id)] == ["LOST"]
        (held,) = ledger(tmp_path).values()
        assert sum(held.values()) == 0
        assert told(shop) == ["LOST"]

    async def test_that_is_forged_or_stale_is_refused(self, shop: Shop, account: Account) -> None:
        order_id, charge = await paid(shop, account)
        account.double.dispute(charge, CENTS)
        (body,) = account.double.events
        forged = account.double.signed(body, "whsec_of_a_forger")
        stale = account.double.signed(body, age_seconds=301)
        for headers in (forged, stale):
            assert (await shop.http.send("POST", account.hook, body, headers)).status == 400
        await shop.work()
        assert await disputes(shop, order_id) == []

    @pytest.mark.parametrize("fault", list(Fault))
    async def test_is_followed_whatever_call_fails(
        self, shop: Shop, account: Account, tmp_path: Path, fault: Fault
    ) -> None:
        order_id, charge = await paid(shop, account)
        account.double.dispute(charge, CENTS)
        (body,) = account.double.events
        account.double.faults.planned = [None, fault, fault]
        for _ in range(3):  # a provider sends again what was not taken
            signed = account.double.signed(body)
            if (await shop.http.send("POST", account.hook, body, signed)).status == 204:
                break
        for _ in range(3):
            shop.tick(60)
            await shop.work()
        assert [one["status"] for one in await disputes(shop, order_id)] == ["OPEN"]
        (held,) = ledger(tmp_path).values()
        assert held["DISPUTED"] == CENTS


class TestRefunds:
    async def test_are_refused_for_what_is_disputed(self, shop: Shop, account: Account) -> None:
        order_id, charge = await paid(shop, account)
        account.double.dispute(charge, CENTS)
        await deliver(shop, account.double, account.hook)
        payment = await shop.payment(order_id)
        answer = await shop.staff.post(f"/api/payments/{payment['id']}/refund", {})
        assert answer.json()["code"] == "not-refundable"

    async def test_of_an_order_that_is_gone_wait_for_the_decision(
        self, shop: Shop, account: Account
    ) -> None:
        order_id, charge = await paid(shop, account)
        dispute = account.double.dispute(charge, CENTS)
        await deliver(shop, account.double, account.hook)
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["refunds"] == []
        account.double.decide(dispute, won=True)
        await deliver(shop, account.double, account.hook)
        assert (await shop.payment(order_id))["status"] == "REFUNDED"

    async def test_are_not_sent_after_the_bank_has(self, shop: Shop, account: Account) -> None:
        order_id, charge = await paid(shop, account)
        account.double.decide(account.double.dispute(charge, CENTS), won=False)
        await deliver(shop, account.double, account.hook)
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["refundedAmount"] == 0


class TestReconciling:
    async def test_shows_and_mends_what_no_webhook_told(self, shop: Shop, account: Account) -> None:
        order_id, charge = await paid(shop, account)
        dispute = account.double.dispute(charge, CENTS)
        account.double.events.clear()
        drift = {"kind": "MISSING_HERE", "what": "dispute", "id": dispute}
        assert (await shop.books())["drift"] == [drift]
        assert dispute in (await shop.repair())["repaired"]
        books = await shop.books()
        assert books["drift"] == []
        assert books["ours"]["disputes"] == books["provider"]["disputes"]
        account.double.decide(dispute, won=False)
        account.double.events.clear()
        assert (await shop.books())["drift"] == [drift | {"kind": "DIFFERENT"}]
        assert (await shop.repair())["drift"] == []
        assert [one["status"] for one in await disputes(shop, order_id)] == ["LOST"]


class TestWhatIsSetAside:
    """Money that is set aside and freed again, or lapses, is posted back to the customer."""

    async def test_is_posted_back_when_the_order_is_gone(
        self, shop: Shop, account: Account, tmp_path: Path
    ) -> None:
        order_id, page = await sent_away(shop)
        account.double.pay(page)
        await shop.cancel(order_id)
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "FAILED"
        assert ledger(tmp_path) == {"USD": {"CUSTOMER": 0, "AUTHORIZED": 0}}

    async def test_is_posted_back_when_it_lapses(
        self, shop: Shop, account: Account, tmp_path: Path
    ) -> None:
        order_id, page = await sent_away(shop)
        account.double.pay(page)
        account.double.faults.planned = [None, Fault.REFUSED, Fault.REFUSED]
        shop.tick(5)
        await shop.work()
        account.double.faults.planned = []
        assert ledger(tmp_path)["USD"]["AUTHORIZED"] == CENTS
        account.lapse(page)
        shop.tick(60)
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "FAILED"
        assert ledger(tmp_path) == {"USD": {"CUSTOMER": 0, "AUTHORIZED": 0}}
