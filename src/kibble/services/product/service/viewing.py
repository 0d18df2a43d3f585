"""Telling who looks at what, beside the reads and never in their way."""

from __future__ import annotations

from collections import OrderedDict

from kibble.contracts.product import ProductViewed
from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.persistence.changes import Changes, Outcome

ONCE_IN_SECONDS = 60.0
"""A customer who looks at a product again within so long has not looked again."""

MOST_RECENT = 20_000
"""So many views are remembered for that; beyond, the oldest may be told again, which harms not."""

MOST_WAITING = 50
"""So many are told at a time; more are dropped: what is left still shows what people like."""

SEQUENCE = 1
"""A view is no change of the product, so it has no place in the sequence of those."""

View = tuple[CustomerId, ProductId]


class ViewService:
    """Notes views in memory, and publishes them together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: OrderedDict[View, float] = OrderedDict()
        self._waiting: dict[View, None] = {}

    def note(self, customer_id: CustomerId, product_id: ProductId) -> None:
        """Note that a customer looks at a product that exists; costs a look into a table."""
        view, now = (customer_id, product_id), self._clock.monotonic()
        self._forget(now)
        if view in self._recent or len(self._waiting) >= MOST_WAITING:
            return
        self._recent[view] = now
        self._waiting[view] = None

    def _forget(self, now: float) -> None:
        """Let go of views from long ago: they stand in the order of their times."""
        while self._recent:
            oldest = next(iter(self._recent))
            is_over = self._recent[oldest] <= now - ONCE_IN_SECONDS
            if not is_over and len(self._recent) < MOST_RECENT:
                return
            del self._recent[oldest]

    async def publish(self) -> Outcome[None]:
        """Tell of all views that wait; those of a commit that fails wait on."""
        told = list(self._waiting)
        changes = Changes()
        for customer_id, product_id in told:
            event = ProductViewed(product_id=product_id, customer_id=customer_id)
            changes.publish(event, SEQUENCE)
        changes.then(lambda: self._settle(told))
        return Outcome(None, changes)

    def _settle(self, told: list[View]) -> None:
        for view in told:
            del self._waiting[view]
