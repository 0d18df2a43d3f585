"""What every store of payments does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CustomerId, OrderId, PaymentId, SavedMethodId
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes
from kibble.services.payment import adapters
from kibble.services.payment.adapters.postgres import PostgresPaymentRepository
from kibble.services.payment.adapters.sqlite import SqlitePaymentRepository
from kibble.services.payment.model import (
    ChargeRecord,
    Dispute,
    DisputeRecord,
    DisputeStatus,
    Failure,
    Likeness,
    NextAction,
    Payable,
    Payment,
    PaymentMethod,
    PaymentToken,
    RefundRecord,
    SavedMethod,
)
from kibble.services.payment.repository import PaymentRepository
from tests.fixtures.doubles import START
from tests.fixtures.engines import Space
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.sql_stores import SqlStores

__all__ = ["postgres"]

ORDER = OrderId("0193c1a0-0000-7000-8000-000000000001")
CUSTOMER = CustomerId("0193c1a0-0000-7000-8000-0000000000c1")
CARD = PaymentMethod.CREDIT_CARD
LATER = START + timedelta(minutes=1)

STORES = SqlStores("payment", adapters, SqlitePaymentRepository, PostgresPaymentRepository)


@pytest.fixture
async def sqlite_repository(tmp_path: Path) -> AsyncIterator[SqlitePaymentRepository]:
    async with STORES.on_sqlite(tmp_path) as made:
        yield made


@pytest.fixture
async def postgres_repository(postgres: Space) -> AsyncIterator[PostgresPaymentRepository]:
    async with STORES.on_postgres(postgres) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.engine)])
def repository(request: pytest.FixtureRequest) -> PaymentRepository:
    """Each adapter of the port in turn."""
    made: PaymentRepository = request.getfixturevalue(f"{request.param}_repository")
    return made


def payment_id(number: int) -> PaymentId:
    return PaymentId(f"0193c1a0-0000-7000-8000-0000000000a{number}")


def order_id(number: int) -> OrderId:
    return OrderId(f"0193c1a0-0000-7000-8000-0000000000b{number}")


def a_payable(order: OrderId = ORDER) -> Payable:
    """Return the payable of an order that is being placed."""
    return Payable(order, CUSTOMER, Money(4_599), CARD, START)


async def save(
    repository: PaymentRepository, *aggregates: Payable | Payment | PaymentToken | SavedMethod
) -> None:
    """Commit ``aggregates`` together."""
    changes = Changes()
    for aggregate in aggregates:
        changes.save(aggregate)
    await repository.commit(changes)


async def a_payment(repository: PaymentRepository, number: int = 1) -> Payment:
    """Store a payment of the test's order, with its payable, and return it."""
    payable = await repository.find_payable(ORDER) or a_payable()
    payment = Payment.of(payable, payment_id(number), CARD, START)
    await save(repository, payable, payment)
    found = await repository.find_payment(payment.id)
    assert found is not None
    return found


async def reload(repository: PaymentRepository, payment: Payment) -> Payment:
    """Return a payment as it is stored."""
    found = await repository.find_payment(payment.id)
    assert found is not None
    return found


