"""What is left of an erased customer outside of the aggregates."""

from __future__ import annotations

from dataclasses import dataclass

from kibble.kernel.ids import CustomerId, OrderId


@dataclass(slots=True)
class Trail:
    """What a log of events that is kept for ever says of a customer's orders; to be removed.

    The events stay, without names, places and words. ``version`` is only there for the store.
    """

    customer_id: CustomerId
    order_ids: tuple[OrderId, ...]
    version: int = 0
