"""What every payment provider's adapter does: the sandbox, Stripe and PayPal held to one contract.

Stripe's and PayPal's accounts are doubles with the official wire formats and with faults;
``tests/engines/test_stripe_mock.py`` has Stripe's own mock check what is sent.
``pytest tests/ports/test_payment_provider.py -rP | grep faults`` shows what happened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from kibble.kernel.errors import InvalidInput, KeyReused, TimedOut, Unavailable
from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.platform.clock import SystemClock
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.integration import (
    Approved,
    Authorized,
    Charge,
    ChargeResult,
    Declined,
    Notice,
    PaymentProvider,
)
from kibble.services.payment.model import ChargeRecord, DisputeStatus, RefundRecord
from tests.component.payment import test_paypal, test_stripe
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers import paypal
from tests.fixtures.providers.paypal import FakePayPal
from tests.fixtures.providers.server import Fault
from tests.fixtures.providers.stripe import FakeStripe

T = TypeVar("T")

ORDER = OrderId("0193c1a0-0000-7000-8000-000000000001")
PAYMENT = PaymentId("0193c1a0-0000-7000-8000-00000000000a")
AMOUNT = Money(4_599)
PATIENCE = 8
"""How often a call is repeated until it answers."""


@dataclass(slots=True)
class Bench:
    """A provider to be held to the contract, and tokens that its account knows.

    ``double`` is the account behind it; the sandbox is its own.
    """

    name: str
    provider: PaymentProvider
    good: str
    bad: str
    double: FakeStripe | FakePayPal | None = None

    def charge(self, cents: int = 4_599, *, token: str | None = None) -> Charge:
        """Return a charge of the test's order by a saved way to pay."""
        return Charge(PAYMENT, ORDER, Money(cents), token or self.good)

    async def settled(self, charge: Charge) -> tuple[Charge, ChargeResult]:
        """Charge, and capture what is only set aside; return what is known of the charge then."""
        result = await self.provider.charge(charge)
        if isinstance(result, Authorized):
            charge = replace(charge, reference=result.reference)
            result = await self.provider.capture(charge)
        reference = result.reference if isinstance(result, Approved) else charge.reference
        return replace(charge, reference=reference), result

    async def books(self) -> tuple[list[ChargeRecord], list[RefundRecord]]:
        """Return all charges and refunds in the provider's books."""
        return (
            [record async for record in self.provider.charges(None)],
            [record async for record in self.provider.refunds(None)],
        )

    @property
    def account(self) -> FakeStripe | FakePayPal:
        """The account of a provider that is outside."""
        assert self.double is not None
        return self.double


def opened(folder: Path) -> SandboxPaymentProvider:
    """Open the sandbox's books in ``folder``."""
    return SandboxPaymentProvider(folder / "sandbox-payments.db", SystemClock())


async def _bench(name: str, folder: Path) -> Bench:
    clock = FakeClock()
    if name == "sandbox":
        return Bench(name, opened(folder), "tok_ok", "tok_declined")
    if name == "stripe":
        stripe = FakeStripe(clock)
        await stripe.start()
        return Bench(name, test_stripe.adapter(stripe, clock), "pm_ok", "pm_declined", stripe)
    account = FakePayPal(clock)
    await account.start()
    provider = test_paypal.adapter(account, clock)
    return Bench(name, provider, "vault-1", paypal.DECLINED, account)


