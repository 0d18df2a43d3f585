"""The accounts that a shop has with outside providers, as tests of all of them need them."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from kibble.services.payment.integration import PaymentProvider
from tests.component.payment import test_paypal, test_stripe
from tests.component.payment.storm import Stormy
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.paypal import FakePayPal
from tests.fixtures.providers.stripe import FakeStripe


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

    def charge_of(self, page: str) -> str:
        """Return what the double knows the charge by that was paid on a page."""
        ...

    def lapse(self, page: str) -> None:
        """Let what was set aside on a page go back by itself."""
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

    def charge_of(self, page: str) -> str:
        return str(self.double.sessions[page]["payment_intent"])

    def lapse(self, page: str) -> None:
        self.double.intents[self.charge_of(page)]["status"] = "canceled"


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

    def charge_of(self, page: str) -> str:
        return page

    def lapse(self, page: str) -> None:
        self.double.orders[page]["status"] = "VOIDED"


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
