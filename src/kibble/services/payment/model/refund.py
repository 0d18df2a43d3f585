"""A refund: part of a payment on its way back to the customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kibble.kernel.money import Money
from kibble.kernel.personal import Personal
from kibble.kernel.state_machine import StateMachine


class RefundStatus(Enum):
    """How far a refund has come."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


REFUND_MOVES = StateMachine(
    "refund",
    {
        RefundStatus.PENDING: frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED}),
        RefundStatus.SUCCEEDED: frozenset(),
        RefundStatus.FAILED: frozenset(),
    },
    RefundStatus.PENDING,
)


@dataclass(slots=True)
class Refund:
    """An amount of a payment that was claimed for its customer; its id is the provider's key."""

    id: str
    amount: Money
    reason: Personal[str | None]
    created_at: datetime
    updated_at: datetime
    status: RefundStatus = RefundStatus.PENDING
    failure_code: str | None = None

    @property
    def is_claimed(self) -> bool:
        """Tell whether the amount is spoken for: it went back, or is about to."""
        return self.status is not RefundStatus.FAILED

    def succeed(self, now: datetime) -> None:
        """Record that the money went back; raises ``Conflict`` when that was decided before."""
        self.status = REFUND_MOVES.move(self.status, RefundStatus.SUCCEEDED)
        self.updated_at = now

    def fail(self, code: str, now: datetime) -> None:
        """Record that the provider refused; raises ``Conflict`` when that was decided before."""
        self.status = REFUND_MOVES.move(self.status, RefundStatus.FAILED)
        self.failure_code = code
        self.updated_at = now
