"""Somebody is away, slow or wants the customer first: the payment waits, and is never forgotten."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kibble.contracts.payment import PaymentFailed, PaymentProcessed
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import OrderId
from kibble.kernel.money import Money
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.adapters.sqlite import SqlitePaymentRepository
from kibble.services.payment.integration import (
    ActionRequired,
    Approved,
    Charge,
    ChargeResult,
    Declined,
    Notice,
    PaymentProvider,
    Providers,
    RefundResult,
)
from kibble.services.payment.model import ChargeRecord, RefundRecord
from kibble.services.payment.service import PaymentProcessor
from tests.component.payment.bare import Bare
from tests.component.payment.shop import Shop
from tests.fixtures.doubles import FakeClock

ACTION = ActionRequired("redirect", "https://bank.example/3ds")


def processor_of(shop: Shop, provider: PaymentProvider) -> PaymentProcessor:
    """Return a processor beside a shop's own: it does what it is asked to, and nothing else."""
    assert isinstance(shop.store, SqlitePaymentRepository)
    return PaymentProcessor(
        repository=shop.store,
        providers=Providers.only(provider),
        holds=shop.holds,
        clock=shop.clock,
        ids=shop.ids,
        randomness=random.Random(3),
    )


class ScriptedProvider(Bare):
    """Answers what the test says; an error is raised."""

    history: timedelta | None = None

    def __init__(self) -> None:
        self.answer: ChargeResult | Unavailable = ACTION
        self.refund_answer: RefundResult | Unavailable = Approved("re_1")
        self.found: ChargeResult | Unavailable | None = None
        self.asked = 0
        self.charged: list[Charge] = []
        self.refunded: list[str] = []
        self.capture_answer: ChargeResult | Unavailable = Approved("ch_1")
        self.captured: list[Charge] = []
        self.void_answer: ChargeResult = Declined("voided", "The charge was called off.")
        self.voided: list[Charge] = []
        self.told: list[Notice] = []

    async def charge(self, charge: Charge) -> ChargeResult:
        self.charged.append(charge)
        if isinstance(self.answer, Unavailable):
            raise self.answer
        return self.answer

    async def check(self) -> None:
        pass

    async def capture(self, charge: Charge) -> ChargeResult:
        self.captured.append(charge)
        if isinstance(self.capture_answer, Unavailable):
            raise self.capture_answer
        return self.capture_answer

    async def void(self, charge: Charge) -> ChargeResult:
        self.voided.append(charge)
        return self.void_answer

    async def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        return self.told

    async def close(self) -> None:
        pass

    async def find_charge(self, charge: Charge) -> ChargeResult | None:
        self.asked += 1
        if isinstance(self.found, Unavailable):
            raise self.found
        return self.found

    async def refund(self, refund_id: str, charge: Charge, amount: Money) -> RefundResult:
        self.refunded.append(refund_id)
        if isinstance(self.refund_answer, Unavailable):
            raise self.refund_answer
        return self.refund_answer

    async def charges(self, since: datetime | None) -> AsyncIterator[ChargeRecord]:
        for charge in self.charged:
            yield ChargeRecord(charge.payment_id, charge.order_id, charge.amount)

    async def refunds(self, since: datetime | None) -> AsyncIterator[RefundRecord]:
        for refund_id in self.refunded:
            yield RefundRecord(refund_id, self.charged[0].payment_id, self.charged[0].amount)


@pytest.fixture
def provider() -> ScriptedProvider:
    """A provider that does as it is told."""
    return ScriptedProvider()


@pytest.fixture
def shop(tmp_path: Path, provider: ScriptedProvider) -> Shop:
    """Payment with the scripted provider."""
    return Shop(tmp_path, FakeClock(), provider)


