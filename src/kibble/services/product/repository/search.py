"""Where search finds its products: an index, the feed that keeps it current, and a fallback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page
from kibble.services.product.model.search import Facets, SearchQuery, Suggestion


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index keeps of a product.

    ``categories`` are the names from the root of the tree down to the product's own. ``price`` is
    in minor units, of a configurable product that of its cheapest variant, ``popularity`` in units
    sold, ``rating`` from 0 (none) to 5. ``attributes`` include the brand; ``choices`` are further
    values that a configurable product comes in.
    """

    id: ProductId
    name: str
    price: int
    categories: tuple[str, ...]
    created_at: datetime
    description: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str | float | bool] = field(
        default_factory=dict[str, str | float | bool]
    )
    choices: tuple[tuple[str, str], ...] = ()
    in_stock: bool = True
    on_sale: bool = False
    popularity: int = 0
    rating: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """What the index must learn, up to and with ``position``: products as they are now, or gone."""

    position: int
    entries: Sequence[Entry] = ()
    gone: Sequence[ProductId] = ()


class ProductFeed(Protocol):
    """The product store's list of what the index must learn.

    Each product stands in it once, at the position of its last change that matters to search; so
    reading it from 0 is a rebuild, and reading any part of it twice changes nothing.
    """

    async def latest(self) -> int:
        """Return the position of the last change, or 0; cheap enough to ask at each search."""
        ...

    async def waiting(self, position: int) -> int:
        """Return how many changes follow ``position``."""
        ...

    async def after(self, position: int, limit: int) -> FeedBatch:
        """Return the next changes, at most ``limit``; when there is none, ``position`` again."""
        ...


class ProductScan(Protocol):
    """A plain search in the product store, for when the index is away."""

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        """Return the products that hold any of the words, in the order asked for.

        Relevance is then the number of words that a product holds. It is slower than the index and
        knows neither stems, typos nor synonyms; filters, order and paging are the same.
        """
        ...


class ProductPages(Protocol):
    """Products as their JSON answers, from the cache or the store."""

    async def encoded(self, ids: Sequence[ProductId]) -> Sequence[bytes]:
        """Return the present JSON of each product that exists, in the order of ``ids``."""
        ...


class SearchIndex(Protocol):
    """The search engine.

    Several processes may share one index: one at a time writes, from its first ``add`` or
    ``clear`` up to its ``refresh``; meanwhile those of another raise ``IndexBusy``. Every method
    raises ``Unavailable`` when the engine cannot answer; searching raises ``InvalidInput`` for a
    cursor that is not of the query's order.
    """

    batch: int
    """How many products are best taken in at a time."""

    one_filling: int
    """With how many products an empty index can be filled between two refreshes."""

    async def position(self) -> int:
        """Return the feed's position of the last refresh; 0 after ``clear``."""
        ...

    async def add(self, batch: FeedBatch) -> None:
        """Take in a batch, which searches see after the next ``refresh``."""
        ...

    async def refresh(self) -> None:
        """Have searches see what was added up to the last batch, and a crash keep it."""
        ...

    async def clear(self) -> None:
        """Begin anew, so that the feed is read from its start.

        An engine that can lets searches see what was there until the next ``refresh``.
        """
        ...

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        """Return a page of products.

        By relevance, products that hold all words come first; when those are few, ones that do
        give or take a typo; and when there are none of these, ones that hold any word. Any other
        order takes the first of these groups that is not empty, as ``facets`` does: the cheapest
        product for two words holds both.
        """
        ...

    async def facets(self, query: SearchQuery) -> Facets:
        """Count the products of a query by what they can be narrowed down to."""
        ...

    async def suggest(self, words: Sequence[str], limit: int) -> Sequence[Suggestion]:
        """Complete ``words``, of which the last may be unfinished, give or take a typo each."""
        ...
