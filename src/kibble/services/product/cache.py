"""What Product keeps in memory: encoded products and quotes, dropped when the product changes.

A read path that finds its answer here touches neither the store nor an encoder. Entries have no
lifetime: the catalogue tells of every change before its writer goes on, so a copy is never older.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from kibble.contracts.product import Quote
from kibble.kernel.ids import ProductId

T = TypeVar("T")

MAX_ENTRIES = 10_000
"""The most products of a kind: about 15 MB of pages."""


@dataclass(frozen=True, slots=True)
class Page:
    """A product's answer, encoded, and its entity tag."""

    body: bytes
    etag: str


class Shelf(Generic[T]):
    """The products that were asked for lately; the one that waited longest goes first."""

    def __init__(self, most: int = MAX_ENTRIES) -> None:
        self._entries: OrderedDict[ProductId, T] = OrderedDict()
        self._most = most

    def get(self, product_id: ProductId) -> T | None:
        """Return a product's entry."""
        entry = self._entries.get(product_id)
        if entry is not None:
            self._entries.move_to_end(product_id)
        return entry

    def put(self, product_id: ProductId, entry: T) -> None:
        """Keep a product's entry."""
        self._entries[product_id] = entry
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def drop(self, product_id: ProductId) -> None:
        """Forget a product."""
        self._entries.pop(product_id, None)


class ProductCache:
    """The copies of products: their pages, their entries in lists, their quotes.

    ``stamp`` counts the changes of products. Who reads the store remembers it first, and keeps
    what it made of that only when it is still the same: a slow read never brings back old state.
    """

    def __init__(self) -> None:
        self.pages = Shelf[Page]()
        self.entries = Shelf[bytes]()
        self.quotes = Shelf[Quote]()
        self.stamp = 0

    def drop(self, product_ids: Collection[ProductId]) -> None:
        """Forget products that changed."""
        self.stamp += 1
        for product_id in product_ids:
            self.pages.drop(product_id)
            self.entries.drop(product_id)
            self.quotes.drop(product_id)
