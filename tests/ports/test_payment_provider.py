"""What every payment provider's adapter does, and what the sandbox does by its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kibble.kernel.errors import KeyReused, TimedOut, Unavailable
from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.platform.clock import SystemClock
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.integration import (
    Approved,
    Charge,
    Declined,
    PaymentProvider,
)
from kibble.services.payment.model import ChargeRecord, RefundRecord

ORDER = OrderId("0193c1a0-0000-7000-8000-000000000001")
PAYMENT = PaymentId("0193c1a0-0000-7000-8000-00000000000a")
AMOUNT = Money(4_599)


def a_charge(
    token: str | None = None, payment_id: PaymentId = PAYMENT, cents: int = 4_599
) -> Charge:
    """Return a charge of the test's order."""
    return Charge(payment_id, ORDER, Money(cents), token)


def opened(folder: Path) -> SandboxPaymentProvider:
    """Open the sandbox's books in ``folder``."""
    return SandboxPaymentProvider(folder / "sandbox-payments.db", SystemClock())


@pytest.fixture(params=["sandbox"])
def provider(tmp_path: Path) -> Iterator[PaymentProvider]:
    """Each adapter of the port in turn."""
    sandbox = opened(tmp_path)
    yield sandbox
    sandbox.end()


def contents(folder: Path) -> bytes:
    """Return all that is in the files of ``folder``."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def charged(provider: PaymentProvider) -> list[ChargeRecord]:
    """Return all charges in the provider's books."""
    return [record async for record in provider.charges(None)]


async def sent_back(provider: PaymentProvider) -> list[RefundRecord]:
    """Return all refunds in the provider's books."""
    return [record async for record in provider.refunds(None)]


class TestEveryProvider:
    """The port's contract."""

    async def test_charges_once_for_one_id(self, provider: PaymentProvider) -> None:
        first = await provider.charge(a_charge())
        assert isinstance(first, Approved)
        assert await provider.charge(a_charge()) == first
        assert await charged(provider) == [ChargeRecord(PAYMENT, ORDER, AMOUNT)]

    async def test_refuses_one_id_for_two_charges(self, provider: PaymentProvider) -> None:
        await provider.charge(a_charge())
        with pytest.raises(KeyReused):
            await provider.charge(a_charge(cents=1))

    async def test_finds_what_became_of_a_charge(self, provider: PaymentProvider) -> None:
        approved = await provider.charge(a_charge())
        assert await provider.find_charge(a_charge()) == approved

    async def test_finds_nothing_for_a_charge_that_it_never_got(
        self, provider: PaymentProvider
    ) -> None:
        assert await provider.find_charge(a_charge()) is None

    async def test_refunds_once_for_one_id(self, provider: PaymentProvider) -> None:
        await provider.charge(a_charge())
        first = await provider.refund("r-1", a_charge(), Money(600))
        assert isinstance(first, Approved)
        assert await provider.refund("r-1", a_charge(), Money(600)) == first
        assert await sent_back(provider) == [RefundRecord("r-1", PAYMENT, Money(600))]

    async def test_refuses_one_id_for_two_refunds(self, provider: PaymentProvider) -> None:
        await provider.charge(a_charge())
        await provider.refund("r-1", a_charge(), Money(600))
        with pytest.raises(KeyReused):
            await provider.refund("r-1", a_charge(), Money(601))

    async def test_never_refunds_more_than_the_charge(self, provider: PaymentProvider) -> None:
        await provider.charge(a_charge())
        await provider.refund("r-1", a_charge(), Money(4_000))
        assert isinstance(await provider.refund("r-2", a_charge(), Money(600)), Declined)
        assert isinstance(await provider.refund("r-3", a_charge(), Money(599)), Approved)

    async def test_refunds_nothing_that_was_not_charged(self, provider: PaymentProvider) -> None:
        assert isinstance(await provider.refund("r-1", a_charge(), Money(1)), Declined)


class TestTheSandbox:
    """The sandbox's tokens, and its durability."""

    @pytest.mark.parametrize(
        ("token", "code"),
        [
            ("tok_declined", "card_declined"),
            ("tok_insufficient_funds", "insufficient_funds"),
            ("tok_nobody_knows", "invalid_token"),
            ("'; DROP TABLE charges; --", "invalid_token"),
        ],
    )
    async def test_declines_by_the_token(
        self, provider: PaymentProvider, token: str, code: str
    ) -> None:
        declined = await provider.charge(a_charge(token))
        assert isinstance(declined, Declined)
        assert declined.code == code
        assert await provider.find_charge(a_charge()) == declined
        assert await charged(provider) == []

    async def test_declines_for_good_whatever_the_next_token(
        self, provider: PaymentProvider
    ) -> None:
        declined = await provider.charge(a_charge("tok_declined"))
        assert await provider.charge(a_charge("tok_ok")) == declined

    async def test_charges_although_the_answer_is_lost(self, provider: PaymentProvider) -> None:
        with pytest.raises(TimedOut):
            await provider.charge(a_charge("tok_timeout"))
        assert isinstance(await provider.find_charge(a_charge()), Approved)
        assert len(await charged(provider)) == 1

    async def test_works_after_two_errors(self, provider: PaymentProvider) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable):
                await provider.charge(a_charge("tok_error"))
            assert await provider.find_charge(a_charge()) is None
        assert isinstance(await provider.charge(a_charge("tok_error")), Approved)

    async def test_keeps_its_books_when_the_process_dies(self, tmp_path: Path) -> None:
        before = opened(tmp_path)
        answer = await before.charge(a_charge())
        await before.refund("r-1", a_charge(), Money(600))
        after = opened(tmp_path)
        assert await after.find_charge(a_charge()) == answer
        assert await sent_back(after) == [RefundRecord("r-1", PAYMENT, Money(600))]
        after.end()
        before.end()

    async def test_never_keeps_a_token(self, provider: PaymentProvider, tmp_path: Path) -> None:
        await provider.charge(a_charge("tok_secret_of_a_customer"))
        assert b"tok_secret_of_a_customer" not in contents(tmp_path)
        assert ORDER.encode() in contents(tmp_path)
