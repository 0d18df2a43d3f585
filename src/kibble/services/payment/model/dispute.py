"""A dispute: the customer's bank, or PayPal, wants a payment's money back (a chargeback)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from kibble.kernel.ids import PaymentId
from kibble.kernel.money import Money
from kibble.services.payment.model.ledger import Posting, Transfer


class DisputeStatus(Enum):
    """OPEN: evidence may be sent, or is looked at. LOST: the customer has the money for good."""

    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as its provider tells of it; ``id`` is the provider's.

    ``amount`` is what is disputed; ``withdrawn`` what the provider took out of the shop's balance
    for it at some time (nothing for a mere question), ``fee`` what it keeps for its trouble.
    ``reason_code`` is the provider's code.
    """

    id: str
    payment_id: PaymentId
    status: DisputeStatus
    amount: Money
    withdrawn: Money
    fee: Money
    reason_code: str
    opened_at: datetime
    respond_by: datetime | None = None

    @property
    def is_decided(self) -> bool:
        """Tell whether it is won or lost, which stays so."""
        return self.status is not DisputeStatus.OPEN

    @property
    def kept_from_shop(self) -> Money:
        """What the shop does not have for the time being, or for good."""
        won = self.status is DisputeStatus.WON
        return replace(self.withdrawn, minor=0) if won else self.withdrawn

    def after(self, before: Dispute | None) -> Dispute:
        """Return what is kept of this news: what was decided, withdrawn or charged stays so.

        A fee comes back with the decision, or not at all.
        """
        if before is None:
            return self
        fee = before.fee if before.is_decided else self.fee
        if not self.is_decided:
            fee = before.fee or fee
        return replace(
            self,
            status=before.status if before.is_decided else self.status,
            withdrawn=before.withdrawn or self.withdrawn,
            fee=fee,
        )

    def postings(self, before: Dispute | None) -> Iterator[Posting]:
        """Yield what moves in the ledger since ``before``, of which this is the ``after``."""
        had_money = before is not None and bool(before.withdrawn)
        had_fee = before is not None and bool(before.fee)
        if self.withdrawn and not had_money:
            yield Posting(Transfer.DISPUTE, self.id, self.withdrawn)
        if self.fee and not had_fee:
            yield Posting(Transfer.DISPUTE_FEE, self.id, self.fee)
        if before is not None and had_fee and not self.fee:
            yield Posting(Transfer.DISPUTE_FEE_BACK, self.id, before.fee)
        was_ended = before is not None and before.is_decided and had_money
        if self.is_decided and self.withdrawn and not was_ended:
            won = self.status is DisputeStatus.WON
            yield Posting(
                Transfer.DISPUTE_WON if won else Transfer.DISPUTE_LOST, self.id, self.withdrawn
            )
