"""What the steps of a payment share: committing one, and waiting until the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import PaymentId, Randomness
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.resilience import NotCalled
from kibble.services.payment.errors import UnknownPayment
from kibble.services.payment.integration import StockHolds
from kibble.services.payment.model import UNDECIDED, Payment
from kibble.services.payment.repository import PaymentRepository

_log = structlog.get_logger()

CALL_SECONDS = 10.0
"""The deadline of a call to the provider."""
CALL = timedelta(seconds=CALL_SECONDS)
"""How long a call that one process makes keeps others from making it."""
HOLD_MARGIN = timedelta(seconds=10)
"""How long an order's stock stays held past the next look at its payment."""
FIRST_PAUSE_SECONDS = 0.5
MOST_DOUBLINGS = 6
"""Pauses grow to half a minute."""


class Steps:
    """Commits steps, and puts them off when somebody is away."""

    def __init__(
        self, repository: PaymentRepository, holds: StockHolds, clock: Clock, randomness: Randomness
    ) -> None:
        self.repository = repository
        self.clock = clock
        self._holds = holds
        self._randomness = randomness

    async def load(self, payment_id: PaymentId) -> Payment:
        """Return a payment; raises ``UnknownPayment``."""
        payment = await self.repository.find_payment(payment_id)
        if payment is None:
            raise UnknownPayment(payment_id)
        return payment

    async def change(
        self, payment_id: PaymentId, decide: Callable[[Payment, Changes], Awaitable[object]]
    ) -> Payment:
        """Let ``decide`` change the latest state; commit its changes, and return that state."""

        async def use_case() -> Outcome[Payment]:
            latest = await self.load(payment_id)
            changes = Changes()
            await decide(latest, changes)
            return Outcome(latest, changes) if changes else unchanged(latest)

        return await commit_outcome(self.repository, use_case)

    async def claim(self, payment: Payment, until: datetime) -> bool:
        """Take a payment's next look, so that no other process does before ``until``.

        False when somebody else has changed the payment since it was read.
        """
        claimed = False

        async def decide(latest: Payment, changes: Changes) -> None:
            nonlocal claimed
            claimed = latest.version == payment.version
            if claimed:
                latest.put_off(until)
                changes.save(latest)

        await self.change(payment.id, decide)
        return claimed

    async def postpone(self, payment: Payment, error: Unavailable | None = None) -> Payment:
        """Look again later; the order's stock stays held until then.

        The pauses grow with the looks that decided nothing. One that a breaker refused is none: it
        is made up for as soon as the breaker may let it pass, or payments that were never asked
        for would wait longest.
        """
        if error is not None:
            _log.warning("payment waits", payment_id=payment.id, reason=error.code)
        refused_for = error.retry_after if isinstance(error, NotCalled) else None
        due_at = self._in(refused_for) if refused_for else self.next_look(payment)
        held_until = await self.hold_if_possible(payment, due_at)

        async def decide(latest: Payment, changes: Changes) -> None:
            if latest.status is payment.status:
                latest.hold(held_until)
                note = latest.put_off if refused_for else latest.look_again
                note(due_at)
                changes.save(latest)

        return await self.change(payment.id, decide)

    async def learn(
        self, payment: Payment, reference: str | None, *, authorized: bool = False
    ) -> None:
        """Keep the provider's own name of a charge, and that its money is set aside.

        Before anything is done with it.
        """

        async def decide(latest: Payment, changes: Changes) -> None:
            is_news = latest.learn(reference)
            if (authorized and latest.authorize(self.clock.now())) or is_news:
                changes.save(latest)

        await self.change(payment.id, decide)

    async def rest(self, payment: Payment) -> Payment:
        """Look no more at a payment that is decided."""

        async def decide(latest: Payment, changes: Changes) -> None:
            latest.rest(self.clock.now())
            changes.save(latest)

        return await self.change(payment.id, decide)

    async def wait(self, payment: Payment, seconds: float) -> Payment:
        """Look again after ``seconds``, for what is known to take its time."""

        async def decide(latest: Payment, changes: Changes) -> None:
            latest.put_off(self._in(seconds))
            changes.save(latest)

        return await self.change(payment.id, decide)

    async def hold(self, payment: Payment, until: datetime) -> datetime | None:
        """Return a time past ``until`` to which the order's stock is held; None when it is gone.

        Raises ``Unavailable`` when Inventory is away.
        """
        needed = until + HOLD_MARGIN
        if payment.held_until is not None and payment.held_until >= needed:
            return payment.held_until
        return needed if await self._holds.extend(payment.order_id, needed) else None

    async def hold_if_possible(self, payment: Payment, until: datetime) -> datetime | None:
        """Hold the stock of an order that may still be paid; return to when it is held for sure."""
        if payment.unwanted or payment.status not in UNDECIDED:
            return payment.held_until
        try:
            return await self.hold(payment, until)
        except Unavailable:
            return payment.held_until

    def next_look(self, payment: Payment) -> datetime:
        """Return when to look again: the pauses double, and have jitter."""
        pause = FIRST_PAUSE_SECONDS * 2 ** min(payment.looks, MOST_DOUBLINGS)
        return self._in(pause * (1 + self._randomness.random()) / 2)

    def _in(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)
