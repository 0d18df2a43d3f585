"""Cards that Stripe keeps: Checkout in its setup mode (https://docs.stripe.com/payments/save-and-reuse).

The customer types the card in on Stripe's page, and authenticates there where their bank wants it,
so that it can be charged later without them (a SetupIntent for ``off_session``, its default).
"""

from __future__ import annotations

from typing import Any, Final

import stripe

from kibble.kernel.errors import Unavailable
from kibble.services.payment.adapters.stripe_library import given, translated
from kibble.services.payment.integration import (
    ActionRequired,
    Declined,
    Kept,
    SignUp,
    SignUpResult,
)
from kibble.services.payment.model import Likeness

SAVED: Final = "saved_method_id"
"""The name under which Stripe keeps the id of ours."""
NOT_SAVED: Final = Declined("not_saved", "The card was not saved.")
NOT_FOUND: Final = 404


class StripeVault:
    """Implements ``Vault``. A token is the ids of Stripe's customer and payment method: cus_/pm_.

    Each saved card has a customer of its own at Stripe, which goes with it.
    """

    def __init__(self, api: stripe.V1Services, pages: str) -> None:
        self._api = api
        self._pages = pages

    @translated
    async def begin(self, sign_up: SignUp) -> ActionRequired:
        """See ``Vault.begin``."""
        back = f"{self._pages}/methods/{sign_up.id}/return"
        params: Any = {
            "mode": "setup",
            "payment_method_types": ["card"],
            "customer_creation": "always",
            "client_reference_id": sign_up.id,
            "metadata": {SAVED: sign_up.id},
            "success_url": back,
            "cancel_url": back,
        }
        session = await self._api.checkout.sessions.create_async(
            params, {"idempotency_key": sign_up.id}
        )
        if session.url is None:
            raise Unavailable("Stripe's page for a card has no address.")
        return ActionRequired("redirect", session.url, session.id)

    @translated
    async def find(self, sign_up: SignUp) -> SignUpResult:
        """See ``Vault.find``."""
        session = await self._api.checkout.sessions.retrieve_async(
            sign_up.reference, {"expand": ["setup_intent.payment_method"]}
        )
        if session.status == "open" and session.url:
            return ActionRequired("redirect", session.url, session.id)
        if session.status == "expired":
            return NOT_SAVED
        method = given(given(session, "setup_intent"), "payment_method")
        if given(method, "id") is None:
            raise Unavailable("Stripe's page is done, and does not say yet with which card.")
        return Kept(f"{session.customer}/{method.id}", _likeness(given(method, "card")))

    @translated
    async def forget(self, token: str) -> None:
        """See ``Vault.forget``: a customer who is deleted at Stripe takes the card along."""
        customer, _, _ = token.rpartition("/")
        try:
            await self._api.customers.delete_async(customer)
        except stripe.InvalidRequestError as error:
            if error.http_status != NOT_FOUND:
                raise


def _likeness(card: Any) -> Likeness:
    month, year = given(card, "exp_month"), given(card, "exp_year")
    return Likeness(
        given(card, "brand") or "card",
        given(card, "last4"),
        f"{year:04}-{month:02}" if month and year else None,
    )
