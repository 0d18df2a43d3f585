"""Disputes at PayPal (https://developer.paypal.com/docs/api/customer-disputes/v1/).

A bank's chargeback is one, and so is a claim that a customer opens at PayPal.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from kibble.kernel.clock import Clock, to_text
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import PaymentId
from kibble.kernel.money import Money, to_minor
from kibble.platform.engines.outside import OutsideApi
from kibble.services.payment.integration import Charge
from kibble.services.payment.model import Dispute, DisputeStatus

PATH: Final = "/v1/customer/disputes"
PAGE_SIZE: Final = "50"
LOOKED_BACK: Final = timedelta(days=179)
"""How far back PayPal lists disputes (180 days)."""
LOST: Final = frozenset({"RESOLVED_BUYER_FAVOUR", "ACCEPTED"})
FEE: Final = "_FEE"
"""How the reasons of movements end that are fees."""


class PayPalDisputes:
    """Implements ``DisputeDesk``."""

    def __init__(self, api: OutsideApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def of(self, charge: Charge) -> Sequence[Dispute]:
        """See ``DisputeDesk.of``."""
        asked = {"disputed_transaction_id": charge.reference or ""}
        return [await self.dispute(one) async for one in self._listed(asked)]

    async def since(self, moment: datetime | None) -> AsyncIterator[Dispute]:
        """See ``DisputeDesk.since``."""
        begin = moment or self._clock.now() - LOOKED_BACK
        async for one in self._listed({"start_time": to_text(begin)}):
            dispute = await self.dispute(one)
            if dispute.payment_id:
                yield dispute

    async def dispute(self, dispute_id: str) -> Dispute:
        """Return a dispute; its payment's id is empty for one of a payment that is none of ours."""
        told = await self._got(f"{PATH}/{dispute_id}")
        capture = told["disputed_transactions"][0]["seller_transaction_id"]
        return _dispute(told, await self._payment_of(capture))

    async def _payment_of(self, capture: str) -> PaymentId:
        """Return whose payment a capture is: a dispute knows PayPal's name of it alone."""
        found = await self._api.call("GET", f"/v2/payments/captures/{capture}")
        kept: str = found.body.get("custom_id", "") if found.is_ok else ""
        return PaymentId(kept.partition(",")[0])

    async def _listed(self, asked: dict[str, str]) -> AsyncIterator[str]:
        """Yield the ids of disputes, page after page."""
        query: dict[str, str] | None = {**asked, "page_size": PAGE_SIZE}
        path = PATH
        while query is not None:
            page = await self._got(path, query)
            for one in page.get("items", []):
                yield one["dispute_id"]
            token = page.get("next_page_token")
            query = {**asked, "page_size": PAGE_SIZE, "next_page_token": token} if token else None

    async def _got(self, path: str, query: dict[str, str] | None = None) -> Any:
        answered = await self._api.call("GET", path, query=query)
        if not answered.is_ok:
            raise Unavailable(f"PayPal answered {answered.status} about disputes.")
        return answered.body


def _dispute(told: dict[str, Any], payment_id: PaymentId) -> Dispute:
    amount = _money(told["dispute_amount"])
    ours = [one for one in told.get("money_movements", []) if one["affected_party"] == "SELLER"]
    fees = [one for one in ours if one["reason"].endswith(FEE)]
    taken = [one for one in ours if one not in fees and one["type"] == "DEBIT"]
    respond_by = told.get("seller_response_due_date")
    return Dispute(
        id=told["dispute_id"],
        payment_id=payment_id,
        status=_status(told),
        amount=amount,
        withdrawn=Money(sum(_moved(one) for one in taken), amount.currency),
        fee=Money(max(0, sum(_signed(one) for one in fees)), amount.currency),
        reason_code=told["reason"].lower(),
        opened_at=datetime.fromisoformat(told["create_time"]),
        respond_by=datetime.fromisoformat(respond_by) if respond_by else None,
    )


def _status(told: dict[str, Any]) -> DisputeStatus:
    if told["status"] != "RESOLVED":
        return DisputeStatus.OPEN
    outcome = (told.get("dispute_outcome") or {}).get("outcome_code")
    return DisputeStatus.LOST if outcome in LOST else DisputeStatus.WON


def _moved(movement: dict[str, Any]) -> int:
    return _money(movement["amount"]).minor


def _signed(movement: dict[str, Any]) -> int:
    return _moved(movement) if movement["type"] == "DEBIT" else -_moved(movement)


def _money(amount: dict[str, str]) -> Money:
    return Money(to_minor(amount["value"]), amount["currency_code"])