class TestRoundTrip:
    """What is saved comes back."""

    async def test_of_a_payable(self, repository: PaymentRepository) -> None:
        payable = a_payable()
        payable.place(Money(100, "EUR"), PaymentMethod.PAYPAL, LATER)
        payable.attempt()
        await save(repository, payable)
        assert await repository.find_payable(ORDER) == payable
        assert await repository.payables_of(CUSTOMER) == [payable]

    async def test_of_a_token(self, repository: PaymentRepository) -> None:
        await save(repository, PaymentToken(ORDER, "tok_ok", off_session=True))
        token = await repository.find_token(ORDER)
        assert token == PaymentToken(ORDER, "tok_ok", off_session=True, version=1)
        changes = Changes()
        changes.remove(token)
        await repository.commit(changes)
        assert await repository.find_token(ORDER) is None

    async def test_of_a_payment_that_waits(self, repository: PaymentRepository) -> None:
        payment = await a_payment(repository)
        payment.request_key = "customer\nPOST\n/api/payments\nk-1"
        payment.begin(START, LATER)
        payment.hold(LATER)
        payment.require_action(NextAction("redirect", "https://bank.example"), START, LATER)
        payment.withdraw(LATER)
        await save(repository, payment)
        assert await reload(repository, payment) == payment

    async def test_of_a_payment_that_failed(self, repository: PaymentRepository) -> None:
        payment = await a_payment(repository)
        payment.fail(Failure("card_declined", "The card was declined."), LATER)
        await save(repository, payment)
        assert await reload(repository, payment) == payment

    async def test_of_a_payment_with_refunds(self, repository: PaymentRepository) -> None:
        payment = await a_payment(repository)
        payment.begin(START, LATER)
        payment.approve("ch_1", START)
        await save(repository, payment)
        payment = await reload(repository, payment)
        payment.claim_refund("r-1", Money(100), "damaged", START)
        payment.claim_refund("r-2", Money(200), None, START)
        payment.claim_refund("r-3", Money(300), None, START)
        await save(repository, payment)
        payment.settle_refund(payment.refunds[0], LATER)
        payment.fail_refund(payment.refunds[1], "refused", LATER, LATER)
        await save(repository, payment)
        assert await reload(repository, payment) == replace(payment, postings=[])

    async def test_of_nothing(self, repository: PaymentRepository) -> None:
        assert await repository.find_payable(ORDER) is None
        assert await repository.find_payment(payment_id(1)) is None
        assert await repository.find_token(ORDER) is None
        assert await repository.payments_of(ORDER) == []


class TestConcurrency:
    """Who saves what somebody else has changed is told so."""

    async def test_refuses_a_payment_that_was_changed_meanwhile(
        self, repository: PaymentRepository
    ) -> None:
        mine = await a_payment(repository)
        theirs = await reload(repository, mine)
        theirs.begin(START, LATER)
        await save(repository, theirs)
        mine.withdraw(LATER)
        with pytest.raises(StaleVersion):
            await save(repository, mine)

    async def test_refuses_a_second_payment_that_has_not_failed(
        self, repository: PaymentRepository
    ) -> None:
        first = await a_payment(repository)
        with pytest.raises(StaleVersion):
            await a_payment(repository, 2)
        first.fail(Failure("card_declined", "no"), LATER)
        await save(repository, first)
        await a_payment(repository, 3)
        found = await repository.payments_of(ORDER)
        assert [payment.id for payment in found] == [payment_id(3), payment_id(1)]

    async def test_refuses_one_posting_twice(self, repository: PaymentRepository) -> None:
        payment = await a_payment(repository)
        payment.begin(START, LATER)
        payment.approve("ch_1", START)
        await save(repository, payment)
        with pytest.raises(StaleVersion):
            await save(repository, payment)

    async def test_starts_one_payment_of_an_order_of_many_at_a_time(
        self, repository: PaymentRepository
    ) -> None:
        await save(repository, a_payable())

        async def start(number: int) -> None:
            payable = await repository.find_payable(ORDER)
            assert payable is not None
            await save(repository, Payment.of(payable, payment_id(number), CARD, START))

        results = await asyncio.gather(*(start(n) for n in range(9)), return_exceptions=True)
        assert sum(result is None for result in results) == 1
        assert len(await repository.payments_of(ORDER)) == 1


