"""The process dies at every boundary there is, one after the other, and nothing is lost or doubled.

A boundary is the moment before or after a commit, or before or after a call to the provider. What
was under way then comes again, as a redelivered event or a repeated call does.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kibble.contracts.order import OrderCancelled, OrderPlaced
from kibble.kernel.ids import OrderId
from kibble.kernel.money import Money
from kibble.platform.clock import Uuid7Ids
from kibble.platform.engines.sqlite import Database, migrate
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker, open_envelope
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import InboxMark, StoredReply
from kibble.platform.resilience import Guard
from kibble.services.payment import adapters
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.adapters.sqlite import SqlitePaymentRepository
from kibble.services.payment.client import PaymentClient
from kibble.services.payment.event_processor import subscriptions
from kibble.services.payment.integration import (
    Charge,
    ChargeResult,
    Notice,
    Providers,
    RefundResult,
)
from kibble.services.payment.model import ChargeRecord, Payment, RefundRecord
from kibble.services.payment.service import (
    PaymentProcessor,
    PaymentService,
    Reconciler,
    Reconciliation,
    Wallet,
)
from tests.component.payment.bare import Bare
from tests.component.payment.shop import CUSTOMER, FakeHolds
from tests.fixtures.doubles import FakeClock

AMOUNT = Money(4_599)


class Crash(BaseException):
    """The process is gone: nothing may catch this."""


class Fuse:
    """Blows at the boundary with a given number; 0 is never."""

    def __init__(self, blows_at: int) -> None:
        self._left = blows_at
        self.has_blown = False

    def pass_boundary(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.has_blown = True
            raise Crash


class CrashingRepository(SqlitePaymentRepository):
    """Dies before or after a commit."""

    fuse = Fuse(0)

    async def commit(
        self,
        changes: Changes,
        *,
        reply: StoredReply | None = None,
        inbox: InboxMark | None = None,
    ) -> None:
        self.fuse.pass_boundary()
        await super().commit(changes, reply=reply, inbox=inbox)
        self.fuse.pass_boundary()


class CrashingProvider(Bare):
    """Dies before or after the provider did what it was asked for."""

    history: timedelta | None = None

    def __init__(self, provider: SandboxPaymentProvider, fuse: Fuse) -> None:
        self._provider = provider
        self._fuse = fuse

    async def charge(self, charge: Charge) -> ChargeResult:
        self._fuse.pass_boundary()
        result = await self._provider.charge(charge)
        self._fuse.pass_boundary()
        return result

    async def check(self) -> None:
        await self._provider.check()

    async def find_charge(self, charge: Charge) -> ChargeResult | None:
        return await self._provider.find_charge(charge)

    async def capture(self, charge: Charge) -> ChargeResult:
        return await self._provider.capture(charge)

    async def void(self, charge: Charge) -> ChargeResult:
        self._fuse.pass_boundary()
        result = await self._provider.void(charge)
        self._fuse.pass_boundary()
        return result

    async def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        return await self._provider.notices(headers, body)

    async def close(self) -> None:
        await self._provider.close()

    async def refund(self, refund_id: str, charge: Charge, amount: Money) -> RefundResult:
        self._fuse.pass_boundary()
        result = await self._provider.refund(refund_id, charge, amount)
        self._fuse.pass_boundary()
        return result

    def charges(self, since: datetime | None) -> AsyncIterator[ChargeRecord]:
        return self._provider.charges(since)

    def refunds(self, since: datetime | None) -> AsyncIterator[RefundRecord]:
        return self._provider.refunds(since)


class Process:
    """Payment in a process that dies when its fuse blows."""

    def __init__(self, folder: Path, clock: FakeClock, fuse: Fuse) -> None:
        ids = Uuid7Ids(clock, random.Random(str(clock.now())))
        database = Database(folder / "payment.db")
        migrate(database, adapters.__name__)
        self.repository = CrashingRepository(database, EnvelopeMaker("payment", clock, ids))
        self.repository.fuse = fuse
        self._sandbox = SandboxPaymentProvider(folder / "sandbox.db", clock)
        provider = CrashingProvider(self._sandbox, fuse)
        providers = Providers.only(provider)
        wallet = Wallet(
            repository=self.repository,
            providers=providers,
            guard=Guard("vault", clock, random.Random(1), timeout_seconds=1, concurrency=1),
            clock=clock,
            ids=ids,
            wake=lambda _: None,
        )
        service = PaymentService(
            repository=self.repository,
            clock=clock,
            ids=ids,
            wake=lambda _: None,
            providers=providers,
            wallet=wallet,
        )
        self.processor = PaymentProcessor(
            repository=self.repository,
            providers=providers,
            holds=FakeHolds(),
            clock=clock,
            ids=ids,
            randomness=random.Random(3),
        )
        self._reconciler = Reconciler(self.repository, providers, service, self.processor, clock)
        self.client = PaymentClient(service, wallet, self._reconciler, self.repository)
        self.consumer = Consumer("payment", subscriptions(service), self.repository, clock)

    async def work(self) -> None:
        for payment_id in await self.processor.unfinished():
            await self.processor.work_on(payment_id)

    async def reconcile(self) -> Reconciliation:
        return await self._reconciler.reconcile()

    def close(self) -> None:
        self.repository.close()
        self._sandbox.end()


class Story:
    """What happens to one order, step by step; each step may be repeated."""

    def __init__(self, clock: FakeClock, token: str | None, *, cancelled: bool) -> None:
        ids = Uuid7Ids(clock, random.Random(1))
        maker = EnvelopeMaker("order", clock, ids)
        self.order_id = OrderId(ids.new())
        placed = OrderPlaced(
            order_id=self.order_id,
            customer_id=CUSTOMER,
            amount_due=AMOUNT.minor,
            currency=AMOUNT.currency,
            payment_method="CreditCard",
            hold_expires_at=clock.now() + timedelta(seconds=5),
            lines=[],
        )
        cancel = OrderCancelled(order_id=self.order_id, customer_id=CUSTOMER, reason="test")
        self._clock = clock
        self._token = token
        self._placed = maker.make(placed, 1)[1]
        self._cancelled = maker.make(cancel, 2)[1]
        ending = [self.cancel, self.work] if cancelled else []
        self.steps: list[Callable[[Process], Awaitable[None]]] = [
            self.prepare,
            self.place,
            self.work,
            *ending,
            *[self.work_later] * 4,
        ]

    async def prepare(self, process: Process) -> None:
        await process.client.prepare(self.order_id, CUSTOMER, AMOUNT, "CreditCard", self._token)

    async def place(self, process: Process) -> None:
        await process.consumer.receive(self._placed, "order_events")

    async def work(self, process: Process) -> None:
        await process.work()

    async def work_later(self, process: Process) -> None:
        self._clock.advance(61)
        await process.work()

    async def cancel(self, process: Process) -> None:
        await process.consumer.receive(self._cancelled, "order_events")


async def told_with_a_crash(
    folder: Path, clock: FakeClock, story: Story, blows_at: int
) -> tuple[Process, bool]:
    """Tell the story in a process that dies on the way; return the one that ended it."""
    fuse = Fuse(blows_at)
    process = Process(folder, clock, fuse)
    for step in story.steps:
        try:
            await step(process)
        except Crash:
            clock.advance(1)
            process = Process(folder, clock, Fuse(0))
            await step(process)
    return process, fuse.has_blown


async def check_books(process: Process, order_id: OrderId) -> Payment:
    """Check what holds whatever happened; return the order's only payment."""
    [payment] = await process.repository.payments_of(order_id)
    seen = await process.reconcile()
    assert seen.drift == []
    assert seen.ours.undecided == frozenset()
    assert len(seen.provider.charges) <= 1
    assert payment.due_at is None
    [(left, reached)] = process.repository.database.read(
        "SELECT (SELECT coalesce(sum(amount), 0) FROM ledger WHERE debit = 'CAPTURED'),"
        " (SELECT coalesce(sum(amount), 0) FROM ledger WHERE credit = 'CAPTURED')"
    )
    assert reached - left == (payment.paid - payment.refunded).minor
    log = process.repository.read_log("payment_events", 0, 100)
    told = Counter(entry.type for entry in log)
    assert set(told.values()) <= {1}, told
    sequences = [open_envelope(entry.envelope).sequence for entry in log]
    assert sequences == sorted(set(sequences))
    return payment


@pytest.mark.parametrize("token", ["tok_ok", "tok_timeout", "tok_error", "tok_declined"])
@pytest.mark.parametrize("cancelled", [False, True])
async def test_survives_a_crash_at_every_boundary(
    tmp_path: Path, token: str, *, cancelled: bool
) -> None:
    blows_at, has_blown = 0, True
    while has_blown:
        blows_at += 1
        clock = FakeClock()
        story = Story(clock, token, cancelled=cancelled)
        folder = tmp_path / str(blows_at)
        process, has_blown = await told_with_a_crash(folder, clock, story, blows_at)
        payment = await check_books(process, story.order_id)
        charged = len((await process.reconcile()).provider.charges)
        if token == "tok_declined":
            assert (payment.status.value, charged) == ("FAILED", 0)
        elif not cancelled:
            assert (payment.status.value, charged) == ("PAID", 1)
        else:
            gone = {0: "FAILED", 1: "REFUNDED"}
            assert payment.status.value == gone[charged]
        process.close()
    assert blows_at > 10
