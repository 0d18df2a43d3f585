"""What goes on in the background: every payment, step by step, to where it can rest.

Each step is kept before the next one, and nothing remote happens inside a transaction. Whatever
step a crash cuts off is found again by ``due_at``, and repeated under the same id.
"""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, PaymentId, Randomness
from kibble.platform.resilience import Guard
from kibble.services.payment.integration import Providers, StockHolds
from kibble.services.payment.model import IN_DOUBT, Payment, PaymentStatus
from kibble.services.payment.repository import PaymentRepository
from kibble.services.payment.service.charging import Charging
from kibble.services.payment.service.disputing import Disputing
from kibble.services.payment.service.refunding import Refunding
from kibble.services.payment.service.steps import CALL_SECONDS, Steps

CONCURRENCY = 32
"""How many calls the provider gets at once."""
DUE_BATCH = 500
ALL = 2**31


class PaymentProcessor:
    """Moves payments on."""

    def __init__(
        self,
        *,
        repository: PaymentRepository,
        providers: Providers,
        holds: StockHolds,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
        alone: bool = True,
    ) -> None:
        """``alone``: no other process works on these payments, so none is in others' hands."""

        def guard(name: str) -> Guard:
            return Guard(
                name, clock, randomness, timeout_seconds=CALL_SECONDS, concurrency=CONCURRENCY
            )

        self._repository = repository
        self._clock = clock
        self._steps = Steps(repository, holds, clock, randomness)
        moving_money = guard("the payment provider")
        # Its own guard: while charges fail, it must be possible to find out what became of them.
        asking = guard("the payment provider's records")
        self._charging = Charging(self._steps, providers, moving_money, asking)
        self._refunding = Refunding(self._steps, providers, moving_money, ids)
        self._disputing = Disputing(self._steps, providers, asking)
        self._alone = alone
        self._at_work: set[PaymentId] = set()

    async def unfinished(self) -> list[PaymentId]:
        """Return all payments that wait for something: for the start after a stop or a crash.

        Where others work on payments, too, only those that are due: the others are in their hands.
        """
        if not self._alone:
            return await self.due()
        return await self._repository.due(None, ALL)

    async def due(self) -> list[PaymentId]:
        """Return payments whose time to be looked at has come."""
        return await self._repository.due(self._clock.now(), DUE_BATCH)

    async def work_on(self, payment_id: PaymentId) -> None:
        """Take the next steps of a payment, until it rests or has to wait.

        Steps of one payment never overlap in this process. Of several processes, the one that
        marked it or claimed its look calls the provider, and the others leave it alone until it is
        due again, which is when that call has ended; should two calls overlap all the same, they
        have one id.
        """
        if payment_id in self._at_work:
            return
        self._at_work.add(payment_id)
        try:
            payment = await self._steps.load(payment_id)
            if not self._alone and self._waits(payment):
                return
            while payment.due_at is not None:
                payment = await self._step(payment)
                if self._waits(payment):
                    return
        finally:
            self._at_work.discard(payment_id)

    def _waits(self, payment: Payment) -> bool:
        return payment.due_at is not None and payment.due_at > self._clock.now()

    async def _step(self, payment: Payment) -> Payment:
        if payment.status is PaymentStatus.PENDING:
            return await self._charging.begin(payment)
        if payment.status in IN_DOUBT:
            return await self._charging.ask(payment)
        if payment.status is PaymentStatus.FAILED:
            return await self._charging.undo(payment)
        if payment.dispute_due:
            return await self._disputing.find_out(payment)
        if refund := payment.pending_refund:
            return await self._refunding.send_back(payment, refund)
        return await self._refunding.claim_what_is_owed(payment)
