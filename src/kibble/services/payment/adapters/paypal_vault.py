"""PayPal accounts that PayPal keeps: Payment Method Tokens v3.

https://developer.paypal.com/docs/api/payment-tokens/v3/: a setup token is agreed to on PayPal's
page, and then exchanged for a payment token, which charges the account without the customer.
"""

from __future__ import annotations

from typing import Any, Final

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.outside import Answered, OutsideApi
from kibble.services.payment.integration import (
    ActionRequired,
    Declined,
    Kept,
    SignUp,
    SignUpResult,
)
from kibble.services.payment.model import Likeness

SETUP_TOKENS: Final = "/v3/vault/setup-tokens"
PAYMENT_TOKENS: Final = "/v3/vault/payment-tokens"
AGREED: Final = frozenset({"APPROVED", "TOKENIZED", "VAULTED"})
NOT_SAVED: Final = Declined("not_saved", "The PayPal account was not saved.")
NOT_FOUND: Final = 404


class PayPalVault:
    """Implements ``Vault``. ``pages`` is the address of the payments."""

    def __init__(self, api: OutsideApi, pages: str) -> None:
        self._api = api
        self._pages = pages

    async def begin(self, sign_up: SignUp) -> ActionRequired:
        """See ``Vault.begin``."""
        back = f"{self._pages}/methods/{sign_up.id}/return"
        context = {
            "return_url": back,
            "cancel_url": back,
            "shipping_preference": "NO_SHIPPING",
        }
        account = {"usage_type": "MERCHANT", "experience_context": context}
        body = {"payment_source": {"paypal": account}}
        made = await self._post(SETUP_TOKENS, body, f"{sign_up.id}-setup")
        return _action(_body(made))

    async def find(self, sign_up: SignUp) -> SignUpResult:
        """See ``Vault.find``: what was agreed to is exchanged, under the sign-up's id."""
        told = await self._api.call("GET", f"{SETUP_TOKENS}/{sign_up.reference}")
        if told.status == NOT_FOUND:
            return NOT_SAVED
        setup = _body(told)
        if setup["status"] not in AGREED:
            return _action(setup)
        exchanged = {"payment_source": {"token": {"id": setup["id"], "type": "SETUP_TOKEN"}}}
        made = await self._post(PAYMENT_TOKENS, exchanged, sign_up.id)
        return Kept(made.body["id"], Likeness("paypal")) if made.is_ok else NOT_SAVED

    async def forget(self, token: str) -> None:
        """See ``Vault.forget``."""
        gone = await self._api.call("DELETE", f"{PAYMENT_TOKENS}/{token}")
        if not gone.is_ok and gone.status != NOT_FOUND:
            raise Unavailable(f"PayPal answered {gone.status} to a removal.")

    async def _post(self, path: str, body: object, key: str) -> Answered:
        return await self._api.call("POST", path, body=body, headers={"PayPal-Request-Id": key})


def _body(answered: Answered) -> Any:
    if not answered.is_ok:
        raise Unavailable(f"PayPal answered {answered.status} to a sign-up.")
    return answered.body


def _action(setup: dict[str, Any]) -> ActionRequired:
    where = next(link["href"] for link in setup["links"] if link["rel"] == "approve")
    return ActionRequired("redirect", where, setup["id"])
