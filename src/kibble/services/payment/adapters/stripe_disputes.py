"""Disputes at Stripe (https://docs.stripe.com/api/disputes): a bank wants a charge back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import stripe

from kibble.kernel.ids import PaymentId
from kibble.kernel.money import Money
from kibble.services.payment.adapters.stripe_library import given, items, metadata_of, translated
from kibble.services.payment.integration import Charge
from kibble.services.payment.model import Dispute, DisputeStatus

PAGE: Final = 100
DECIDED: Final = {
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}
"""How disputes end; all else is open (https://docs.stripe.com/api/disputes/object)."""


class StripeDisputes:
    """Implements ``DisputeDesk``."""

    def __init__(self, api: stripe.V1Services) -> None:
        self._api = api

    @translated
    async def of(self, charge: Charge) -> Sequence[Dispute]:
        """See ``DisputeDesk.of``."""
        params: Any = {"payment_intent": charge.reference or "", "limit": PAGE}
        pages = await self._api.disputes.list_async(params)
        return [_dispute(one, charge.payment_id) async for one in items(pages)]

    async def since(self, moment: datetime | None) -> AsyncIterator[Dispute]:
        """See ``DisputeDesk.since``."""
        asked: Any = {"limit": PAGE, "expand": ["data.payment_intent"]}
        if moment:
            asked["created"] = {"gte": int(moment.timestamp())}
        async for one in items(await self._list(asked)):
            told = metadata_of(one.payment_intent)
            if "payment_id" in told:
                yield _dispute(one, PaymentId(told["payment_id"]))

    @translated
    async def _list(self, params: Any) -> Any:
        return await self._api.disputes.list_async(params)


def _dispute(told: Any, payment_id: PaymentId) -> Dispute:
    currency = told.currency.upper()
    moved = given(told, "balance_transactions") or []
    withdrawn = sum(-one.amount for one in moved if one.amount < 0)
    respond_by = given(given(told, "evidence_details"), "due_by")
    return Dispute(
        id=told.id,
        payment_id=payment_id,
        status=DECIDED.get(told.status, DisputeStatus.OPEN),
        amount=Money(told.amount, currency),
        withdrawn=Money(withdrawn, currency),
        fee=Money(max(0, sum(one.fee for one in moved)), currency),
        reason_code=told.reason,
        opened_at=datetime.fromtimestamp(told.created, UTC),
        respond_by=datetime.fromtimestamp(respond_by, UTC) if respond_by else None,
    )
