"""A way to pay that a customer keeps for the next time: the provider's token of it, no number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from kibble.kernel.ids import CustomerId, SavedMethodId
from kibble.kernel.personal import Personal, Secret
from kibble.kernel.state_machine import StateMachine
from kibble.services.payment.model.payable import PaymentMethod


class SavedStatus(Enum):
    """PENDING: the customer is on the provider's page. REMOVED: the provider is still to forget."""

    PENDING = "PENDING"
    READY = "READY"
    REMOVED = "REMOVED"


SAVED_MOVES = StateMachine(
    "saved payment method",
    {
        SavedStatus.PENDING: frozenset({SavedStatus.READY, SavedStatus.REMOVED}),
        SavedStatus.READY: frozenset({SavedStatus.REMOVED}),
        SavedStatus.REMOVED: frozenset(),
    },
    SavedStatus.PENDING,
)
FIRST_LOOK = timedelta(seconds=30)
ABANDONED_AFTER = timedelta(days=1)
"""When a sign-up that the customer did not finish is dropped: providers' pages end by then."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a customer knows it by: ``visa``, ``4242``, ``2030-04``; None where there is none."""

    brand: str
    last4: Personal[str | None] = None
    expires: str | None = None


@dataclass(slots=True)
class SavedMethod:
    """A customer's card or account at a provider, from the sign-up on.

    ``reference`` is the provider's own name of the sign-up. Of a customer's, the default is the one
    that was preferred last (``preferred_at``). ``due_at`` is when the provider is asked next.
    """

    id: SavedMethodId
    customer_id: CustomerId | None
    method: PaymentMethod
    provider: str
    reference: str
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    status: SavedStatus = SavedStatus.PENDING
    token: Secret[str | None] = field(default=None, repr=False)
    likeness: Likeness | None = None
    preferred_at: datetime | None = None
    version: int = 0

    def is_abandoned(self, now: datetime) -> bool:
        """Tell whether the customer will not finish the sign-up any more."""
        return now >= self.created_at + ABANDONED_AFTER

    def look_again(self, now: datetime) -> None:
        """Note that the customer has not finished: the pauses grow with the sign-up's age."""
        self.due_at = now + max(FIRST_LOOK, now - self.created_at)

    def keep(self, token: str, likeness: Likeness, now: datetime) -> None:
        """Note what the provider keeps; raises ``Conflict`` when it was known or is removed."""
        self.status = SAVED_MOVES.move(self.status, SavedStatus.READY)
        self.token, self.likeness = token, likeness
        self.preferred_at = self.updated_at = now
        self.due_at = None

    def prefer(self, now: datetime) -> None:
        """Make it the default."""
        self.preferred_at = self.updated_at = now

    def remove(self, now: datetime) -> None:
        """Use it no more, and have the provider forget it; whose it was is forgotten here."""
        self.status = SAVED_MOVES.move(self.status, SavedStatus.REMOVED)
        self.customer_id = self.likeness = None
        self.updated_at = self.due_at = now


def default_of(saved: Iterable[SavedMethod]) -> SavedMethod | None:
    """Return the one that was preferred last of those that are ready."""
    ready = [one for one in saved if one.preferred_at and one.status is SavedStatus.READY]
    return max(ready, key=lambda one: (one.preferred_at, one.id), default=None)
