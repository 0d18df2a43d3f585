"""Storms over every outside provider: many orders, calls that fail, webhooks as they please.

``pytest tests/component/payment/test_storms.py -rP`` shows what happened in each.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest

from kibble.services.payment.integration import PaymentProvider
from tests.component.payment import test_paypal, test_stripe
from tests.component.payment.shop import Shop
from tests.component.payment.storm import Storm, Stormy
from tests.fixtures.card_numbers import card_numbers_in
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.paypal import FakePayPal
from tests.fixtures.providers.server import Fault
from tests.fixtures.providers.stripe import FakeStripe

WEBHOOKS = ("delivered", "duplicate", "reordered", "lost", "forged", "stale")


@dataclass(frozen=True, slots=True)
class Charged:
    """What a provider took for a payment, and gave back of it, in cents."""

    payment_id: str
    order_id: str
    cents: int
    given_back: int


class Account(Protocol):
    """An outside provider's double, as a storm needs it."""

    name: str
    hook: str

    @property
    def double(self) -> Stormy:
        """What the storm blows at."""
        ...

    def adapter(self, clock: FakeClock) -> PaymentProvider:
        """Return the provider as the shop knows it."""
        ...

    def charged(self) -> Sequence[Charged]:
        """Return all that was taken."""
        ...


class StripeAccount:
    """Stripe."""

    name, hook = "stripe", test_stripe.HOOK

    def __init__(self, clock: FakeClock) -> None:
        self.double = FakeStripe(clock)

    def adapter(self, clock: FakeClock) -> PaymentProvider:
        return test_stripe.adapter(self.double, clock)

    def charged(self) -> Sequence[Charged]:
        return [
            Charged(
                one["metadata"]["payment_id"],
                one["metadata"]["order_id"],
                one["amount"],
                self.double.given_back(one),
            )
            for one in self.double.captured
        ]


class PayPalAccount:
    """PayPal."""

    name, hook = "paypal", test_paypal.HOOK

    def __init__(self, clock: FakeClock) -> None:
        self.double = FakePayPal(clock)

    def adapter(self, clock: FakeClock) -> PaymentProvider:
        return test_paypal.adapter(self.double, clock)

    def charged(self) -> Sequence[Charged]:
        return [
            Charged(
                one["custom_id"].partition(",")[0],
                one["custom_id"].partition(",")[2],
                int(Decimal(one["amount"]["value"]) * 100),
                int(self.double.given_back(one) * 100),
            )
            for one in self.double.captures
        ]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[StripeAccount, PayPalAccount], ids=["stripe", "paypal"])
async def account(
    request: pytest.FixtureRequest, clock: FakeClock
) -> AsyncIterator[StripeAccount | PayPalAccount]:
    """Each provider's account in turn."""
    made: StripeAccount | PayPalAccount = request.param(clock)
    await made.double.start()
    yield made
    await made.double.stop()


@pytest.fixture
async def shop(tmp_path: Path, account: Account, clock: FakeClock) -> AsyncIterator[Shop]:
    """Payment that takes every method by the account."""
    provider = account.adapter(clock)
    shop = Shop(tmp_path, clock, provider, account.name)
    yield shop
    shop.close()
    await provider.close()


def ledger(folder: Path) -> dict[str, dict[str, int]]:
    """Return what each account of the ledger holds, in cents, by currency."""
    held: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with closing(sqlite3.connect(folder / "payment.db")) as database:
        for debit, credit, amount, currency in database.execute(
            "SELECT debit, credit, amount, currency FROM ledger"
        ):
            held[currency][debit] -= amount
            held[currency][credit] += amount
    return {currency: dict(accounts) for currency, accounts in held.items()}


@pytest.mark.parametrize("seed", range(3))
async def test_charge_nobody_twice_lose_no_refund_and_leave_the_books_even(
    shop: Shop, account: Account, tmp_path: Path, seed: int
) -> None:
    storm = Storm(shop, account.double, account.hook, seed)
    await storm.blow(orders=40)

    charged = {one.payment_id: one for one in account.charged()}
    assert set(Counter(one.order_id for one in account.charged()).values()) == {1}
    payments = await storm.payments()
    for payment in payments:
        taken = charged.get(payment["id"])
        assert round(payment["refundedAmount"] * 100) == (taken.given_back if taken else 0)
        assert (taken is not None) == (payment["status"] in {"PAID", "REFUNDED"})
    assert (await shop.repair())["drift"] == []
    assert card_numbers_in(tmp_path) == []

    kept = sum(one.cents - one.given_back for one in charged.values())
    assert all(0 <= one.given_back <= one.cents for one in charged.values())
    for accounts in ledger(tmp_path).values():
        assert sum(accounts.values()) == 0
        assert accounts["CAPTURED"] == kept

    happened = account.double.faults.happened
    refused = storm.webhooks["forged"] + storm.webhooks["stale"]
    assert storm.refused == refused
    assert all(happened[fault.name] for fault in Fault)
    assert all(storm.webhooks[kind] for kind in WEBHOOKS)
    report(account.name, seed, len(storm.orders), len(charged), happened, storm.webhooks)


def report(*figures: object) -> None:
    """Tell what happened: pytest shows it with -rP."""
    name, seed, orders, charges, faults, webhooks = figures
    print(f"{name}, storm {seed}: {orders} orders, {charges} charged once; {faults}; {webhooks}")  # noqa: T201 - the report
