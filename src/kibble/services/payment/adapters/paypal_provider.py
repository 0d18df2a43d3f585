"""Payments by PayPal: Orders v2 and Payments v2 (https://developer.paypal.com/docs/api/orders/v2/).

The customer approves on PayPal's page; nothing is taken before the second step, the capture. So a
page that was opened twice, or an answer that was lost before it, can cost nobody money. A saved
PayPal account (a vault id as the token) is charged by an authorization, for the same reason.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from kibble.kernel.clock import Clock, to_text
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money, to_minor
from kibble.platform.engines.outside import Answered, Credentials, OutsideApi
from kibble.services.payment.adapters.paypal_disputes import PayPalDisputes
from kibble.services.payment.adapters.paypal_signature import PayPalSignatures
from kibble.services.payment.adapters.paypal_vault import PayPalVault
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
)
from kibble.services.payment.model import ChargeRecord, RefundRecord

NAME: Final = "paypal"
TIMEOUT_SECONDS: Final = 9.0
NOT_FOUND: Final = 404
PAGE_SIZE: Final = 500
WAITING: Final = frozenset({"CREATED", "SAVED", "PAYER_ACTION_REQUIRED"})
TO_APPROVE: Final = frozenset({"payer-action", "approve"})
PAID: Final = frozenset({"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"})
REFUND_REPORTED: Final = "T11"
"""How the codes of refunds and reversals begin in PayPal's reports of transactions."""
VOIDED: Final = Declined("voided", "The payment was called off.")
EXPIRED: Final = Declined("action_expired", "The payment was not approved in time.")
REFUSED: Final = Declined("instrument_declined", "PayPal declined the payment.")


