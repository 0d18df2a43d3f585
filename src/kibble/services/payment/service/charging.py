"""Taking the money: one charge a payment, whatever answers get lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from kibble.kernel.errors import Unavailable
from kibble.platform.persistence.changes import Changes
from kibble.platform.resilience import Guard
from kibble.services.payment.integration import (
    ActionRequired,
    Approved,
    Authorized,
    Charge,
    ChargeResult,
    Declined,
    Providers,
)
from kibble.services.payment.model import (
    ACTION_EXPIRED,
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

_log = structlog.get_logger()

GIVE_UP_AFTER = timedelta(minutes=1)
"""When a charge that the provider does not know will not turn up any more."""

NOT_OFFERED = Declined("method_not_offered", "This shop does not take this payment method.")
CANCELLED = Declined(ORDER_CANCELLED, "The order was cancelled before it was paid.")
EXPIRED = Declined(HOLD_EXPIRED, "The order's stock was not held any more.")
NOT_APPROVED = Declined(ACTION_EXPIRED, "The payment was not approved in time.")


class Charging:
    """Charges through the provider, with the payment's id as the key."""

    def __init__(
        self, steps: Steps, providers: Providers, moving_money: Guard, asking: Guard
    ) -> None:
        self._steps = steps
        self._providers = providers
        self._moving_money = moving_money
        self._asking = asking

    async def begin(self, payment: Payment) -> Payment:
        """Hold the stock of a PENDING payment, mark it PROCESSING, then charge."""
        now = self._steps.clock.now()
        name = self._providers.methods.get(payment.method)
        if name is None:
            return await self._settle(payment, NOT_OFFERED)
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
                latest.begin(now, now + CALL, name)
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
            provider = self._providers.named(payment.provider)
            charge = await self._order_for(payment)
            result = await self._asking.call(lambda: provider.find_charge(charge))
            if result is not None:
                return await self._go_on(payment, charge, result)
            if payment.unwanted:
                return await self._give_up(payment, CANCELLED)
            if await self._steps.hold(payment, self._steps.clock.now() + CALL) is None:
                return await self._give_up(payment, EXPIRED)
        except Unavailable as error:
            return await self._steps.postpone(payment, error)
        return await self._charge(payment)

    async def undo(self, payment: Payment) -> Payment:
        """Send money back that came for a payment which has failed: it was given up too early."""
        try:
            provider = self._providers.named(payment.provider)
            charge = await self._order_for(payment)
            result = await self._asking.call(lambda: provider.find_charge(charge))
            if isinstance(result, Authorized | ActionRequired):
                there = replace(charge, reference=result.reference or charge.reference)
                result = await self._moving_money.call(lambda: provider.void(there))
            if isinstance(result, Approved):
                _log.error("late money goes back", payment_id=payment.id)
                paid = replace(charge, reference=result.reference)
                await self._moving_money.call(
                    lambda: provider.refund(payment.id, paid, payment.amount)
                )
        except Unavailable as error:
            return await self._steps.postpone(payment, error)
        return await self._steps.rest(payment)

    async def _charge(self, payment: Payment) -> Payment:
        charge = await self._order_for(payment)
        try:
            provider = self._providers.named(payment.provider)
            result = await self._moving_money.call(lambda: provider.charge(charge))
            return await self._go_on(payment, charge, result)
        except Unavailable as error:
            return await self._steps.postpone(payment, error)

    async def _order_for(self, payment: Payment) -> Charge:
        token = await self._steps.repository.find_token(payment.order_id)
        return Charge(
            payment.id,
            payment.order_id,
            payment.amount,
            token.value if token else None,
            payment.reference,
            token.off_session if token else False,
        )

    async def _go_on(self, payment: Payment, charge: Charge, result: ChargeResult) -> Payment:
        """Take the money that is set aside, or free it; end what the customer left waiting."""
        if isinstance(result, Authorized | ActionRequired):
            set_aside = isinstance(result, Authorized)
            if payment.reference is None or (set_aside and not payment.authorized):
                await self._steps.learn(payment, result.reference, authorized=set_aside)
            charge = replace(charge, reference=result.reference or charge.reference)
        if isinstance(result, Authorized):
            if reason := await self._reason_to_void(payment):
                return await self._void(payment, charge, reason)
            provider = self._providers.named(payment.provider)
            result = await self._moving_money.call(lambda: provider.capture(charge))
        elif isinstance(result, ActionRequired) and payment.is_called_off(self._steps.clock.now()):
            reason = CANCELLED if payment.unwanted else NOT_APPROVED
            return await self._void(payment, charge, reason)
        return await self._settle(payment, result)

    async def _reason_to_void(self, payment: Payment) -> Declined | None:
        """Return why money that is set aside is not to be taken: the order or its stock is gone."""
        if payment.unwanted:
            return CANCELLED
        held_until = await self._steps.hold(payment, self._steps.clock.now() + CALL)
        return EXPIRED if held_until is None else None

    async def _void(self, payment: Payment, charge: Charge, reason: Declined) -> Payment:
        provider = self._providers.named(payment.provider)
        result = await self._moving_money.call(lambda: provider.void(charge))
        return await self._settle(payment, reason if isinstance(result, Declined) else result)

    async def _give_up(self, payment: Payment, reason: Declined) -> Payment:
        """Fail a payment that is not to be charged any more, once no charge can turn up."""
        if self._steps.clock.now() < payment.updated_at + GIVE_UP_AFTER:
            return await self._steps.postpone(payment)
        return await self._settle(payment, reason)

    async def _settle(self, payment: Payment, result: ChargeResult) -> Payment:
        """Keep what the provider decided, unless that is known already."""
        if isinstance(result, Authorized):
            return await self._steps.postpone(payment)
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
