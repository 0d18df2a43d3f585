"""Comparing the providers' books with ours, and mending what went unnoticed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import KibbleError
from kibble.kernel.ids import PaymentId
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.payment.integration import Notice, PaymentProvider, Providers
from kibble.services.payment.model import (
    Books,
    DisputeRecord,
    Drift,
    DriftKind,
    PaymentStatus,
    RefundRecord,
    compare,
)
from kibble.services.payment.repository import PaymentRepository
from kibble.services.payment.service.conclusions import announce_refund
from kibble.services.payment.service.payments import PaymentService
from kibble.services.payment.service.processing import PaymentProcessor

_log = structlog.get_logger()

REPORTED_AFTER = timedelta(hours=4)
"""How old an entry of ours is before it is missed in a provider's reports, which may be late."""
MARGIN = timedelta(days=1)
"""How much further back a provider is asked than our books: a charge may end after it began."""
REASON = "It was refunded in the provider's own pages."


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The providers' books, ours, where they disagree, and the ids of what was mended."""

    provider: Books = field(default_factory=Books)
    ours: Books = field(default_factory=Books)
    drift: list[Drift] = field(default_factory=list[Drift])
    repaired: list[str] = field(default_factory=list[str])


class Reconciler:
    """Finds out what is open, mends what went unnoticed, and tells what is left."""

    def __init__(
        self,
        repository: PaymentRepository,
        providers: Providers,
        service: PaymentService,
        processor: PaymentProcessor,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._providers = providers
        self._service = service
        self._processor = processor
        self._clock = clock

    async def reconcile(self, *, repair: bool = False) -> Reconciliation:
        """Compare every provider's books with ours, once what can be mended is, if ``repair``.

        Without it nothing is changed. Raises ``Unavailable`` when a provider is away.
        """
        whole = Reconciliation()
        for name, provider in self._providers.by_name.items():
            mended = await self._repair(name, provider) if repair else []
            before, theirs, ours = await self._read(name, provider)
            whole.provider.charges.update(theirs.charges)
            whole.provider.refunds.update(theirs.refunds)
            whole.ours.charges.update(ours.charges)
            whole.ours.refunds.update(ours.refunds)
            whole.provider.disputes.update(theirs.disputes)
            whole.ours.disputes.update(ours.disputes)
            whole.drift.extend(compare(before, theirs, ours))
            whole.repaired.extend(mended)
        if whole.drift:
            _log.error("the books drift apart", drifts=len(whole.drift))
        return whole

    async def watch(self) -> None:
        """Reconcile with the providers whose webhooks can get lost: with all but the sandbox."""
        if any(provider.history for provider in self._providers.by_name.values()):
            await self.reconcile(repair=True)

    async def _repair(self, name: str, provider: PaymentProvider) -> list[str]:
        """Look at what is open, and mend what only the provider's books have."""
        first = await self._repository.books(name)
        for payment_id in sorted(first.waiting):
            await self._look_at(payment_id)
        before, theirs, ours = await self._read(name, provider)
        mended = [await self._mend(one, theirs) for one in compare(before, theirs, ours)]
        return [*sorted(first.undecided - ours.undecided), *(one for one in mended if one)]

    async def _read(self, name: str, provider: PaymentProvider) -> tuple[Books, Books, Books]:
        """Return our books before and after the provider's, which stand between them."""
        since = self._clock.now() - provider.history if provider.history else None
        before = await self._repository.books(name, since)
        if provider.history:
            _drop_newer(before, self._clock.now() - REPORTED_AFTER)
        asked_since = since - MARGIN if since else None
        theirs = Books(
            {record.payment_id: record async for record in provider.charges(asked_since)},
            {record.refund_id: record async for record in provider.refunds(asked_since)},
            {one.id: DisputeRecord.of(one) async for one in provider.disputes.since(asked_since)},
        )
        _drop_returned(theirs)
        return before, theirs, await self._repository.books(name)

    async def _look_at(self, payment_id: PaymentId, *, disputed: bool = False) -> None:
        notice = Notice(payment_id, disputed=disputed)
        await commit_outcome(self._repository, lambda: self._service.notice(notice))
        try:
            await self._processor.work_on(payment_id)
        except KibbleError as error:
            _log.warning("not reconciled", payment_id=payment_id, error=error.message)

    async def _mend(self, drift: Drift, theirs: Books) -> str | None:
        """Mend a drift if it can be; return the id of what was mended."""
        if drift.what == "dispute":
            return await self._follow(drift, theirs)
        if drift.kind is not DriftKind.MISSING_HERE:
            return None
        if drift.what == "refund":
            return await self._take_over(theirs.refunds[drift.id])
        payment = await self._repository.find_payment(PaymentId(drift.id))
        if payment is None or payment.status is not PaymentStatus.FAILED:
            return None
        await self._look_at(payment.id)
        return payment.id

    async def _follow(self, drift: Drift, theirs: Books) -> str | None:
        """Ask for a dispute that only the provider knows, or knows to stand otherwise."""
        record = theirs.disputes.get(drift.id)
        if record is None:
            return None
        await self._look_at(record.payment_id, disputed=True)
        return drift.id

    async def _take_over(self, record: RefundRecord) -> str | None:
        """Claim what was refunded in the provider's own pages: asked for it, it says it is done."""

        async def use_case() -> Outcome[str | None]:
            payment = await self._repository.find_payment(record.payment_id)
            if payment is None or payment.left < record.amount:
                return unchanged(None)
            now = self._clock.now()
            refund = payment.claim_refund(record.refund_id, record.amount, REASON, now)
            changes = Changes()
            announce_refund(changes, payment, refund)
            return Outcome(record.refund_id, changes)

        taken_over = await commit_outcome(self._repository, use_case)
        if taken_over:
            await self._processor.work_on(record.payment_id)
        return taken_over


def _drop_newer(books: Books, moment: datetime) -> None:
    """Leave out what was begun after ``moment``; ids begin with their time (RFC 9562, UUIDv7)."""
    first = f"{int(moment.timestamp() * 1000):012x}"
    for entries in (books.charges, books.refunds):
        for key in [one for one in entries if one.replace("-", "")[:12] >= first]:
            del entries[key]


def _drop_returned(books: Books) -> None:
    """Leave out charges that went back whole because they had come too late."""
    for refund_id, refund in list(books.refunds.items()):
        charge = books.charges.get(refund_id)
        if charge is not None and charge.amount == refund.amount:
            del books.charges[refund_id], books.refunds[refund_id]
