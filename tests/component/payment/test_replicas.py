"""Several processes that work on the same payments."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.platform.engines.sqlite import Database, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.services.payment import adapters
from kibble.services.payment.adapters.sqlite import SqlitePaymentRepository
from kibble.services.payment.integration import (
    Approved,
    Charge,
    ChargeResult,
    Notice,
    Providers,
    RefundResult,
)
from kibble.services.payment.model import (
    ChargeRecord,
    Payable,
    Payment,
    PaymentMethod,
    PaymentStatus,
    RefundRecord,
)
from kibble.services.payment.service import PaymentProcessor
from tests.component.payment.bare import Bare
from tests.component.payment.shop import FakeHolds
from tests.fixtures.doubles import START, FakeClock, fake_ids
from tests.fixtures.eventually import eventually

ORDER = OrderId("0193c1a0-0000-7000-8000-000000000001")
PAYMENT = PaymentId("0193c1a0-0000-7000-8000-0000000000a1")


class SlowProvider(Bare):
    """A provider that decides nothing until it is let; counts what it is asked."""

    history: timedelta | None = None

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.charged: list[PaymentId] = []
        self.refunded: list[str] = []
        self.asked: list[PaymentId] = []

    async def charge(self, charge: Charge) -> ChargeResult:
        self.charged.append(charge.payment_id)
        await self.may_answer.wait()
        return Approved("ch_1")

    async def check(self) -> None:
        pass

    async def capture(self, charge: Charge) -> ChargeResult:
        raise AssertionError("nothing is authorized")

    async def void(self, charge: Charge) -> ChargeResult:
        raise AssertionError("nothing is called off")

    async def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        return []

    async def close(self) -> None:
        pass

    async def find_charge(self, charge: Charge) -> ChargeResult | None:
        self.asked.append(charge.payment_id)
        await self.may_answer.wait()
        return None

    async def refund(self, refund_id: str, charge: Charge, amount: Money) -> RefundResult:
        self.refunded.append(refund_id)
        await self.may_answer.wait()
        return Approved("re_1")

    async def charges(self, since: datetime | None) -> AsyncIterator[ChargeRecord]:
        for record in list[ChargeRecord]():
            yield record

    async def refunds(self, since: datetime | None) -> AsyncIterator[RefundRecord]:
        for record in list[RefundRecord]():
            yield record


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def repository(tmp_path: Path, clock: FakeClock) -> Iterator[SqlitePaymentRepository]:
    database = Database(tmp_path / "payment.db")
    migrate(database, adapters.__name__)
    made = SqlitePaymentRepository(database, EnvelopeMaker("payment", clock, fake_ids(clock)))
    yield made
    made.close()


async def a_payment(repository: SqlitePaymentRepository) -> None:
    payable = Payable(ORDER, None, Money(4_599), PaymentMethod.CREDIT_CARD, START)
    payment = Payment.of(payable, PAYMENT, PaymentMethod.CREDIT_CARD, START)
    changes = Changes()
    changes.save(payable)
    changes.save(payment)
    await repository.commit(changes)


def replicas(
    repository: SqlitePaymentRepository, provider: SlowProvider, clock: FakeClock
) -> list[PaymentProcessor]:
    return [
        PaymentProcessor(
            repository=repository,
            providers=Providers.only(provider),
            holds=FakeHolds(),
            clock=clock,
            ids=fake_ids(clock, seed),
            randomness=random.Random(seed),
            alone=False,
        )
        for seed in range(4)
    ]


async def status_of(repository: SqlitePaymentRepository) -> PaymentStatus:
    payment = await repository.find_payment(PAYMENT)
    assert payment is not None
    return payment.status


async def test_charge_a_payment_once_though_all_find_it_due(
    repository: SqlitePaymentRepository, clock: FakeClock
) -> None:
    provider = SlowProvider()
    await a_payment(repository)
    working = [
        asyncio.create_task(each.work_on(PAYMENT)) for each in replicas(repository, provider, clock)
    ]
    await eventually(lambda: _done(working, but=1))
    assert provider.charged == [PAYMENT]
    provider.may_answer.set()
    await asyncio.gather(*working)
    assert provider.charged == [PAYMENT]
    assert await status_of(repository) is PaymentStatus.PAID


async def test_leave_a_payment_alone_that_another_is_charging(
    repository: SqlitePaymentRepository, clock: FakeClock
) -> None:
    provider = SlowProvider()
    await a_payment(repository)
    first, second, *_ = replicas(repository, provider, clock)
    charging = asyncio.create_task(first.work_on(PAYMENT))
    await eventually(lambda: _seen(provider.charged))
    assert await second.unfinished() == []
    await second.work_on(PAYMENT)
    assert (provider.charged, provider.asked) == ([PAYMENT], [])
    provider.may_answer.set()
    await charging


async def test_ask_once_what_became_of_a_charge_whose_process_died(
    repository: SqlitePaymentRepository, clock: FakeClock
) -> None:
    provider = SlowProvider()
    await a_payment(repository)
    dying, *others = replicas(repository, provider, clock)
    charging = asyncio.create_task(dying.work_on(PAYMENT))
    await eventually(lambda: _seen(provider.charged))
    charging.cancel()
    await asyncio.gather(charging, return_exceptions=True)
    provider.charged.clear()
    clock.advance(10)
    assert await others[0].due() == [PAYMENT]
    working = [asyncio.create_task(each.work_on(PAYMENT)) for each in others]
    await eventually(lambda: _done(working, but=1))
    assert provider.asked == [PAYMENT]
    provider.may_answer.set()
    await asyncio.gather(*working)
    assert provider.charged == [PAYMENT]
    assert await status_of(repository) is PaymentStatus.PAID


async def a_refund(repository: SqlitePaymentRepository) -> None:
    """Have the payment charged, and a part of it claimed back."""
    payment = await repository.find_payment(PAYMENT)
    assert payment is not None
    payment.begin(START, START)
    payment.approve("ch_1", START)
    payment.claim_refund("re-1", Money(500), "broken", START)
    changes = Changes()
    changes.save(payment)
    await repository.commit(changes)


async def test_send_a_refund_once_though_all_find_it_due(
    repository: SqlitePaymentRepository, clock: FakeClock
) -> None:
    provider = SlowProvider()
    await a_payment(repository)
    await a_refund(repository)
    working = [
        asyncio.create_task(each.work_on(PAYMENT)) for each in replicas(repository, provider, clock)
    ]
    await eventually(lambda: _done(working, but=1))
    assert provider.refunded == ["re-1"]
    provider.may_answer.set()
    await asyncio.gather(*working)
    assert provider.refunded == ["re-1"]
    assert await status_of(repository) is PaymentStatus.PARTIALLY_REFUNDED


async def test_send_a_refund_whose_process_died_under_the_same_id(
    repository: SqlitePaymentRepository, clock: FakeClock
) -> None:
    provider = SlowProvider()
    await a_payment(repository)
    await a_refund(repository)
    dying, other, *_ = replicas(repository, provider, clock)
    sending = asyncio.create_task(dying.work_on(PAYMENT))
    await eventually(lambda: _seen(provider.refunded))
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    provider.may_answer.set()
    await other.work_on(PAYMENT)
    assert provider.refunded == ["re-1"]
    clock.advance(10)
    await other.work_on(PAYMENT)
    assert provider.refunded == ["re-1", "re-1"]
    assert await status_of(repository) is PaymentStatus.PARTIALLY_REFUNDED


async def _done(tasks: list[asyncio.Task[None]], but: int) -> bool:
    return sum(not task.done() for task in tasks) == but


async def _seen(calls: Sequence[str]) -> bool:
    return bool(calls)
