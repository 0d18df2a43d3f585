"""Following disputes: the provider is asked how they stand, whatever its webhooks say."""

from __future__ import annotations

import structlog

from kibble.kernel.errors import Unavailable
from kibble.platform.persistence.changes import Changes
from kibble.platform.resilience import Guard
from kibble.services.payment.integration import Charge, Providers
from kibble.services.payment.model import Payment
from kibble.services.payment.service.conclusions import announce_dispute
from kibble.services.payment.service.steps import CALL, Steps

_log = structlog.get_logger()


class Disputing:
    """Keeps what providers tell of disputes, and posts what moves."""

    def __init__(self, steps: Steps, providers: Providers, asking: Guard) -> None:
        self._steps = steps
        self._providers = providers
        self._asking = asking

    async def find_out(self, payment: Payment) -> Payment:
        """Ask for a payment's disputes; of several processes that find it due, one asks."""
        if not await self._steps.claim(payment, self._steps.clock.now() + CALL):
            return await self._steps.load(payment.id)
        charge = Charge(payment.id, payment.order_id, payment.amount, reference=payment.reference)
        try:
            desk = self._providers.named(payment.provider).disputes
            told = await self._asking.call(lambda: desk.of(charge))
        except Unavailable as error:
            return await self._steps.postpone(payment, error)

        async def decide(latest: Payment, changes: Changes) -> None:
            for dispute in latest.take_disputes(told, self._steps.clock.now()):
                _log.warning("payment disputed", payment_id=latest.id, status=dispute.status.value)
                announce_dispute(changes, latest, dispute)
            changes.save(latest)

        return await self._steps.change(payment.id, decide)
