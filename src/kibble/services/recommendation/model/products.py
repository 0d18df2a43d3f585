"""What Recommendation knows of products: a projection of what Product publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from kibble.kernel.ids import ProductId
from kibble.kernel.money import Money

ProductNumber = NewType("ProductNumber", int)
"""The store's own small integer for a product: what the item model's arrays hold instead of ids."""


@dataclass(slots=True)
class Card:
    """A product that is sold, as a suggestion shows it.

    ``number`` is None until the store has given one. ``version``, once saved, is the sequence of
    the event that it comes from: the store keeps the newest, whatever order they arrive in.
    ``parent``, as the store gives it, is the configurable product that a variant belongs to.
    Only what is on sale has a ``regular_price``.
    """

    product_id: ProductId
    name: str
    category: str
    price: Money
    image: str | None = None
    species: str | None = None
    number: ProductNumber | None = None
    version: int = 0
    parent_id: ProductId | None = None
    parent: ProductNumber | None = None
    regular_price: Money | None = None

    @property
    def family(self) -> ProductNumber | None:
        """The product that this one counts as: the configurable one of a variant, else itself."""
        return self.number if self.parent is None else self.parent


@dataclass(slots=True)
class Withdrawal:
    """A product is gone: it is never recommended again. ``version`` is as for ``Card``."""

    product_id: ProductId
    version: int = 0
