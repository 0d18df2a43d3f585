"""Two sets of books, the provider's and ours, and where they drift apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.services.payment.model.dispute import Dispute, DisputeStatus


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """A charge that went through."""

    payment_id: PaymentId
    order_id: OrderId
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """A refund that went through."""

    refund_id: str
    payment_id: PaymentId
    amount: Money


@dataclass(frozen=True, slots=True)
class DisputeRecord:
    """A dispute, and how it stands (OPEN, WON, LOST)."""

    dispute_id: str
    payment_id: PaymentId
    amount: Money
    status: DisputeStatus

    @classmethod
    def of(cls, dispute: Dispute) -> DisputeRecord:
        """Return the entry of a dispute."""
        return cls(dispute.id, dispute.payment_id, dispute.amount, dispute.status)


@dataclass(frozen=True, slots=True)
class Books:
    """What went through, and what is disputed, by id, oldest first.

    ``undecided`` has the ids of payments and refunds of which we do not know yet, ``waiting`` those
    of the payments to look at for that.
    """

    charges: dict[str, ChargeRecord] = field(default_factory=dict[str, ChargeRecord])
    refunds: dict[str, RefundRecord] = field(default_factory=dict[str, RefundRecord])
    disputes: dict[str, DisputeRecord] = field(default_factory=dict[str, DisputeRecord])
    undecided: frozenset[str] = frozenset()
    waiting: frozenset[PaymentId] = frozenset()


class DriftKind(Enum):
    """How an entry differs between the books."""

    MISSING_HERE = "MISSING_HERE"
    MISSING_THERE = "MISSING_THERE"
    DIFFERENT = "DIFFERENT"


@dataclass(frozen=True, slots=True)
class Drift:
    """An entry that the books disagree on; ``what`` is charge, refund or dispute."""

    kind: DriftKind
    what: str
    id: str


def compare(before: Books, provider: Books, after: Books) -> list[Drift]:
    """Return where the provider's books and ours disagree.

    Ours are read ``before`` and ``after`` the provider's, so that what went through meanwhile is
    no drift: what we had before, the provider has; what the provider has, we know after.
    """
    return [
        *_drifts("charge", before.charges, provider.charges, after.charges, after.undecided),
        *_drifts("refund", before.refunds, provider.refunds, after.refunds, after.undecided),
        *_drifts("dispute", before.disputes, provider.disputes, after.disputes, frozenset()),
    ]


def _drifts(
    what: str,
    before: Mapping[str, object],
    theirs: Mapping[str, object],
    after: Mapping[str, object],
    undecided: frozenset[str],
) -> Iterator[Drift]:
    for key in before.keys() - theirs.keys():
        yield Drift(DriftKind.MISSING_THERE, what, key)
    for key in theirs.keys() - after.keys() - undecided:
        yield Drift(DriftKind.MISSING_HERE, what, key)
    for key in theirs.keys() & after.keys():
        if theirs[key] != after[key]:
            yield Drift(DriftKind.DIFFERENT, what, key)
