"""Comparing the provider's books with ours."""

from __future__ import annotations

from dataclasses import dataclass

from kibble.services.payment.integration import PaymentProvider
from kibble.services.payment.model import Books, Drift, compare
from kibble.services.payment.repository import PaymentRepository


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The provider's books, ours, and where they disagree."""

    provider: Books
    ours: Books
    drift: list[Drift]


class Reconciler:
    """Reads both sets of books; changes nothing."""

    def __init__(self, repository: PaymentRepository, provider: PaymentProvider) -> None:
        self._repository = repository
        self._provider = provider

    async def reconcile(self) -> Reconciliation:
        """Compare the provider's charges and refunds with ours."""
        before = await self._repository.books()
        provider = Books(
            {record.payment_id: record async for record in self._provider.charges()},
            {record.refund_id: record async for record in self._provider.refunds()},
        )
        after = await self._repository.books()
        return Reconciliation(provider, after, compare(before, provider, after))
