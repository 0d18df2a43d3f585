"""Who waits for a product that is sold out, and when they are told that it is back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kibble.kernel.ids import CustomerId, ProductId

HEAD_START = timedelta(hours=2)
"""How long those who were told have to themselves the units that they were told of."""

SECOND_LOOK = timedelta(minutes=1)
"""How long after somebody began to wait it is looked whether the product came back just then."""

MOST_WAITS = 100
"""How many products a customer may wait for."""


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A customer who is to be told, once, that a product is back; first asked, first told.

    ``id`` is that of the request that the waiting becomes: so it becomes one only.
    """

    id: str
    customer_id: CustomerId
    product_id: ProductId
    product_name: str
    asked_at: datetime
    version: int = 0


@dataclass(slots=True, kw_only=True)
class Restock:
    """A product that is (maybe) back, and when the next of those who wait for it are told."""

    product_id: ProductId
    due_at: datetime
    version: int = 0


@dataclass(slots=True, kw_only=True)
class Delisting:
    """A product that is gone for good, for which nobody can wait any more."""

    product_id: ProductId
    version: int = 0
