"""Payments by Stripe, through its official library; see https://docs.stripe.com/api.

Without a token the customer is sent to Stripe's own page (Checkout), so that no card number comes
near the shop. Money is set aside first (``capture_method: manual``) and taken in a second step.
Stripe forgets idempotency keys after 24 hours; whoever repeats a charge has asked ``find_charge``
before, so that a repeat under a forgotten key is made of a charge that is known not to be there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
import msgspec
import stripe
import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, KeyReused, Unavailable
from kibble.kernel.ids import OrderId, PaymentId, SavedMethodId
from kibble.kernel.money import Money
from kibble.services.payment.adapters.stripe_disputes import StripeDisputes
from kibble.services.payment.adapters.stripe_library import (
    IN_USE,
    given,
    items,
    metadata_of,
    translated,
)
from kibble.services.payment.adapters.stripe_vault import SAVED, StripeVault
from kibble.services.payment.integration import (
    ActionRequired,
    Approved,
    Authorized,
    Charge,
    ChargeResult,
    Declined,
    Notice,
    Pending,
    RefundResult,
    SavedNotice,
)
from kibble.services.payment.model import ChargeRecord, RefundRecord

_log = structlog.get_logger()

NAME: Final = "stripe"
SIGNATURE: Final = "stripe-signature"
REPLAY_SECONDS: Final = 300
TIMEOUT_SECONDS: Final = 9.0
PAGE: Final = 100
VOIDED: Final = Declined("voided", "The payment was called off.")
EXPIRED: Final = Declined("action_expired", "The payment was not approved in time.")


class StripeProvider:
    """Implements ``PaymentProvider``.

    ``webhook_secrets`` are those of the webhook's endpoint: two while one replaces the other.
    ``pages`` is the address of the payments whose ``/return`` customers come back to.
    """

    history: timedelta | None = timedelta(days=30)

    def __init__(
        self,
        secret_key: str,
        webhook_secrets: Sequence[str],
        clock: Clock,
        *,
        pages: str,
        url: str = "https://api.stripe.com",
    ) -> None:
        self._http = stripe.AIOHTTPClient(timeout=TIMEOUT_SECONDS)
        self._api = stripe.StripeClient(
            secret_key,
            base_addresses={"api": url},
            http_client=self._http,
            max_network_retries=0,
        ).v1
        self._vault = StripeVault(self._api, pages)
        self._disputes = StripeDisputes(self._api)
        self._webhook_secrets = webhook_secrets
        self._clock = clock
        self._pages = pages

    @property
    def vault(self) -> StripeVault:
        """See ``PaymentProvider.vault``."""
        return self._vault

    @property
    def disputes(self) -> StripeDisputes:
        """See ``PaymentProvider.disputes``."""
        return self._disputes

    @property
    def needs_token(self) -> bool:
        """See ``PaymentProvider.needs_token``."""
        return True

    async def check(self) -> None:
        """See ``PaymentProvider.check``."""
        try:
            await self._api.balance.retrieve_async()
        except stripe.AuthenticationError as error:
            await self.close()
            raise ValueError(
                f"KIBBLE_STRIPE_SECRET_KEY: Stripe does not accept it ({error.user_message})."
            ) from error
        except stripe.PermissionError:
            return  # a restricted key that may not read the balance is a key all the same
        except (stripe.StripeError, aiohttp.ClientError, TimeoutError) as error:
            _log.warning("stripe not reached at the start", error=type(error).__name__)

    @translated
    async def charge(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.charge``. Raises ``KeyReused`` for the id of another charge."""
        if charge.token is None:
            return _of_session(await self._send_away(charge))
        try:
            return _of_intent(await self._confirm(charge, charge.token))
        except stripe.CardError as error:
            return _refused(error)
        except stripe.InvalidRequestError as error:
            if error.http_status == IN_USE:
                raise
            _log.error("stripe refused a charge", code=error.code, parameter=error.param)
            return Declined(error.code or "invalid_request", "The payment was refused.")

    @translated
    async def find_charge(self, charge: Charge) -> ChargeResult | None:
        """See ``PaymentProvider.find_charge``."""
        reference = charge.reference or ""
        if reference.startswith("cs_"):
            return _of_session(await self._session(reference))
        if reference:
            return _of_intent(await self._api.payment_intents.retrieve_async(reference))
        found = await self._api.payment_intents.search_async(
            {"query": f"metadata['payment_id']:'{charge.payment_id}'", "limit": 1}
        )
        return _of_intent(found.data[0]) if found.data else None

    @translated
    async def capture(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.capture``."""
        reference = charge.reference or ""
        try:
            intent = await self._api.payment_intents.capture_async(
                reference, options={"idempotency_key": f"{charge.payment_id}:capture"}
            )
        except stripe.CardError as error:
            return _refused(error)
        except stripe.InvalidRequestError as error:
            if error.http_status == IN_USE:
                raise
            intent = await self._api.payment_intents.retrieve_async(reference)
        return _of_intent(intent)

    @translated
    async def void(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.void``."""
        reference = charge.reference or ""
        if reference.startswith("cs_"):
            session = await self._expired(reference)
            if session.status != "complete":
                return VOIDED
            reference = _intent(session).id
        try:
            return _of_intent(await self._api.payment_intents.cancel_async(reference))
        except stripe.InvalidRequestError:
            return _of_intent(await self._api.payment_intents.retrieve_async(reference))

    @translated
    async def refund(self, refund_id: str, charge: Charge, amount: Money) -> RefundResult:
        """See ``PaymentProvider.refund``.

        The refunds that are there are looked at first: one that Stripe had not decided is asked
        for by that, and no key that was forgotten makes a second one.
        """
        intent = charge.reference or ""
        made = await self._api.refunds.list_async({"payment_intent": intent, "limit": PAGE})
        async for refund in made.auto_paging_iter():
            if refund_id in {refund.id, metadata_of(refund).get("refund_id")}:
                if refund.amount != amount.minor:
                    raise KeyReused("The refund's id was used for another refund.")
                return _of_refund(refund)
        try:
            return _of_refund(await self._refund(refund_id, charge, amount))
        except stripe.InvalidRequestError as error:
            if error.http_status == IN_USE:
                raise
            return Declined(error.code or "invalid_request", "Stripe refused the refund.")

    async def charges(self, since: datetime | None) -> AsyncIterator[ChargeRecord]:
        """See ``PaymentProvider.charges``."""
        params: Any = {"limit": PAGE, **_since(since)}
        pages = await self._list(self._api.payment_intents.list_async, params)
        async for intent in items(pages):
            told = metadata_of(intent)
            if intent.status == "succeeded" and "payment_id" in told:
                yield ChargeRecord(
                    PaymentId(told["payment_id"]),
                    OrderId(told.get("order_id", "")),
                    Money(intent.amount_received, intent.currency.upper()),
                )

    async def refunds(self, since: datetime | None) -> AsyncIterator[RefundRecord]:
        """See ``PaymentProvider.refunds``; one that we did not ask for has Stripe's own id."""
        params: Any = {"limit": PAGE, "expand": ["data.payment_intent"], **_since(since)}
        pages = await self._list(self._api.refunds.list_async, params)
        async for refund in items(pages):
            intent = refund.payment_intent
            told = metadata_of(intent)
            if refund.status == "succeeded" and "payment_id" in told:
                yield RefundRecord(
                    metadata_of(refund).get("refund_id") or refund.id,
                    PaymentId(told["payment_id"]),
                    Money(refund.amount, refund.currency.upper()),
                )

    async def notices(
        self, headers: Mapping[str, str], body: bytes
    ) -> Sequence[Notice | SavedNotice]:
        """See ``PaymentProvider.notices``; signed as https://docs.stripe.com/webhooks says."""
        self._require_signature(headers.get(SIGNATURE), body)
        event: Any = msgspec.json.decode(body)
        told = event["data"]["object"]
        kept = told.get("metadata") or {}
        if saved_id := kept.get(SAVED):
            return [SavedNotice(SavedMethodId(saved_id))]
        if told.get("object") == "dispute":
            return await self._dispute_notice(told.get("payment_intent"))
        payment_id = kept.get("payment_id")
        if not payment_id:
            return []
        named = told.get("object") in {"payment_intent", "checkout.session"}
        reference = told.get("id") if named else told.get("payment_intent")
        return [Notice(PaymentId(payment_id), reference)]

    async def close(self) -> None:
        """See ``PaymentProvider.close``."""
        http: Any = self._http  # the library does not say what this returns
        await http.close_async()

    @translated
    async def _dispute_notice(self, reference: str | None) -> Sequence[Notice]:
        """Say which payment is disputed: a dispute knows Stripe's name of it alone."""
        if reference is None:
            return []
        intent = await self._api.payment_intents.retrieve_async(reference)
        payment_id = metadata_of(intent).get("payment_id")
        return [Notice(PaymentId(payment_id), reference, disputed=True)] if payment_id else []

    def _require_signature(self, header: str | None, body: bytes) -> None:
        for secret in self._webhook_secrets:
            try:
                stripe.WebhookSignature.verify_header(body, header, secret)
            except (stripe.SignatureVerificationError, UnicodeDecodeError):
                continue
            signed_at = int(dict(_pairs(header or ""))["t"])
            if abs(self._clock.now().timestamp() - signed_at) <= REPLAY_SECONDS:
                return
            raise InvalidInput.at("", "was signed more than five minutes ago, or ahead of time")
        raise InvalidInput.at("", "is not signed by Stripe")

    async def _send_away(self, charge: Charge) -> stripe.checkout.Session:
        back = f"{self._pages}/{charge.payment_id}/return"
        price: Any = {
            "currency": charge.amount.currency.lower(),
            "unit_amount": charge.amount.minor,
            "product_data": {"name": f"Order {charge.order_id}"},
        }
        params: Any = {
            "mode": "payment",
            "client_reference_id": charge.order_id,
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_method_types": ["card"],
            "payment_intent_data": {"capture_method": "manual", "metadata": _told(charge)},
            "metadata": _told(charge),
            "success_url": back,
            "cancel_url": back,
        }
        return await self._api.checkout.sessions.create_async(
            params, {"idempotency_key": charge.payment_id}
        )

    async def _confirm(self, charge: Charge, token: str) -> stripe.PaymentIntent:
        """Charge a saved card: ``token`` is its id, after its Stripe customer's if it has one."""
        customer, _, method = token.rpartition("/")
        params: Any = {
            "amount": charge.amount.minor,
            "currency": charge.amount.currency.lower(),
            "payment_method": method,
            "payment_method_types": ["card"],
            "capture_method": "manual",
            "confirm": True,
            "metadata": _told(charge),
        }
        if customer:
            params["customer"] = customer
        if charge.off_session:
            params["off_session"] = True
        else:
            params["return_url"] = f"{self._pages}/{charge.payment_id}/return"
        return await self._api.payment_intents.create_async(
            params, {"idempotency_key": charge.payment_id}
        )

    async def _session(self, reference: str) -> stripe.checkout.Session:
        return await self._api.checkout.sessions.retrieve_async(
            reference, {"expand": ["payment_intent"]}
        )

    async def _expired(self, reference: str) -> stripe.checkout.Session:
        """End a page that waits; return the session as it is when it waits no more."""
        try:
            return await self._api.checkout.sessions.expire_async(reference)
        except stripe.InvalidRequestError:
            return await self._session(reference)

    async def _refund(self, refund_id: str, charge: Charge, amount: Money) -> stripe.Refund:
        return await self._api.refunds.create_async(
            {
                "payment_intent": charge.reference or "",
                "amount": amount.minor,
                "metadata": {**_told(charge), "refund_id": refund_id},
            },
            {"idempotency_key": refund_id},
        )

    @translated
    async def _list(self, call: Callable[[Any], Awaitable[Any]], params: Any) -> Any:
        return await call(params)


def _told(charge: Charge) -> dict[str, str]:
    """Return what Stripe keeps for us beside a charge."""
    return {"payment_id": charge.payment_id, "order_id": charge.order_id}


def _since(moment: datetime | None) -> dict[str, object]:
    return {"created": {"gte": int(moment.timestamp())}} if moment else {}


def _pairs(header: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (one.partition("=") for one in header.split(","))]


def _intent(session: stripe.checkout.Session) -> stripe.PaymentIntent:
    intent = given(session, "payment_intent")
    if not isinstance(intent, stripe.PaymentIntent):
        raise Unavailable("Stripe's page is done, and does not say yet by which payment.")
    return intent


def _of_session(session: stripe.checkout.Session) -> ChargeResult:
    """Say what became of a page (https://docs.stripe.com/api/checkout/sessions/object)."""
    if session.status == "open" and session.url:
        return ActionRequired("redirect", session.url, session.id)
    if session.status == "expired":
        return EXPIRED
    return _of_intent(_intent(session))


def _of_intent(intent: stripe.PaymentIntent) -> ChargeResult:
    """Say what became of a payment (https://docs.stripe.com/payments/paymentintents/lifecycle)."""
    if intent.status == "succeeded":
        return Approved(intent.id)
    if intent.status == "requires_capture":
        return Authorized(intent.id)
    if intent.status == "canceled":
        return VOIDED
    if intent.status == "requires_action":
        return _action(intent)
    if intent.status == "requires_payment_method":
        error = given(intent, "last_payment_error")
        code = given(error, "decline_code") or given(error, "code")
        message = given(error, "message")
        return Declined(code or "card_declined", message or "The card was declined.")
    raise Unavailable(f"Stripe says that the payment is {intent.status}.")


def _action(intent: stripe.PaymentIntent) -> ChargeResult:
    where = given(given(given(intent, "next_action"), "redirect_to_url"), "url")
    if where is None:
        raise Unavailable("Stripe wants the customer to act, and does not say where.")
    return ActionRequired("redirect", where, intent.id)


def _of_refund(refund: stripe.Refund) -> RefundResult:
    """Say what became of a refund (https://docs.stripe.com/api/refunds/object)."""
    if refund.status == "succeeded":
        return Approved(refund.id)
    if refund.status in {"failed", "canceled"}:
        reason = given(refund, "failure_reason")
        return Declined(reason or "refund_failed", "Stripe refused the refund.")
    return Pending()


def _refused(error: stripe.CardError) -> Declined:
    code = given(error.error, "decline_code") or error.code
    return Declined(code or "card_declined", error.user_message or "The card was declined.")
