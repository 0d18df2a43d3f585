"""Saving a card or a PayPal account on a provider's page, and paying with it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId, SavedMethodId
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.integration import PaymentProvider
from tests.component.payment import test_paypal, test_stripe
from tests.component.payment.shop import CUSTOMER, Shop
from tests.fixtures.card_numbers import card_numbers_in
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.paypal import DECLINED, FakePayPal
from tests.fixtures.providers.server import Fault
from tests.fixtures.providers.stripe import NEEDS_CUSTOMER, FakeStripe

METHODS = "/api/payments/methods"
STRANGER = CustomerId("0193c1a0-0000-7000-8000-0000000000c2")


class Keeper(Protocol):
    """A provider that keeps ways to pay, and its customers."""

    name: str
    brand: str
    declined: str
    provider: PaymentProvider

    async def start(self) -> None:
        """Begin."""
        ...

    async def agree(self, page: str) -> None:
        """Have the customer agree on the page."""
        ...

    async def leave(self, page: str) -> None:
        """Have the page end without an answer."""
        ...

    def kept(self) -> int | None:
        """Return how many the provider keeps; None when it keeps none of anybody's."""
        ...

    async def stop(self) -> None:
        """End."""
        ...


class Sandbox:
    """The sandbox."""

    name, brand, declined = "sandbox", "test card", "tok_declined"

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.sandbox = SandboxPaymentProvider(folder / "sandbox.db", clock, pages="http://shop/x")
        self.provider: PaymentProvider = self.sandbox

    async def start(self) -> None:
        pass

    async def agree(self, page: str) -> None:
        await self.sandbox.vault.decide(SavedMethodId(page), "tok_ok")

    async def leave(self, page: str) -> None:
        await self.sandbox.vault.decide(SavedMethodId(page), None)

    def kept(self) -> int | None:
        return None

    async def stop(self) -> None:
        await self.sandbox.close()


class Stripe:
    """Stripe."""

    name, brand, declined = "stripe", "visa", "pm_declined"

    def __init__(self, _: Path, clock: FakeClock) -> None:
        self.double = FakeStripe(clock)
        self._clock = clock

    async def start(self) -> None:
        await self.double.start()
        self.double.customers.clear()
        self.provider: PaymentProvider = test_stripe.adapter(self.double, self._clock)

    async def agree(self, page: str) -> None:
        self.double.save(page)

    async def leave(self, page: str) -> None:
        self.double.leave(page)

    def kept(self) -> int | None:
        return len(self.double.customers)

    async def stop(self) -> None:
        await self.provider.close()
        await self.double.stop()


class PayPal:
    """PayPal."""

    name, brand, declined = "paypal", "paypal", DECLINED

    def __init__(self, _: Path, clock: FakeClock) -> None:
        self.double = FakePayPal(clock)
        self._clock = clock

    async def start(self) -> None:
        await self.double.start()
        self.provider: PaymentProvider = test_paypal.adapter(self.double, self._clock)

    async def agree(self, page: str) -> None:
        self.double.save(page)

    async def leave(self, page: str) -> None:
        self.double.leave(page)

    def kept(self) -> int | None:
        return len(self.double.vault)

    async def stop(self) -> None:
        await self.provider.close()
        await self.double.stop()


@pytest.fixture(params=[Sandbox, Stripe, PayPal], ids=lambda kind: kind.name)
async def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Keeper]:
    """Each provider in turn."""
    made: Keeper = request.param(tmp_path, FakeClock())
    await made.start()
    yield made
    await made.stop()


OUTSIDE = pytest.mark.parametrize(
    "keeper", [Stripe, PayPal], ids=lambda kind: kind.name, indirect=True
)
"""The providers whose calls can fail."""


@pytest.fixture
async def shop(tmp_path: Path, keeper: Keeper) -> AsyncIterator[Shop]:
    """Payment that takes every method by this provider."""
    made = Shop(tmp_path, FakeClock(), keeper.provider, keeper.name)
    yield made
    made.close()


async def begun(shop: Shop) -> tuple[str, str]:
    """Begin to save a card; return its id, and the provider's name of the page."""
    answer = await shop.customer.post(METHODS, {"userId": CUSTOMER, "paymentMethod": "CreditCard"})
    assert answer.status == 201, answer.body
    made = answer.json()
    assert made["status"] == "PENDING"
    assert made["nextAction"]["type"] == "redirect"
    return made["id"], made["nextAction"]["url"].replace("=", "/").rpartition("/")[2]


async def come_back(shop: Shop, saved_id: str) -> str:
    """Follow the provider's link back to the shop; return where that leads."""
    answer = await shop.http.get(f"{METHODS}/{saved_id}/return")
    assert answer.status == 303
    return answer.headers["location"]


async def saved(shop: Shop, keeper: Keeper) -> str:
    """Save a card and return its id."""
    saved_id, page = await begun(shop)
    await keeper.agree(page)
    await come_back(shop, saved_id)
    return saved_id