class TestQueries:
    """What the background work asks for."""

    async def test_due_payments_come_the_longest_due_first(
        self, repository: PaymentRepository
    ) -> None:
        for number, minutes in enumerate([3, 1, 2]):
            payable = a_payable(order_id(number))
            payment = Payment.of(payable, payment_id(number), CARD, START)
            payment.due_at = START + timedelta(minutes=minutes)
            await save(repository, payable, payment)
        first, second, third = payment_id(1), payment_id(2), payment_id(0)
        assert await repository.due(START + timedelta(minutes=2), 10) == [first, second]
        assert await repository.due(None, 10) == [first, second, third]
        assert await repository.due(None, 1) == [first]

    async def test_a_decided_payment_is_not_due(self, repository: PaymentRepository) -> None:
        payment = await a_payment(repository)
        payment.fail(Failure("card_declined", "no"), LATER)
        await save(repository, payment)
        assert await repository.due(None, 10) == []

    async def test_prepared_payables_are_found_by_their_age(
        self, repository: PaymentRepository
    ) -> None:
        old, placed = a_payable(order_id(1)), a_payable(order_id(2))
        placed.place(Money(1), CARD, LATER)
        await save(repository, old, placed)
        assert await repository.prepared_before(LATER, 10) == [old]
        assert await repository.prepared_before(START, 10) == []

    async def test_the_books_have_what_went_through(self, repository: PaymentRepository) -> None:
        payment = await a_payment(repository)
        payment.begin(START, LATER)
        await save(repository, payment)
        assert (await repository.books("sandbox")).undecided == {payment_id(1)}
        payment.approve("ch_1", START)
        first = payment.claim_refund("r-1", Money(100), None, START)
        payment.claim_refund("r-2", Money(200), None, START)
        payment.settle_refund(first, START)
        await save(repository, payment)
        books = await repository.books("sandbox")
        assert books.charges == {payment_id(1): ChargeRecord(payment.id, ORDER, Money(4_599))}
        assert books.refunds == {"r-1": RefundRecord("r-1", payment.id, Money(100))}
        assert books.undecided == {"r-2"}


def a_dispute(status: DisputeStatus = DisputeStatus.OPEN) -> Dispute:
    return Dispute(
        id="dp_1",
        payment_id=payment_id(1),
        status=status,
        amount=Money(4_599),
        withdrawn=Money(4_599),
        fee=Money(1_500),
        reason_code="fraudulent",
        opened_at=START,
        respond_by=LATER,
    )


class TestDisputes:
    async def test_are_kept_with_their_payment(self, repository: PaymentRepository) -> None:
        payment = await a_payment(repository)
        payment.begin(START, LATER, "stripe")
        payment.authorize(START)
        payment.approve("pi_1", START)
        payment.look_for_disputes(LATER)
        await save(repository, payment)
        found = await repository.find_payment(payment.id)
        assert found is not None
        assert (found.authorized, found.dispute_due) == (True, True)
        found.take_disputes([a_dispute()], LATER)
        await save(repository, found)
        lost = await repository.find_payment(payment.id)
        assert lost is not None
        assert lost.disputes == [a_dispute()]
        lost.take_disputes([a_dispute(DisputeStatus.LOST)], LATER)
        await save(repository, lost)
        books = await repository.books("stripe")
        record = DisputeRecord("dp_1", payment.id, Money(4_599), DisputeStatus.LOST)
        assert books.disputes == {"dp_1": record}
        assert (await repository.books("stripe", LATER)).disputes == {}
        assert (await repository.books("paypal")).disputes == {}


def a_saved_method(number: int = 1) -> SavedMethod:
    saved_id = SavedMethodId(f"0193c1a0-0000-7000-8000-0000000000d{number}")
    return SavedMethod(saved_id, CUSTOMER, CARD, "stripe", "cs_1", START, START, LATER)


class TestSavedMethods:
    async def test_are_found_by_id_by_customer_and_by_when_they_are_due(
        self, repository: PaymentRepository
    ) -> None:
        first, second = a_saved_method(1), a_saved_method(2)
        second.keep("cus_1/pm_1", Likeness("visa", "4242", "2030-04"), LATER)
        await save(repository, first, second)
        assert await repository.find_saved(second.id) == second
        assert await repository.saved_of(CUSTOMER) == [first, second]
        assert await repository.saved_due(LATER, 10) == [first.id]
        assert await repository.saved_due(START, 10) == []

    async def test_belong_to_nobody_once_they_are_removed(
        self, repository: PaymentRepository
    ) -> None:
        saved = a_saved_method()
        saved.keep("cus_1/pm_1", Likeness("visa", "4242", "2030-04"), START)
        await save(repository, saved)
        saved.remove(LATER)
        await save(repository, saved)
        assert await repository.saved_of(CUSTOMER) == []
        assert await repository.saved_due(LATER, 10) == [saved.id]
        changes = Changes()
        changes.remove(saved)
        await repository.commit(changes)
        assert await repository.find_saved(saved.id) is None