@pytest.fixture(params=["sandbox", "stripe", "paypal"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Each adapter of the port in turn."""
    made = await _bench(request.param, tmp_path)
    yield made
    await made.provider.close()
    if made.double is not None:
        await made.double.stop()


KNOWS_ITS_KEYS = pytest.mark.parametrize("bench", ["sandbox", "stripe"], indirect=True)
"""PayPal answers a key that is used for something else as it did the first time."""
OUTSIDE = pytest.mark.parametrize("bench", ["stripe", "paypal"], indirect=True)
"""Those whose calls can fail, and that send webhooks."""


class TestCharging:
    """Taking money, and looking up what became of it."""

    async def test_happens_once_for_one_id(self, bench: Bench) -> None:
        _, first = await bench.settled(bench.charge())
        assert isinstance(first, Approved)
        assert (await bench.settled(bench.charge()))[1] == first
        assert (await bench.books())[0] == [ChargeRecord(PAYMENT, ORDER, AMOUNT)]

    async def test_is_looked_up_by_what_it_was_told_to_be(self, bench: Bench) -> None:
        begun = await bench.provider.charge(bench.charge())
        assert isinstance(begun, Approved | Authorized)
        there = replace(bench.charge(), reference=begun.reference)
        if isinstance(begun, Authorized):
            begun = await bench.provider.capture(there)
        assert await bench.provider.find_charge(there) == begun

    @KNOWS_ITS_KEYS
    async def test_is_refused_for_an_id_of_another_charge(self, bench: Bench) -> None:
        await bench.provider.charge(bench.charge())
        with pytest.raises(KeyReused):
            await bench.provider.charge(bench.charge(1))

    async def test_that_never_began_is_not_found(self, bench: Bench) -> None:
        assert await bench.provider.find_charge(bench.charge()) is None

    async def test_that_is_declined_takes_nothing(self, bench: Bench) -> None:
        _, result = await bench.settled(bench.charge(token=bench.bad))
        assert isinstance(result, Declined)
        assert result.code
        assert result.message
        assert await bench.books() == ([], [])

    @OUTSIDE
    async def test_sets_the_money_aside_first(self, bench: Bench) -> None:
        result = await bench.provider.charge(bench.charge())
        assert isinstance(result, Authorized)
        assert await bench.books() == ([], [])
        there = replace(bench.charge(), reference=result.reference)
        assert await bench.provider.find_charge(there) == result


class TestCapturing:
    @OUTSIDE
    async def test_twice_takes_it_once(self, bench: Bench) -> None:
        result = await bench.provider.charge(bench.charge())
        assert isinstance(result, Authorized)
        there = replace(bench.charge(), reference=result.reference)
        first = await bench.provider.capture(there)
        assert await bench.provider.capture(there) == first
        assert (await bench.books())[0] == [ChargeRecord(PAYMENT, ORDER, AMOUNT)]


class TestVoiding:
    @OUTSIDE
    async def test_frees_what_is_set_aside_for_good(self, bench: Bench) -> None:
        result = await bench.provider.charge(bench.charge())
        assert isinstance(result, Authorized)
        there = replace(bench.charge(), reference=result.reference)
        for _ in range(2):
            assert isinstance(await bench.provider.void(there), Declined)
        assert not isinstance(await bench.provider.capture(there), Approved)
        assert await bench.books() == ([], [])

    async def test_of_money_that_was_taken_says_so(self, bench: Bench) -> None:
        authorized = await bench.provider.charge(bench.charge())
        assert isinstance(authorized, Approved | Authorized)
        there = replace(bench.charge(), reference=authorized.reference)
        if isinstance(authorized, Authorized):
            await bench.provider.capture(there)
        assert isinstance(await bench.provider.void(there), Approved)
        assert len((await bench.books())[0]) == 1


class TestRefunding:
    async def test_happens_once_for_one_id(self, bench: Bench) -> None:
        charge, _ = await bench.settled(bench.charge())
        first = await bench.provider.refund("r-1", charge, Money(600))
        assert isinstance(first, Approved)
        assert await bench.provider.refund("r-1", charge, Money(600)) == first
        assert (await bench.books())[1] == [RefundRecord("r-1", PAYMENT, Money(600))]

    @KNOWS_ITS_KEYS
    async def test_is_refused_for_an_id_of_another_refund(self, bench: Bench) -> None:
        charge, _ = await bench.settled(bench.charge())
        await bench.provider.refund("r-1", charge, Money(600))
        with pytest.raises(KeyReused):
            await bench.provider.refund("r-1", charge, Money(601))

    async def test_never_exceeds_the_charge(self, bench: Bench) -> None:
        charge, _ = await bench.settled(bench.charge())
        await bench.provider.refund("r-1", charge, Money(4_000))
        assert isinstance(await bench.provider.refund("r-2", charge, Money(600)), Declined)
        assert isinstance(await bench.provider.refund("r-3", charge, Money(599)), Approved)


class TestDisputes:
    async def test_of_a_charge_that_nobody_disputes_are_none(self, bench: Bench) -> None:
        charge, _ = await bench.settled(bench.charge())
        assert list(await bench.provider.disputes.of(charge)) == []
        assert [one async for one in bench.provider.disputes.since(None)] == []

    @OUTSIDE
    async def test_are_told_as_they_stand(self, bench: Bench) -> None:
        charge, _ = await bench.settled(bench.charge())
        dispute = bench.account.dispute(_at_the_account(bench), 4_599)
        (told,) = await bench.provider.disputes.of(charge)
        assert [one async for one in bench.provider.disputes.since(None)] == [told]
        assert (told.payment_id, told.status) == (PAYMENT, DisputeStatus.OPEN)
        assert (told.amount, told.withdrawn) == (AMOUNT, AMOUNT)
        assert told.fee
        bench.account.decide(dispute, won=True)
        (won,) = await bench.provider.disputes.of(charge)
        assert won.status is DisputeStatus.WON
        assert won.withdrawn == AMOUNT


def _at_the_account(bench: Bench) -> str:
    """Return what the account's double knows the only charge by."""
    account = bench.account
    known = account.intents if isinstance(account, FakeStripe) else account.orders
    (one,) = known
    return str(one)


class TestFaults:
    """A call that fails before its effect, after it, or whose answer is lost, is repeated."""

    @OUTSIDE
    @pytest.mark.parametrize("fault", list(Fault))
    @pytest.mark.parametrize("at", range(6))
    async def test_charge_once_and_refund_once(self, bench: Bench, fault: Fault, at: int) -> None:
        """The call number ``at`` and the one after it fail."""
        await bench.provider.check()
        bench.account.faults.planned = [None] * at + [fault, fault]
        charge = bench.charge()
        result = await _insist(lambda: self._charged(bench, charge))
        assert isinstance(result, Authorized | Approved)
        charge = replace(charge, reference=result.reference)
        taken = await _insist(lambda: bench.provider.capture(charge))
        assert isinstance(taken, Approved)
        charge = replace(charge, reference=taken.reference)
        back = await _insist(lambda: bench.provider.refund("r-1", charge, Money(600)))
        assert isinstance(back, Approved)
        bench.account.faults.planned = []
        assert await bench.books() == (
            [ChargeRecord(PAYMENT, ORDER, AMOUNT)],
            [RefundRecord("r-1", PAYMENT, Money(600))],
        )
        print(f"{bench.name} faults {dict(bench.account.faults.happened)}: charged 1, refunded 1")  # noqa: T201 - the report

    async def _charged(self, bench: Bench, charge: Charge) -> ChargeResult:
        """Look a charge up, then make it: as Payment does after a lost answer."""
        found = await bench.provider.find_charge(charge)
        return found if found is not None else await bench.provider.charge(charge)


async def _insist(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call until it answers."""
    for _ in range(PATIENCE):
        try:
            return await call()
        except Unavailable:
            continue
    raise AssertionError("it never answered")


class TestWebhooks:
    """A webhook names a payment, once it is known to be the provider's own and of this moment."""

    @pytest.fixture
    async def told(self, bench: Bench) -> bytes:
        """The latest webhook about the test's payment."""
        await bench.settled(bench.charge())
        return bench.account.events[-1]

    @OUTSIDE
    async def test_that_is_genuine_names_the_payment_each_time(
        self, bench: Bench, told: bytes
    ) -> None:
        for _ in range(2):
            (notice,) = await bench.provider.notices(bench.account.signed(told), told)
            assert isinstance(notice, Notice)
            assert notice.payment_id == PAYMENT

    @OUTSIDE
    async def test_of_a_dispute_names_the_disputed_payment(self, bench: Bench, told: bytes) -> None:
        bench.account.dispute(_at_the_account(bench), 100)
        body = bench.account.events[-1]
        assert body != told
        (notice,) = await bench.provider.notices(bench.account.signed(body), body)
        assert isinstance(notice, Notice)
        assert (notice.payment_id, notice.disputed) == (PAYMENT, True)

    @OUTSIDE
    @pytest.mark.parametrize(
        "forge",
        [
            lambda account, body: (account.signed(body, "whsec_of_a_forger"), body),
            lambda account, body: (account.signed(body), body.replace(b"4", b"5", 1)),
            lambda account, body: (account.signed(body, age_seconds=301), body),
            lambda account, body: (account.signed(body, age_seconds=-301), body),
            lambda _, body: ({}, body),
        ],
        ids=["forged", "changed", "stale", "ahead of time", "unsigned"],
    )
    async def test_that_is_not_is_refused(
        self, bench: Bench, told: bytes, forge: Callable[[Any, bytes], tuple[Any, bytes]]
    ) -> None:
        headers, body = forge(bench.account, told)
        with pytest.raises(InvalidInput):
            await bench.provider.notices(headers, body)

    async def test_are_none_of_the_sandboxs(self, tmp_path: Path) -> None:
        sandbox = opened(tmp_path)
        with pytest.raises(InvalidInput):
            await sandbox.notices({}, b"{}")
        sandbox.end()


def contents(folder: Path) -> bytes:
    """Return all that is in the files of ``folder``."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


class TestTheSandbox:
    """The sandbox's tokens, and its durability."""

    @pytest.fixture
    def sandbox(self, tmp_path: Path) -> Iterator[SandboxPaymentProvider]:
        made = opened(tmp_path)
        yield made
        made.end()

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
        self, sandbox: SandboxPaymentProvider, token: str, code: str
    ) -> None:
        declined = await sandbox.charge(a_charge(token))
        assert isinstance(declined, Declined)
        assert declined.code == code
        assert await sandbox.find_charge(a_charge()) == declined
        assert [one async for one in sandbox.charges()] == []

    async def test_declines_for_good_whatever_the_next_token(
        self, sandbox: SandboxPaymentProvider
    ) -> None:
        declined = await sandbox.charge(a_charge("tok_declined"))
        assert await sandbox.charge(a_charge("tok_ok")) == declined

    async def test_refunds_nothing_that_was_not_charged(
        self, sandbox: SandboxPaymentProvider
    ) -> None:
        assert isinstance(await sandbox.refund("r-1", a_charge(), Money(1)), Declined)

    async def test_charges_although_the_answer_is_lost(
        self, sandbox: SandboxPaymentProvider
    ) -> None:
        with pytest.raises(TimedOut):
            await sandbox.charge(a_charge("tok_timeout"))
        assert isinstance(await sandbox.find_charge(a_charge()), Approved)
        assert len([one async for one in sandbox.charges()]) == 1

    async def test_works_after_two_errors(self, sandbox: SandboxPaymentProvider) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable):
                await sandbox.charge(a_charge("tok_error"))
            assert await sandbox.find_charge(a_charge()) is None
        assert isinstance(await sandbox.charge(a_charge("tok_error")), Approved)

    async def test_declines_what_needs_a_customer_who_is_not_there(
        self, sandbox: SandboxPaymentProvider
    ) -> None:
        away = replace(a_charge("tok_requires_action"), off_session=True)
        declined = await sandbox.charge(away)
        assert isinstance(declined, Declined)
        assert declined.code == "authentication_required"

    async def test_keeps_its_books_when_the_process_dies(self, tmp_path: Path) -> None:
        before = opened(tmp_path)
        answer = await before.charge(a_charge())
        await before.refund("r-1", a_charge(), Money(600))
        after = opened(tmp_path)
        assert await after.find_charge(a_charge()) == answer
        assert [one async for one in after.refunds()] == [RefundRecord("r-1", PAYMENT, Money(600))]
        after.end()
        before.end()

    async def test_never_keeps_a_token(
        self, sandbox: SandboxPaymentProvider, tmp_path: Path
    ) -> None:
        await sandbox.charge(a_charge("tok_secret_of_a_customer"))
        assert b"tok_secret_of_a_customer" not in contents(tmp_path)
        assert ORDER.encode() in contents(tmp_path)


def a_charge(token: str | None = None) -> Charge:
    """Return a charge of the test's order."""
    return Charge(PAYMENT, ORDER, AMOUNT, token)
