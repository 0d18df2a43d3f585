"""Giving money back: what was claimed, and what a gone order is owed."""

from __future__ import annotations

from datetime import timedelta

import structlog

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import IdSource
from kibble.platform.persistence.changes import Changes
from kibble.platform.resilience import Guard
from kibble.services.payment.integration import Approved, Charge, Declined, Pending, Providers
from kibble.services.payment.model import Payment, Refund
from kibble.services.payment.service.conclusions import announce_refund, conclude_refund
from kibble.services.payment.service.steps import CALL, Steps

_log = structlog.get_logger()

PENDING_SECONDS = 600.0
"""How often a refund is asked for that the provider works on: banks take days."""
RETRY_REFUSED_AFTER = timedelta(hours=1)
REASON = "The order was cancelled or returned."


class Refunding:
    """Refunds through the provider, with the refund's id as the key."""

    def __init__(
        self, steps: Steps, providers: Providers, moving_money: Guard, ids: IdSource
    ) -> None:
        self._steps = steps
        self._providers = providers
        self._moving_money = moving_money
        self._ids = ids

    async def claim_what_is_owed(self, payment: Payment) -> Payment:
        """Claim all that is left for the customer of an order that is gone."""

        async def decide(latest: Payment, changes: Changes) -> None:
            now = self._steps.clock.now()
            if latest.owes_refund and latest.pending_refund is None:
                refund = latest.claim_refund(self._ids.new(), None, REASON, now)
                announce_refund(changes, latest, refund)
            else:
                latest.rest(now)
                changes.save(latest)

        return await self._steps.change(payment.id, decide)

    async def send_back(self, payment: Payment, refund: Refund) -> Payment:
        """Have the provider send a claimed refund.

        The call is claimed first: of several processes that find the payment due, one calls.
        """
        if not await self._steps.claim(payment, self._steps.clock.now() + CALL):
            return await self._steps.load(payment.id)
        charge = Charge(payment.id, payment.order_id, payment.amount, reference=payment.reference)
        try:
            provider = self._providers.named(payment.provider)
            result = await self._moving_money.call(
                lambda: provider.refund(refund.id, charge, refund.amount)
            )
        except Unavailable as error:
            return await self._steps.postpone(payment, error)
        if isinstance(result, Pending):
            return await self._steps.wait(payment, PENDING_SECONDS)
        if isinstance(result, Declined):
            _log.error("refund refused", refund_id=refund.id, code=result.code)

        async def decide(latest: Payment, changes: Changes) -> None:
            pending = latest.pending_refund
            if pending is None or pending.id != refund.id:
                return
            now = self._steps.clock.now()
            if isinstance(result, Approved):
                latest.settle_refund(pending, now)
                conclude_refund(changes, latest, pending)
            else:
                latest.fail_refund(pending, result.code, now, now + RETRY_REFUSED_AFTER)
                changes.save(latest)

        return await self._steps.change(payment.id, decide)
