"""The graph of customers and products: the port that Recommendation's store implements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Protocol

from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.persistence.store import Store
from kibble.services.recommendation.model import Card, ProductNumber, Profile
from kibble.services.recommendation.model.arrays import Rows


class Graph(Store, Protocol):
    """Products, and the BOUGHT and VIEWED edges that lead to them.

    Saving is repeatable for every aggregate: a ``Card`` or ``Withdrawal`` counts when its version
    is the highest so far, a line of a ``Purchase`` once an order and product, a ``View`` by its
    latest time. After an ``Erasure`` the customer's purchases belong to nobody, for ever: later
    ones are saved without the customer, later views not at all.
    """

    async def card(self, product_id: ProductId) -> Card | None:
        """Return a product that is sold."""
        ...

    async def cards(self, products: Collection[ProductNumber]) -> dict[ProductNumber, Card]:
        """Return those of ``products`` that are sold."""
        ...

    async def newest(self, category: str | None, count: int) -> list[Card]:
        """Return up to ``count`` sold products, of one category or of all, the newest first."""
        ...

    async def profile(self, customer_id: CustomerId) -> Profile:
        """Return what a customer bought and viewed lately; nothing for one without edges."""
        ...

    def lines(self) -> AsyncIterator[Rows]:
        """Yield all purchases in chunks, with the columns of ``Edges.lines``."""
        ...

    def views(self) -> AsyncIterator[Rows]:
        """Yield all views in chunks, with the columns of ``Edges.views``."""
        ...

    def sold(self) -> AsyncIterator[list[tuple[int, str]]]:
        """Yield the number and category of all sold products in chunks."""
        ...