async def listed(shop: Shop) -> list[dict[str, Any]]:
    """Return what the customer can pay with."""
    answer = await shop.customer.get(f"{METHODS}?userId={CUSTOMER}")
    found: list[dict[str, Any]] = answer.json()
    return found


class TestSaving:
    async def test_ends_on_the_shops_page_with_what_the_customer_knows_it_by(
        self, shop: Shop, keeper: Keeper
    ) -> None:
        saved_id, page = await begun(shop)
        assert await listed(shop) == []
        await keeper.agree(page)
        where = await come_back(shop, saved_id)
        assert where.endswith(f"/account/payment?methodId={saved_id}")
        (one,) = await listed(shop)
        assert (one["id"], one["status"], one["brand"]) == (saved_id, "READY", keeper.brand)
        assert one["isDefault"] is True
        assert "token" not in str(one).lower()

    async def test_is_found_out_though_the_customer_never_comes_back(
        self, shop: Shop, keeper: Keeper
    ) -> None:
        _, page = await begun(shop)
        await keeper.agree(page)
        shop.tick(31)
        await shop.work()
        assert len(await listed(shop)) == 1

    async def test_that_is_not_finished_leaves_nothing(self, shop: Shop, keeper: Keeper) -> None:
        saved_id, page = await begun(shop)
        await come_back(shop, saved_id)
        assert (await shop.customer.get(f"{METHODS}/{saved_id}")).json()["status"] == "PENDING"
        await keeper.leave(page)
        await come_back(shop, saved_id)
        assert (await shop.customer.get(f"{METHODS}/{saved_id}")).status == 404

    async def test_stops_at_twenty(self, shop: Shop) -> None:
        for _ in range(20):
            await begun(shop)
        body = {"userId": CUSTOMER, "paymentMethod": "CreditCard"}
        assert (await shop.customer.post(METHODS, body)).json()["code"] == "too-many"

    async def test_stores_no_card_number(self, shop: Shop, keeper: Keeper, tmp_path: Path) -> None:
        await saved(shop, keeper)
        assert card_numbers_in(tmp_path) == []


class TestPaying:
    async def test_takes_the_chosen_one_at_the_checkout(self, shop: Shop, keeper: Keeper) -> None:
        order_id = await shop.place(token=await saved(shop, keeper))
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_takes_it_after_another_card_was_declined(
        self, shop: Shop, keeper: Keeper
    ) -> None:
        order_id = await shop.place(token=keeper.declined)
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "FAILED"
        token = await saved(shop, keeper)
        body = {"orderId": order_id, "paymentMethod": "CreditCard", "paymentToken": token}
        async with shop.running():
            paying = asyncio.create_task(shop.customer.post("/api/payments", body))
            while not paying.done():
                await asyncio.sleep(0.005)
                shop.tick(0.02)
            answer = await paying
        assert (answer.status, answer.json()["status"]) == (201, "PAID")

    async def test_takes_the_default_when_nobody_is_there(self, shop: Shop, keeper: Keeper) -> None:
        await saved(shop, keeper)
        order_id = await shop.prepare(off_session=True)
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_refuses_what_another_customer_saved(self, shop: Shop, keeper: Keeper) -> None:
        token = await saved(shop, keeper)
        for other in (STRANGER, None):
            with pytest.raises(InvalidInput, match="paymentToken"):
                await shop.place(token=token, customer=other)

    async def test_refuses_what_was_removed(self, shop: Shop, keeper: Keeper) -> None:
        token = await saved(shop, keeper)
        assert (await shop.customer.delete(f"{METHODS}/{token}")).status == 204
        with pytest.raises(InvalidInput, match="paymentToken"):
            await shop.place(token=token)


class TestTheList:
    async def test_has_the_one_that_was_preferred_last_first(
        self, shop: Shop, keeper: Keeper
    ) -> None:
        first = await saved(shop, keeper)
        shop.tick(1)
        second = await saved(shop, keeper)
        assert [one["id"] for one in await listed(shop)] == [second, first]
        shop.tick(1)
        preferred = await shop.customer.post(f"{METHODS}/{first}/default", None)
        assert preferred.json()["isDefault"] is True
        seen = await listed(shop)
        assert [(one["id"], one["isDefault"]) for one in seen] == [(first, True), (second, False)]

    async def test_goes_on_with_the_next_one_when_the_default_is_removed(
        self, shop: Shop, keeper: Keeper
    ) -> None:
        first = await saved(shop, keeper)
        shop.tick(1)
        second = await saved(shop, keeper)
        await shop.customer.delete(f"{METHODS}/{second}")
        assert [(one["id"], one["isDefault"]) for one in await listed(shop)] == [(first, True)]

    async def test_is_its_customers_alone(self, shop: Shop, keeper: Keeper) -> None:
        token = await saved(shop, keeper)
        stranger = shop.http.as_customer(STRANGER)
        assert (await stranger.get(f"{METHODS}?userId={CUSTOMER}")).status == 403
        assert (await stranger.get(f"{METHODS}/{token}")).status == 404
        assert (await stranger.post(f"{METHODS}/{token}/default", None)).status == 404
        assert (await stranger.delete(f"{METHODS}/{token}")).status == 404


