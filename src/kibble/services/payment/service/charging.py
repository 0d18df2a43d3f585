"""Taking the money: one charge a payment, whatever answers get lost."""

from __future__ import annotations

from datetime import timedelta

from kibble.kernel.errors import Unavailable
from kibble.platform.persistence.changes import Changes
from kibble.platform.resilience import Guard
from kibble.services.payment.integration import (
    ActionRequired,
    Approved,
    Charge,
    ChargeResult,
    Declined,
    PaymentProvider,
)
from kibble.services.payment.model import (
    HOLD_EXPIRED,
    ORDER_CANCELLED,
    UNDECIDED,
    Failure,
    NextAction,
    Payment,
    PaymentStatus,
)
from kibble.services.payment.service.conclusions import conclude
from kibble.services.payment.service.steps import CALL, Steps

GIVE_UP_AFTER = timedelta(minutes=1)
"""When a charge that the provider does not know will not turn up any more."""

CANCELLED = Declined(ORDER_CANCELLED, "The order was cancelled before it was paid.")
EXPIRED = Declined(HOLD_EXPIRED, "The order's stock was not held any more.")


class Charging:
    """Charges through the provider, with the payment's id as the key."""

    def __init__(
        self, steps: Steps, provider: PaymentProvider, moving_money: Guard, asking: Guard
    ) -> None:
        self._steps = steps
        self._provider = provider
        self._moving_money = moving_money
        self._asking = asking

    async def begin(self, payment: Payment) -> Payment:
        """Hold the stock of a PENDING payment, mark it PROCESSING, then charge."""
        now = self._steps.clock.now()
        try:
            held_until = await self._steps.hold(payment, now + CALL)
        except Unavailable as error:
            return await self._steps.postpone(payment, error)
        if held_until is None:
            return await self._settle(payment, EXPIRED)

        begun = False

        async def decide(latest: Payment, changes: Changes) -> None:
            nonlocal begun
            begun = latest.status is PaymentStatus.PENDING
            if begun:
                latest.hold(held_until)
                latest.begin(now, now + CALL)
                changes.save(latest)

        payment = await self._steps.change(payment.id, decide)
        return await self._charge(payment) if begun else payment

    async def ask(self, payment: Payment) -> Payment:
        """Find out what became of a charge; when the provider never got it, charge again.

        Again means under the same id, so that a charge which was only late is not made twice.
        The look is claimed first: of several processes that find the payment due, one looks.
        """
        claimed = await self._steps.claim(payment, self._steps.clock.now() + CALL)
        if not claimed:
            return await self._steps.load(payment.id)
        try:
            result = await self._asking.call(lambda: self._provider.find_charge(payment.id))
            if result is not None:
                return await self._settle(payment, result)
            if payment.unwanted:
                return await self._give_up(payment, CANCELLED)
            if await self._steps.hold(payment, self._steps.clock.now() + CALL) is None:
                return await self._give_up(payment, EXPIRED)
        except Unavailable as error:
            return await self._steps.postpone(payment, error)
        return await self._charge(payment)

    async def _charge(self, payment: Payment) -> Payment:
        token = await self._steps.repository.find_token(payment.order_id)
        value = token.value if token else None
        charge = Charge(payment.id, payment.order_id, payment.amount, value)
        try:
            result = await self._moving_money.call(lambda: self._provider.charge(charge))
        except Unavailable as error:
            return await self._steps.postpone(payment, error)
        return await self._settle(payment, result)

    async def _give_up(self, payment: Payment, reason: Declined) -> Payment:
        """Fail a payment that is not to be charged any more, once no charge can turn up."""
        if self._steps.clock.now() < payment.updated_at + GIVE_UP_AFTER:
            return await self._steps.postpone(payment)
        return await self._settle(payment, reason)

    async def _settle(self, payment: Payment, result: ChargeResult) -> Payment:
        """Keep what the provider decided, unless that is known already."""
        if isinstance(result, ActionRequired):
            return await self._wait_for_customer(payment, NextAction(result.type, result.url))

        async def decide(latest: Payment, changes: Changes) -> None:
            if latest.status not in UNDECIDED:
                return
            now = self._steps.clock.now()
            if isinstance(result, Approved):
                latest.approve(result.reference, now)
            else:
                latest.fail(Failure(result.code, result.message), now)
            await conclude(self._steps.repository, changes, latest)

        return await self._steps.change(payment.id, decide)

    async def _wait_for_customer(self, payment: Payment, action: NextAction) -> Payment:
        due_at = self._steps.next_look(payment)
        held_until = await self._steps.hold_if_possible(payment, due_at)

        async def decide(latest: Payment, changes: Changes) -> None:
            if latest.status in UNDECIDED:
                latest.hold(held_until)
                latest.require_action(action, self._steps.clock.now(), due_at)
                changes.save(latest)

        return await self._steps.change(payment.id, decide)
