"""Who waits for a product that is sold out, and when they are told that it is back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.languages import Language
from kibble.kernel.personal import Personal

HEAD_START = timedelta(hours=2)
"""How long those who were told have to themselves the units that they were told of."""

SECOND_LOOK = timedelta(minutes=1)
"""How long after somebody began to wait it is looked whether the product came back just then."""

MOST_WAITS = 100
"""How many products a customer, or who reads at an address, may wait for."""

WAIT_LIFE = timedelta(days=180)
"""How long somebody waits; whoever still wants the product then asks again."""

MOST_ASKED = 5
"""How many e-mails a day ask an address whether it is to wait: nobody can be flooded with them."""


def folded(email: str) -> str:
    """Return an address as guests wait under it: its capitals tell nobody apart in practice."""
    return email.strip().lower()


@dataclass(slots=True, kw_only=True)
class Waiting:
    """Somebody who is to be told, once, that a product is back; first asked, first told.

    A customer, or a guest whose ``email`` is proven and who is written to in ``language``. ``id``
    is that of the request that the waiting becomes: so it becomes one only.
    """

    id: str
    customer_id: CustomerId | None
    product_id: ProductId
    product_name: str
    asked_at: datetime
    email: Personal[str | None] = None
    language: Language | None = None
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
