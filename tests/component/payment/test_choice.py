"""Which provider takes which method is a matter of settings, and wrong ones are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kibble.platform.config import Settings
from kibble.services.payment.adapters.choice import choose
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.integration import Providers
from kibble.services.payment.model import PaymentMethod
from tests.fixtures.doubles import FakeClock

CARD, PAYPAL = PaymentMethod.CREDIT_CARD, PaymentMethod.PAYPAL
STRIPE = {"stripe_secret_key": "sk_live_1", "stripe_webhook_secret": "whsec_1"}
PAYPALS = {
    "paypal_client_id": "id",
    "paypal_client_secret": "secret",
    "paypal_webhook_id": "webhook",
}


def chosen(folder: Path, **settings: str) -> Providers:
    clock = FakeClock()
    sandbox = SandboxPaymentProvider(folder / "sandbox.db", clock)
    try:
        return choose(Settings(**settings), sandbox, clock)  # type: ignore[arg-type]  # all are text
    finally:
        sandbox.end()


class TestTheMethods:
    async def test_are_all_the_sandboxs_without_credentials(self, tmp_path: Path) -> None:
        assert chosen(tmp_path).methods == {CARD: "sandbox", PAYPAL: "sandbox"}

    async def test_go_to_the_provider_that_has_credentials(self, tmp_path: Path) -> None:
        assert chosen(tmp_path, **STRIPE).methods == {CARD: "stripe", PAYPAL: "sandbox"}
        assert chosen(tmp_path, **PAYPALS).methods == {CARD: "sandbox", PAYPAL: "paypal"}
        both = chosen(tmp_path, **STRIPE, **PAYPALS)
        assert both.methods == {CARD: "stripe", PAYPAL: "paypal"}

    async def test_are_never_the_sandboxs_in_a_live_shop_that_takes_money(
        self, tmp_path: Path
    ) -> None:
        assert chosen(tmp_path, env="production", **STRIPE).methods == {CARD: "stripe"}

    async def test_keep_the_sandbox_for_what_it_took(self, tmp_path: Path) -> None:
        assert "sandbox" in chosen(tmp_path, env="production", **STRIPE).by_name


class TestCredentials:
    @pytest.mark.parametrize(
        ("settings", "named"),
        [
            (STRIPE | {"stripe_secret_key": ""}, "KIBBLE_STRIPE_SECRET_KEY"),
            (STRIPE | {"stripe_secret_key": "pk_live_1"}, "KIBBLE_STRIPE_SECRET_KEY"),
            (STRIPE | {"stripe_webhook_secret": ""}, "KIBBLE_STRIPE_WEBHOOK_SECRET"),
            (STRIPE | {"stripe_webhook_secret": "whsec_1,x"}, "KIBBLE_STRIPE_WEBHOOK_SECRET"),
            (STRIPE | {"stripe_url": "api.stripe.com"}, "KIBBLE_STRIPE_URL"),
            (STRIPE | {"stripe_url": "https://"}, "KIBBLE_STRIPE_URL"),
            (STRIPE | {"stripe_url": "https://x:y"}, "KIBBLE_STRIPE_URL"),
            (PAYPALS | {"paypal_url": "api-m.paypal.com"}, "KIBBLE_PAYPAL_URL"),
            (
                STRIPE | {"stripe_secret_key": "sk_test_1", "env": "production"},
                "KIBBLE_STRIPE_SECRET_KEY is a test key",
            ),
            (PAYPALS | {"paypal_client_id": ""}, "KIBBLE_PAYPAL_CLIENT_ID"),
            (PAYPALS | {"paypal_client_secret": ""}, "KIBBLE_PAYPAL_CLIENT_SECRET"),
            (PAYPALS | {"paypal_webhook_id": ""}, "KIBBLE_PAYPAL_WEBHOOK_ID"),
        ],
    )
    def test_that_are_wrong_are_named(
        self, tmp_path: Path, settings: dict[str, str], named: str
    ) -> None:
        with pytest.raises(ValueError, match=named):
            chosen(tmp_path, **settings)

    def test_are_not_shown_with_the_settings(self) -> None:
        assert "sk_live_1" not in repr(Settings(stripe_secret_key="sk_live_1"))
