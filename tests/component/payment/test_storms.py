"""Storms over every outside provider: many orders, calls that fail, webhooks as they please.

``pytest tests/component/payment/test_storms.py -rP`` shows what happened in each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.component.payment.accounts import Account, PayPalAccount, StripeAccount, ledger
from tests.component.payment.shop import Shop
from tests.component.payment.storm import Storm
from tests.fixtures.card_numbers import card_numbers_in
from tests.fixtures.doubles import FakeClock
from tests.fixtures.providers.server import Fault

WEBHOOKS = ("delivered", "duplicate", "reordered", "lost", "forged", "stale")


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
