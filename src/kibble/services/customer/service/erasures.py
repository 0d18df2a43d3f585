"""Erasing a customer everywhere, and proving it.

Customer forgets at once and tells the others by event. Then it looks at each of them until what
they would export of the person is nothing; whoever still has something after a few looks, as when
an order was placed at the very moment, is told once more.
"""

from __future__ import annotations

from collections.abc import Sequence

from kibble.contracts.customer import CustomerErased
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.customer.errors import ErasureNotFound
from kibble.services.customer.integration import PersonalData
from kibble.services.customer.model import Counts, Customer, Erasure
from kibble.services.customer.repository import CustomerRepository

OWN = "customer"
AT_ONCE = 50


class ErasureService:
    """Begins erasures, and follows them to their end."""

    def __init__(
        self, customers: CustomerRepository, neighbours: Sequence[PersonalData], clock: Clock
    ) -> None:
        """``neighbours`` are asked at each look: the list may still grow."""
        self._customers = customers
        self._neighbours = neighbours
        self._clock = clock

    async def begin(self, customer: Customer, own: Counts, changes: Changes) -> None:
        """Note what every service has of a customer whom ``changes`` erase here, and tell them.

        A service that cannot be asked now is told by the event all the same.
        """
        now = self._clock.now()
        held = await self._held(customer.id, [one.name for one in self._neighbours])
        erasure = Erasure.begin(customer.id, {OWN: own, **held}, customer.version, now)
        erasure.parts[OWN].erased_at = now
        changes.save(erasure)
        changes.publish(CustomerErased(customer_id=customer.id), sequence=erasure.sequence)

    async def erasures(self, limit: int) -> list[Erasure]:
        """Return the erasures, the latest first."""
        return await self._customers.erasures(limit)

    async def erasure(self, customer_id: CustomerId) -> Erasure:
        """Return one erasure. Raises ``ErasureNotFound``."""
        erasure = await self._customers.erasure(customer_id)
        if erasure is None:
            raise ErasureNotFound
        return erasure

    async def prove(self) -> None:
        """Look at what is due."""
        for erasure in await self._customers.erasures_due(self._clock.now(), AT_ONCE):
            await self._prove_one(erasure.id)

    async def _prove_one(self, customer_id: CustomerId) -> None:
        await commit_outcome(self._customers, lambda: self._look(customer_id))

    async def _look(self, customer_id: CustomerId) -> Outcome[None]:
        erasure = await self.erasure(customer_id)
        now = self._clock.now()
        if erasure.due_at is None or erasure.due_at > now:
            return unchanged(None)
        changes = Changes()
        if erasure.look(await self._held(customer_id, erasure.open), now):
            again = CustomerErased(customer_id=customer_id)
            changes.publish(again, sequence=erasure.sequence)
        changes.save(erasure)
        return Outcome(None, changes)

    async def _held(
        self, customer_id: CustomerId, names: Sequence[str]
    ) -> dict[str, Counts | None]:
        return {
            one.name: await _counts(one, customer_id)
            for one in self._neighbours
            if one.name in names
        }


async def _counts(neighbour: PersonalData, customer_id: CustomerId) -> Counts | None:
    """Return how much a neighbour has of a customer, by kind; None when it cannot be asked."""
    try:
        return dict(await neighbour.held(customer_id))
    except Unavailable:
        return None
