"""Which provider takes which payment method: what the settings say.

The libraries of providers are imported for those that have credentials, and for no others.
"""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.platform.config import Settings
from kibble.platform.outside_url import check_address
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.integration import PaymentProvider, Providers
from kibble.services.payment.model import PaymentMethod

SANDBOX = "sandbox"
STRIPE = "stripe"
PAYPAL = "paypal"
PAGES = "/api/payments"


def choose(settings: Settings, sandbox: SandboxPaymentProvider, clock: Clock) -> Providers:
    """Return the providers that there are credentials for, and the sandbox.

    The sandbox takes the methods that have no provider; in a live shop that has one for another
    method it takes none, or goods would leave unpaid. It stays for the payments that it took.
    Raises ``ValueError`` for credentials that are incomplete or cannot be right.
    """
    by_name: dict[str, PaymentProvider] = {SANDBOX: sandbox}
    by_method: dict[PaymentMethod, str] = {}
    if settings.stripe_secret_key or settings.stripe_webhook_secret:
        by_name[STRIPE] = _stripe(settings, clock)
        by_method[PaymentMethod.CREDIT_CARD] = STRIPE
    if settings.paypal_client_id or settings.paypal_client_secret or settings.paypal_webhook_id:
        by_name[PAYPAL] = _paypal(settings, clock)
        by_method[PaymentMethod.PAYPAL] = PAYPAL
    if not (settings.production and by_method):
        by_method = dict.fromkeys(PaymentMethod, SANDBOX) | by_method
    return Providers(by_name, by_method)


def _stripe(settings: Settings, clock: Clock) -> PaymentProvider:
    key, secrets = settings.stripe_secret_key, _list(settings.stripe_webhook_secret)
    check_address("KIBBLE_STRIPE_URL", settings.stripe_url)
    if not key.startswith(("sk_", "rk_")):
        raise ValueError(
            "KIBBLE_STRIPE_SECRET_KEY must be a secret key (sk_...) or a restricted one (rk_...)."
        )
    if settings.production and key.startswith(("sk_test_", "rk_test_")):
        raise ValueError("KIBBLE_STRIPE_SECRET_KEY is a test key, and this is a live shop.")
    if not secrets or not all(secret.startswith("whsec_") for secret in secrets):
        raise ValueError(
            "KIBBLE_STRIPE_WEBHOOK_SECRET must be the signing secret (whsec_...) of the webhook"
            " endpoint; two, separated by a comma, while one replaces the other."
        )
    try:
        from kibble.services.payment.adapters.stripe_provider import StripeProvider
    except ImportError as error:
        raise ValueError(
            "KIBBLE_STRIPE_SECRET_KEY is set, and Stripe's library is not installed:"
            " see docs/providers.md."
        ) from error
    pages = f"{settings.public_url}{PAGES}"
    return StripeProvider(key, secrets, clock, pages=pages, url=settings.stripe_url)


def _paypal(settings: Settings, clock: Clock) -> PaymentProvider:
    check_address("KIBBLE_PAYPAL_URL", settings.paypal_url)
    for name in ("paypal_client_id", "paypal_client_secret", "paypal_webhook_id"):
        if not getattr(settings, name):
            raise ValueError(
                f"KIBBLE_{name.upper()} is missing: PayPal needs all three of its own."
            )
    try:
        from kibble.services.payment.adapters.paypal_provider import PayPalProvider
    except ImportError as error:
        raise ValueError(
            "KIBBLE_PAYPAL_CLIENT_ID is set, and aiohttp is not installed: see docs/providers.md."
        ) from error
    return PayPalProvider(
        settings.paypal_client_id,
        settings.paypal_client_secret,
        settings.paypal_webhook_id,
        clock,
        pages=f"{settings.public_url}{PAGES}",
        url=settings.paypal_url,
    )


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