class PayPalProvider:
    """Implements ``PaymentProvider``.

    ``pages`` is the address of the payments whose ``/return`` customers come back to. PayPal's
    reports are hours late, so the newest entries of our books are not missed in them.
    """

    history: timedelta | None = timedelta(days=29)

    def __init__(
        self,
        client_id: str,
        secret: str,
        webhook_id: str,
        clock: Clock,
        *,
        pages: str,
        url: str = "https://api-m.paypal.com",
        signatures: PayPalSignatures | None = None,
    ) -> None:
        """``signatures`` take the place of those that are checked by PayPal's own certificates."""
        credentials = Credentials(client_id, secret, "/v1/oauth2/token")
        self._api = OutsideApi("PayPal", url, credentials, clock, timeout_seconds=TIMEOUT_SECONDS)
        self._signatures = signatures or PayPalSignatures(webhook_id, clock, self._api.fetch)
        self._vault = PayPalVault(self._api, pages)
        self._disputes = PayPalDisputes(self._api, clock)
        self._clock = clock
        self._pages = pages

    @property
    def vault(self) -> PayPalVault:
        """See ``PaymentProvider.vault``."""
        return self._vault

    @property
    def disputes(self) -> PayPalDisputes:
        """See ``PaymentProvider.disputes``."""
        return self._disputes

    @property
    def needs_token(self) -> bool:
        """See ``PaymentProvider.needs_token``."""
        return True

    async def check(self) -> None:
        """See ``PaymentProvider.check``."""
        await self._api.check("KIBBLE_PAYPAL_CLIENT_ID and KIBBLE_PAYPAL_CLIENT_SECRET")

    async def charge(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.charge``."""
        made = await self._post("/v2/checkout/orders", self._order(charge), charge.payment_id)
        if not made.is_ok:
            return Declined(_issue(made), "PayPal did not take the payment.")
        return _of_order(made.body)

    async def find_charge(self, charge: Charge) -> ChargeResult | None:
        """See ``PaymentProvider.find_charge``.

        An order whose number was never answered is not found, and need not be: nobody can approve
        it, and without a capture no money moves.
        """
        if charge.reference is None:
            return None
        order = await self._api.call("GET", f"/v2/checkout/orders/{charge.reference}")
        return EXPIRED if order.status == NOT_FOUND else _of_order(_body(order))

    async def capture(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.capture``."""
        path = f"/v2/checkout/orders/{charge.reference}"
        order = _body(await self._api.call("GET", path))
        authorized = _payments(order, "authorizations")
        if not authorized:
            taken = await self._post(f"{path}/capture", {}, f"{charge.payment_id}-capture")
        else:
            there = f"/v2/payments/authorizations/{authorized[-1]['id']}/capture"
            whole = {"amount": _amount(charge.amount), "final_capture": True}
            taken = await self._post(there, whole, f"{charge.payment_id}-capture")
        if not taken.is_ok and _issue(taken).lower() == "instrument_declined":
            return REFUSED
        return _of_order(_body(await self._api.call("GET", path)))

    async def void(self, charge: Charge) -> ChargeResult:
        """See ``PaymentProvider.void``: what is not captured moves no money, and lapses."""
        order = await self._api.call("GET", f"/v2/checkout/orders/{charge.reference}")
        if order.status == NOT_FOUND:
            return VOIDED
        result = _of_order(_body(order))
        if not isinstance(result, Authorized):
            return VOIDED if isinstance(result, ActionRequired) else result
        for one in _payments(order.body, "authorizations"):
            path = f"/v2/payments/authorizations/{one['id']}/void"
            await self._post(path, {}, f"{charge.payment_id}-void")
        return VOIDED

    async def refund(self, refund_id: str, charge: Charge, amount: Money) -> RefundResult:
        """See ``PaymentProvider.refund``; the refunds that are there are looked at first."""
        path = f"/v2/payments/captures/{charge.reference}"
        if made := await self._find_refund(path, refund_id):
            return _of_refund(made)
        body = {"amount": _amount(amount), "custom_id": f"{charge.payment_id},{refund_id}"}
        sent = await self._post(f"{path}/refund", body, refund_id)
        return _of_refund(sent.body) if sent.is_ok else Declined(_issue(sent), "PayPal refused.")

    async def charges(self, since: datetime | None) -> AsyncIterator[ChargeRecord]:
        """See ``PaymentProvider.charges``."""
        async for told in self._reported(since):
            amount = _reported_amount(told)
            payment_id, _, order_id = told.get("custom_field", "").partition(",")
            if amount.minor > 0 and order_id:
                yield ChargeRecord(PaymentId(payment_id), OrderId(order_id), amount)

    async def refunds(self, since: datetime | None) -> AsyncIterator[RefundRecord]:
        """See ``PaymentProvider.refunds``; one that we did not ask for has PayPal's own id.

        What a report says of a refund is looked up: only the refund itself names ours for sure.
        """
        async for told in self._reported(since):
            if told.get("transaction_event_code", "").startswith(REFUND_REPORTED):
                refund = await self._api.call(
                    "GET", f"/v2/payments/refunds/{told['transaction_id']}"
                )
                if refund.is_ok and refund.body.get("status") == "COMPLETED":
                    yield await self._refund_record(refund.body)

    async def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """See ``PaymentProvider.notices``."""
        await self._signatures.require(headers, body)
        told: Any = msgspec.json.decode(body).get("resource") or {}
        if dispute_id := told.get("dispute_id"):
            dispute = await self._disputes.dispute(dispute_id)
            return [Notice(dispute.payment_id, disputed=True)] if dispute.payment_id else []
        units = told.get("purchase_units") or [{}]
        payment_id = (told.get("custom_id") or units[0].get("custom_id") or "").partition(",")[0]
        if not payment_id:
            return []
        related = (told.get("supplementary_data") or {}).get("related_ids") or {}
        reference = told.get("id") if "purchase_units" in told else related.get("order_id")
        return [Notice(PaymentId(payment_id), reference)]

    async def close(self) -> None:
        """See ``PaymentProvider.close``."""
        await self._api.close()

    def _order(self, charge: Charge) -> dict[str, Any]:
        unit = {
            "reference_id": charge.order_id,
            "custom_id": f"{charge.payment_id},{charge.order_id}",
            # PayPal takes an invoice once: one more guard against a second charge.
            "invoice_id": charge.payment_id,
            "amount": _amount(charge.amount),
        }
        if charge.token is not None:
            saved = {
                "vault_id": charge.token,
                "stored_credential": {
                    "payment_initiator": "MERCHANT" if charge.off_session else "CUSTOMER",
                    "usage": "SUBSEQUENT",
                },
            }
            source: dict[str, Any] = {"paypal": saved}
            return {"intent": "AUTHORIZE", "purchase_units": [unit], "payment_source": source}
        back = f"{self._pages}/{charge.payment_id}/return"
        context = {
            "return_url": back,
            "cancel_url": back,
            "user_action": "PAY_NOW",
            "shipping_preference": "NO_SHIPPING",
        }
        source = {"paypal": {"experience_context": context}}
        return {"intent": "CAPTURE", "purchase_units": [unit], "payment_source": source}

    async def _post(self, path: str, body: Mapping[str, object], key: str) -> Answered:
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        return await self._api.call("POST", path, body=body, headers=headers)

    async def _find_refund(self, capture: str, refund_id: str) -> dict[str, Any] | None:
        """Return the refund of a capture that is ours by this id, or PayPal's by it."""
        found = _body(await self._api.call("GET", capture))
        related = (found.get("supplementary_data") or {}).get("related_ids") or {}
        if "order_id" not in related:
            return None
        order = _body(await self._api.call("GET", f"/v2/checkout/orders/{related['order_id']}"))
        for made in _payments(order, "refunds"):
            ours = made.get("custom_id", "").partition(",")[2]
            if refund_id in {made["id"], ours}:
                return made
        return None

    async def _refund_record(self, refund: dict[str, Any]) -> RefundRecord:
        payment_id, _, ours = refund.get("custom_id", "").partition(",")
        if not ours:
            up = next(link["href"] for link in refund["links"] if link["rel"] == "up")
            capture = up.rpartition("/")[2]
            told = _body(await self._api.call("GET", f"/v2/payments/captures/{capture}"))
            payment_id = told.get("custom_id", "").partition(",")[0]
        amount = _money(refund["amount"])
        return RefundRecord(ours or refund["id"], PaymentId(payment_id), amount)

    async def _reported(self, since: datetime | None) -> AsyncIterator[dict[str, Any]]:
        """Yield what PayPal's reports say of our transactions (Transaction Search v1)."""
        now = self._clock.now()
        query = {
            "start_date": to_text(since or now - timedelta(days=29)),
            "end_date": to_text(now),
            "fields": "transaction_info",
            "transaction_status": "S",
            "page_size": str(PAGE_SIZE),
        }
        page, pages = 1, 1
        while page <= pages:
            asked = {**query, "page": str(page)}
            told = _body(await self._api.call("GET", "/v1/reporting/transactions", query=asked))
            for one in told.get("transaction_details", []):
                yield one["transaction_info"]
            page, pages = page + 1, told.get("total_pages", 1)


def _body(answered: Answered) -> Any:
    if not answered.is_ok:
        raise Unavailable(f"PayPal answered {answered.status} {_issue(answered)}.")
    return answered.body


def _issue(answered: Answered) -> str:
    """Return the stable code of a refusal (https://developer.paypal.com/api/rest/responses/)."""
    body: dict[str, Any] = answered.body or {}
    details = body.get("details") or [{}]
    code: str = details[0].get("issue") or body.get("name") or "refused"
    return code.lower()


def _amount(money: Money) -> dict[str, str]:
    return {"currency_code": money.currency, "value": str(money.decimal)}


def _money(amount: dict[str, str]) -> Money:
    return Money(to_minor(amount["value"]), amount["currency_code"])


def _reported_amount(told: dict[str, Any]) -> Money:
    return _money(told["transaction_amount"])


def _payments(order: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    payments = order["purchase_units"][0].get("payments") or {}
    found: list[dict[str, Any]] = payments.get(kind) or []
    return found


def _of_order(order: dict[str, Any]) -> ChargeResult:
    """Say what became of an order, by its captures, its authorizations, or its own status."""
    if captures := _payments(order, "captures"):
        return _of_capture(captures[-1])
    if authorizations := _payments(order, "authorizations"):
        return _of_authorization(order["id"], authorizations[-1]["status"])
    status = order["status"]
    if status in WAITING:
        where = next(link["href"] for link in order["links"] if link["rel"] in TO_APPROVE)
        return ActionRequired("redirect", where, order["id"])
    if status == "APPROVED":
        return Authorized(order["id"])
    return VOIDED


def _of_capture(capture: dict[str, Any]) -> ChargeResult:
    if capture["status"] in PAID:
        return Approved(capture["id"])
    if capture["status"] == "PENDING":
        raise Unavailable("PayPal has not decided the payment.")
    return REFUSED


def _of_authorization(order_id: str, status: str) -> ChargeResult:
    if status == "VOIDED":
        return VOIDED
    return Authorized(order_id) if status in {"CREATED", "PENDING"} else REFUSED


def _of_refund(refund: dict[str, Any]) -> RefundResult:
    if refund["status"] == "COMPLETED":
        return Approved(refund["id"])
    if refund["status"] == "PENDING":
        return Pending()
    return Declined(refund["status"].lower(), "PayPal refused the refund.")
