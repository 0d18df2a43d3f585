"""What we send to Stripe, checked by Stripe's own mock against its OpenAPI document.

The mock is built from the Go module proxy, as ``deploy/tools/stripe-mock`` pins it, once a
machine; a laptop without a Go skips these tests, CI brings one. It answers fixtures, whatever
happened before.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.platform.clock import SystemClock
from kibble.services.payment.adapters.stripe_provider import StripeProvider
from kibble.services.payment.integration import ActionRequired, Approved, Charge, Declined
from tests.fixtures.eventually import eventually
from tools.deploy import programs

MOCK = "github.com/stripe/stripe-mock"
PAYMENT = PaymentId("0193c1a0-0000-7000-8000-00000000000a")
ORDER = OrderId("0193c1a0-0000-7000-8000-000000000001")
AMOUNT = Money(4_599)

pytestmark = pytest.mark.slow


def built() -> Path:
    """Return the mock, built if it was not yet."""
    required = os.environ.get("KIBBLE_ENGINES") == "required"
    if shutil.which("go") is None and not required:
        pytest.skip("there is no Go to build stripe-mock with")
    return programs.of_go("stripe-mock", MOCK)


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status > 0
    except aiohttp.ClientError:
        return False


@pytest.fixture
def address() -> Iterator[str]:
    """The mock, listening."""
    address = f"127.0.0.1:{a_free_port()}"
    listening = ["-http-addr", address, "-https-addr", "127.0.0.1:0"]
    mock = subprocess.Popen([built(), *listening], stdout=subprocess.DEVNULL)  # noqa: S603 - just built
    yield address
    mock.terminate()
    mock.wait()


@pytest.fixture
async def stripe(address: str) -> AsyncIterator[StripeProvider]:
    """Our adapter, talking to the mock."""
    url = f"http://{address}"
    await eventually(lambda: answers(url), until=bool, within=60.0)
    pages = "http://127.0.0.1/api/payments"
    provider = StripeProvider("sk_test_123", ["whsec_1"], SystemClock(), pages=pages, url=url)
    yield provider
    await provider.close()


def charge(reference: str | None = None, token: str | None = None) -> Charge:
    return Charge(PAYMENT, ORDER, AMOUNT, token, reference)


async def test_accepts_every_call_of_ours(stripe: StripeProvider) -> None:
    await stripe.check()
    page = await stripe.find_charge(charge("cs_1"))
    assert page is not None
    # The mock's payment was never paid: what counts is that no call is refused as malformed.
    for token in ("pm_1", "cus_1/pm_1"):
        assert await stripe.charge(charge(token=token)) == Declined(
            "card_declined", "The card was declined."
        )
    assert isinstance(await stripe.find_charge(charge()), Declined)
    assert isinstance(await stripe.find_charge(charge("pi_1")), Declined)
    assert isinstance(await stripe.capture(charge("pi_1")), Declined)
    assert isinstance(await stripe.void(charge("pi_1")), Declined)
    assert isinstance(await stripe.void(charge("cs_1")), Declined)
    assert isinstance(await stripe.refund("r-1", charge("pi_1"), Money(1)), Approved)
    assert [one async for one in stripe.charges(SystemClock().now())] == []
    assert [one async for one in stripe.refunds(SystemClock().now())] == []


async def test_sends_a_customer_to_a_page(stripe: StripeProvider) -> None:
    sent = await stripe.charge(charge())
    assert isinstance(sent, ActionRequired)
    assert sent.url.startswith("https://checkout.stripe.com/")