class TestRemoving:
    async def test_has_the_provider_forget_it(
        self, shop: Shop, keeper: Keeper, tmp_path: Path
    ) -> None:
        token = await saved(shop, keeper)
        assert keeper.kept() in {1, None}
        await shop.customer.delete(f"{METHODS}/{token}")
        assert await listed(shop) == []
        await shop.work()
        assert not keeper.kept()
        assert rows(tmp_path) == []

    @OUTSIDE
    async def test_goes_on_when_the_provider_was_away(
        self, shop: Shop, keeper: Stripe | PayPal, tmp_path: Path
    ) -> None:
        token = await saved(shop, keeper)
        keeper.double.faults.planned = [Fault.REFUSED]
        await shop.customer.delete(f"{METHODS}/{token}")
        await shop.work()
        assert keeper.kept() == 1
        shop.tick(60)
        await shop.work()
        assert keeper.kept() == 0
        assert rows(tmp_path) == []

    async def test_forgets_a_sign_up_that_is_finished_afterwards(
        self, shop: Shop, keeper: Keeper, tmp_path: Path
    ) -> None:
        saved_id, page = await begun(shop)
        await keeper.agree(page)
        await shop.customer.delete(f"{METHODS}/{saved_id}")
        await shop.work()
        assert not keeper.kept()
        assert rows(tmp_path) == []

    async def test_follows_the_erasure_of_the_customer(
        self, shop: Shop, keeper: Keeper, tmp_path: Path
    ) -> None:
        await saved(shop, keeper)
        assert len((await shop.client.export(CUSTOMER))["savedMethods"]) == 1
        await shop.erase(CUSTOMER)
        await shop.work()
        assert not keeper.kept()
        assert rows(tmp_path) == []


class TestFaults:
    """A sign-up whose calls fail before or after their effect is one sign-up all the same."""

    @OUTSIDE
    @pytest.mark.parametrize("fault", list(Fault))
    async def test_never_save_twice(
        self, shop: Shop, keeper: Stripe | PayPal, fault: Fault
    ) -> None:
        saved_id, page = await begun(shop)
        await keeper.agree(page)
        for step in range(1, 4):
            keeper.double.faults.planned = [None] * (step % 2) + [fault]
            await come_back(shop, saved_id)
            shop.tick(120)
        keeper.double.faults.planned = []
        await come_back(shop, saved_id)
        assert keeper.kept() == 1
        assert [one["id"] for one in await listed(shop)] == [saved_id]


class TestWithNobodyThere:
    """What only the customer could approve is declined, and told."""

    async def test_what_needs_the_customer_is_declined(self, tmp_path: Path) -> None:
        clock = FakeClock()
        double = FakeStripe(clock)
        await double.start()
        provider = test_stripe.adapter(double, clock)
        shop = Shop(tmp_path, clock, provider, "stripe")
        saved_id, page = await begun(shop)
        double.save(page, NEEDS_CUSTOMER)
        await come_back(shop, saved_id)
        order_id = await shop.prepare(token=saved_id, off_session=True)
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "authentication_required"
        shop.close()
        await provider.close()
        await double.stop()

    async def test_nothing_is_charged_without_anything_saved(self, tmp_path: Path) -> None:
        clock = FakeClock()
        provider = test_stripe.adapter(FakeStripe(clock), clock)
        shop = Shop(tmp_path, clock, provider, "stripe")
        with pytest.raises(InvalidInput, match="no saved way to pay"):
            await shop.prepare(off_session=True)
        shop.close()
        await provider.close()


async def test_a_webhook_that_is_signed_has_the_sign_up_looked_at(tmp_path: Path) -> None:
    clock = FakeClock()
    double = FakeStripe(clock)
    await double.start()
    provider = test_stripe.adapter(double, clock)
    shop = Shop(tmp_path, clock, provider, "stripe")
    _, page = await begun(shop)
    double.save(page)
    (body,) = double.events
    forged = double.signed(body, "whsec_of_a_forger")
    assert (await shop.http.send("POST", test_stripe.HOOK, body, forged)).status == 400
    for _ in range(2):
        signed = double.signed(body)
        assert (await shop.http.send("POST", test_stripe.HOOK, body, signed)).status == 204
    await shop.work()
    assert [one["last4"] for one in await listed(shop)] == ["4242"]
    shop.close()
    await provider.close()
    await double.stop()


def rows(folder: Path) -> list[tuple[str, str]]:
    """Return what the shop keeps of saved ways to pay."""
    with closing(sqlite3.connect(folder / "payment.db")) as database:
        found = database.execute("SELECT saved_id, status FROM saved_methods")
        return [(str(saved_id), str(status)) for saved_id, status in found]