class TestCustomerFirst:
    """The provider wants the customer to act."""

    async def test_shows_the_next_action(self, shop: Shop, provider: ScriptedProvider) -> None:
        order_id = await shop.place()
        await shop.work()
        payment = await shop.payment(order_id)
        assert payment["status"] == "REQUIRES_ACTION"
        assert payment["nextAction"] == {"type": "redirect", "url": "https://bank.example/3ds"}
        assert shop.published() == []

    async def test_answers_202_at_once(self, shop: Shop, provider: ScriptedProvider) -> None:
        provider.answer = Declined("card_declined", "no")
        order_id = await shop.place()
        await shop.work()
        provider.answer = ACTION
        async with shop.running():
            sent = {"orderId": order_id, "paymentMethod": "CreditCard"}
            asking = asyncio.create_task(shop.customer.post("/api/payments", sent))
            while not asking.done():
                await asyncio.sleep(0.005)
                shop.tick(0.02)
            answer = await asking
        assert (answer.status, answer.json()["nextAction"]["type"]) == (202, "redirect")

    async def test_is_paid_once_the_customer_has_acted(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        order_id = await shop.place()
        await shop.work()
        provider.found = ACTION
        await shop.work()
        provider.found = Approved("ch_1")
        await shop.work()
        payment = await shop.payment(order_id)
        assert payment["status"] == "PAID"
        assert "nextAction" not in payment
        assert [type(event) for event in shop.published()] == [PaymentProcessed]

    async def test_holds_the_stock_meanwhile(self, shop: Shop, provider: ScriptedProvider) -> None:
        order_id = await shop.place(hold=timedelta(seconds=30))
        provider.found = ACTION
        for _ in range(10):
            await shop.work()
            shop.tick(20)
        assert {extended for extended, _ in shop.holds.extended} == {order_id}
        assert shop.holds.extended[-1][1] > shop.clock.now() - timedelta(seconds=20)


class TestAway:
    """The provider or Inventory cannot be reached."""

    async def test_charges_again_under_the_same_id(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        provider.answer = Unavailable("away")
        order_id = await shop.place()
        for _ in range(3):
            await shop.work()
        provider.answer = Approved("ch_1")
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len({charge.payment_id for charge in provider.charged}) == 1

    async def test_never_charges_again_while_it_cannot_ask(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        provider.answer = provider.found = Unavailable("away")
        order_id = await shop.place()
        for _ in range(5):
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "PROCESSING"
        assert len(provider.charged) == 1

    async def test_asks_ever_less_often(self, shop: Shop, provider: ScriptedProvider) -> None:
        provider.answer = provider.found = Unavailable("away")
        await shop.place()
        await shop.work()
        processor = processor_of(shop, provider)
        asked = [await self.asked_in_a_minute(shop, processor, provider) for _ in range(6)]
        assert asked[0] > 5
        assert 2 <= asked[-1] <= 4

    async def asked_in_a_minute(
        self, shop: Shop, processor: PaymentProcessor, provider: ScriptedProvider
    ) -> int:
        before = provider.asked
        for _ in range(120):
            shop.tick(0.5)
            await asyncio.gather(*map(processor.work_on, await processor.due()))
        return provider.asked - before

    async def test_does_not_charge_before_the_stock_is_held(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        shop.holds.is_away = True
        order_id = await shop.place(hold=timedelta(seconds=1))
        await shop.work()
        assert ((await shop.payment(order_id))["status"], provider.charged) == ("PENDING", [])
        shop.holds.is_away = False
        provider.answer = Approved("ch_1")
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_fails_when_the_hold_is_lost_and_no_charge_turns_up(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        provider.answer = Unavailable("away")
        order_id = await shop.place(hold=timedelta(seconds=30))
        await shop.work()
        shop.holds.gone.add(order_id)
        shop.tick(59)
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PROCESSING"
        shop.tick(2)
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "hold_expired"
        assert len(provider.charged) == 1

    async def test_sends_a_refund_under_the_same_id_until_it_is_answered(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        provider.answer = Approved("ch_1")
        order_id = await shop.place()
        await shop.work()
        provider.refund_answer = Unavailable("away")
        await shop.cancel(order_id)
        for _ in range(3):
            await shop.work()
        provider.refund_answer = Approved("re_1")
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "REFUNDED"
        assert len(provider.refunded) == 4
        assert len(set(provider.refunded)) == 1

    async def test_claims_a_refused_refund_of_a_gone_order_anew(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        provider.answer = Approved("ch_1")
        order_id = await shop.place()
        await shop.work()
        provider.refund_answer = Declined("balance_insufficient", "Not now.")
        await shop.cancel(order_id)
        await shop.work()
        payment = await shop.payment(order_id)
        assert (payment["status"], payment["refunds"][0]["status"]) == ("PAID", "FAILED")
        provider.refund_answer = Approved("re_1")
        shop.tick(3_601)
        await shop.work()
        payment = await shop.payment(order_id)
        assert [refund["status"] for refund in payment["refunds"]] == ["FAILED", "SUCCEEDED"]
        assert payment["refundedAmount"] == 45.99

    async def test_the_periodic_look_finds_what_is_due(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        provider.answer = provider.found = Unavailable("away")
        order_id = await shop.place()
        async with shop.running():
            await shop.until_status(order_id, "PROCESSING")
            provider.found = Approved("ch_1")
            while (await shop.payment(order_id))["status"] == "PROCESSING":
                await asyncio.sleep(0.005)
                shop.tick(1)
        assert (await shop.payment(order_id))["status"] == "PAID"


class TestTwoProcesses:
    """Two replicas look at one payment at the same moment."""

    async def test_charge_once_and_tell_once(self, tmp_path: Path) -> None:
        clock = FakeClock()
        here, there = Shop(tmp_path, clock), Shop(tmp_path, clock)
        order_id = await here.place()
        await asyncio.gather(here.work(), there.work())
        assert (await here.payment(order_id))["status"] == "PAID"
        assert [type(event) for event in here.published()] == [PaymentProcessed]
        books = await here.books()
        assert (len(books["provider"]["charges"]), books["drift"]) == (1, [])

    async def test_refund_once(self, tmp_path: Path) -> None:
        clock = FakeClock()
        here, there = Shop(tmp_path, clock), Shop(tmp_path, clock)
        order_id = await here.place()
        await here.work()
        await here.cancel(order_id)
        await asyncio.gather(here.work(), there.work())
        await here.work()
        payment = await here.payment(order_id)
        assert (payment["status"], payment["refundedAmount"]) == ("REFUNDED", 45.99)
        assert (await here.books())["drift"] == []


class TestSecrets:
    """What is secret does not leave, and does not stay."""

    async def test_a_token_is_in_no_event_no_answer_and_no_log(
        self, shop: Shop, provider: ScriptedProvider, capsys: pytest.CaptureFixture[str]
    ) -> None:
        provider.answer = Unavailable("away")
        order_id = await shop.place(token="tok_of_a_customer")
        await shop.work()
        provider.found = Declined("card_declined", "no")
        await shop.work()
        assert provider.charged[0].token == "tok_of_a_customer"
        seen = f"{shop.published()} {await shop.payments(order_id)} {provider.charged}"
        assert "tok_of_a_customer" not in seen + "".join(capsys.readouterr())
        assert [type(event) for event in shop.published()] == [PaymentFailed]

    async def test_what_was_prepared_for_no_order_is_forgotten_after_a_week(
        self, shop: Shop, provider: ScriptedProvider
    ) -> None:
        order_id = await shop.prepare(token="tok_of_a_customer")
        await shop.forget_abandoned()
        shop.tick(timedelta(days=8).total_seconds())
        await shop.forget_abandoned()
        assert (await shop.staff.get(f"/api/payments?orderId={order_id}")).status == 404
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert [charge.token for charge in provider.charged] == [None]


class TestManyPaymentsOfAFailingProvider:
    """Most calls fail, as in the half minute after a crash that left all payments in doubt."""

    async def test_are_all_decided_within_a_minute(self, tmp_path: Path) -> None:
        clock = FakeClock()
        provider = SandboxPaymentProvider(tmp_path / "provider.db", clock)
        shop = Shop(tmp_path, clock, provider)
        for number in range(45):
            token = ("tok_timeout", "tok_error", "tok_ok")[number % 3]
            order_id = OrderId(shop.ids.new())
            await shop.client.prepare(order_id, None, Money(100), "CreditCard", token)
            await shop.deliver(shop.placed(order_id, 100, None))
        processor = processor_of(shop, provider)
        started = clock.monotonic()
        while await processor.unfinished() and clock.monotonic() - started < 600:
            await asyncio.gather(*map(processor.work_on, await processor.due()))
            clock.advance(0.5)
        assert clock.monotonic() - started < 60
        shop.close()
        provider.end()
