"""The graph of customers and products: the ports that Recommendation's store implements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.persistence.store import Store
from kibble.services.recommendation.model import (
    Card,
    ItemModel,
    Pick,
    ProductNumber,
    Profile,
    Trace,
)
from kibble.services.recommendation.model.arrays import Rows


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read at once: rows of a chunk, and edges of a profile, the latest ones."""

    chunk_rows: int = 2_000
    bought: int = 1_000
    viewed: int = 200


class GraphReader(Protocol):
    """What advice is given from, as of now."""

    async def card(self, product_id: ProductId) -> Card | None:
        """Return a product that is sold."""
        ...

    async def cards(self, products: Collection[ProductNumber]) -> dict[ProductNumber, Card]:
        """Return those of ``products`` that are sold."""
        ...

    async def newest(self, category: str | None, count: int) -> list[Card]:
        """Return up to ``count`` sold products, of one category or of all, the newest first.

        Variants are not among them.
        """
        ...

    async def profile(self, customer_id: CustomerId) -> Profile:
        """Return what a customer bought and viewed lately; nothing for one without edges.

        Purchases are of the very products, views of families.
        """
        ...


class Graph(Store, GraphReader, Protocol):
    """Products, and the BOUGHT and VIEWED edges that lead to them: to the very products.

    Saving is repeatable for every aggregate: a ``Card`` or ``Withdrawal`` counts when its version
    is the highest so far, a line of a ``Purchase`` once an order and product, a ``View`` by its
    latest time. A card without a parent says nothing of it: one that is known stays. After an
    ``Erasure`` the customer's purchases belong to nobody, for ever: later ones are saved without
    the customer, later views not at all.
    """

    async def trace(self, customer_id: CustomerId) -> Trace:
        """Return all that is kept about a customer; nothing once they were erased."""
        ...

    def lines(self) -> AsyncIterator[Rows]:
        """Yield all purchases in chunks, with the columns of ``Edges.lines``."""
        ...

    def views(self) -> AsyncIterator[Rows]:
        """Yield all views in chunks, with the columns of ``Edges.views``."""
        ...

    def families(self) -> AsyncIterator[Rows]:
        """Yield all variants in chunks, with the columns of ``Edges.families``.

        Also those that are not sold any more: what was bought of them counts.
        """
        ...

    def sold(self) -> AsyncIterator[list[tuple[int, str]]]:
        """Yield the number and category of all sold products in chunks."""
        ...


class Ticket(NamedTuple):
    """The right to build the model of this number; ``edges`` are those that were recorded."""

    number: int
    edges: int


class ItemModels(Protocol):
    """The item model that several processes share: one builds it, all use it.

    Every method raises ``Unavailable`` when the store is away.
    """

    async def newer(self, than: int) -> tuple[int, ItemModel] | None:
        """Return the last model and its number, when that is above ``than``."""
        ...

    async def claim(self, new_edges: int, *, now: bool = False) -> Ticket | None:
        """Return a ticket when at least ``new_edges`` came since the last model, and nobody builds.

        Not while the last builder rests either, unless it must be ``now``. A builder that is not
        done after ten minutes is taken for dead.
        """
        ...

    async def publish(self, ticket: Ticket, model: ItemModel, rest_seconds: float) -> None:
        """Let all use a model; raises ``StaleVersion`` when the ticket is another's by now."""
        ...

    async def similar(self, product: ProductNumber, count: int) -> list[Pick]:
        """Return the best of ``ItemModel.related``, as the last model had it."""
        ...
