"""What Product keeps in memory: encoded products and quotes, dropped when the product changes.

A read path that finds its answer here touches neither the store nor an encoder. Entries have no
lifetime: the catalogue tells of every change before its writer goes on, so a copy is never older.

Several processes share pages and entries behind their memories. Each process that learns of a
change drops them from both, so a change is seen even when its writer died before it could. Quotes
are not shared: an order's prices come from a process's own memory, or from the store.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from kibble.contracts.product import Quote
from kibble.kernel.ids import ProductId
from kibble.platform.caching import NoCache, SharedCache

T = TypeVar("T")

PAGE_BYTES = 16 << 20
"""The most bytes of products' pages: about 10,000."""

ENTRY_BYTES = 64 << 20
"""The most bytes of products' entries in lists: about 100,000. A search shows 20 of any products,
so that fewer would hardly help; to make one takes as long as to find five."""

MAX_QUOTES = 10_000

SHARED_SECONDS = 30.0
"""How long processes share a copy: the most that it is old, should nobody be left to drop it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A product's answer, encoded, and its entity tag."""

    body: bytes
    etag: str


def _one(_: object) -> int:
    return 1


class Shelf(Generic[T]):
    """The products that were asked for lately; the one that waited longest goes first.

    ``most`` is how much fits, in the unit of ``size``: things, unless it says otherwise.
    """

    def __init__(self, most: int, size: Callable[[T], int] = _one) -> None:
        self._entries: OrderedDict[ProductId, T] = OrderedDict()
        self._most = most
        self._size = size
        self._used = 0

    def get(self, product_id: ProductId) -> T | None:
        """Return a product's entry."""
        entry = self._entries.get(product_id)
        if entry is not None:
            self._entries.move_to_end(product_id)
        return entry

    def put(self, product_id: ProductId, entry: T) -> None:
        """Keep a product's entry."""
        self.drop(product_id)
        self._entries[product_id] = entry
        self._used += self._size(entry)
        while self._used > self._most:
            self.drop(next(iter(self._entries)))

    def drop(self, product_id: ProductId) -> None:
        """Forget a product."""
        entry = self._entries.pop(product_id, None)
        if entry is not None:
            self._used -= self._size(entry)


class ProductCache:
    """The copies of products: their pages, their entries in lists, their quotes.

    ``stamp`` counts the changes of products. Who reads the store remembers it first, and keeps
    what it made of that only when it is still the same: a slow read never brings back old state.
    """

    def __init__(self, shared: SharedCache | None = None) -> None:
        self.pages = Shelf[Page](PAGE_BYTES, lambda page: sys.getsizeof(page.body))
        self.entries = Shelf[bytes](ENTRY_BYTES, sys.getsizeof)
        self.quotes = Shelf[Quote](MAX_QUOTES)
        self.stamp = 0
        self._shared = shared or NoCache()

    async def shared_page(self, product_id: ProductId) -> Page | None:
        """Return the page that another process has made."""
        name = _page_name(product_id)
        found = (await self._shared.get([name])).get(name)
        if found is None:
            return None
        etag, _, body = found.partition(b"\n")
        return Page(body, etag.decode())

    async def shared_entries(self, ids: Sequence[ProductId]) -> dict[ProductId, bytes]:
        """Return the entries that other processes have made."""
        names = {_entry_name(product_id): product_id for product_id in ids}
        found = await self._shared.get([*names])
        return {names[name]: entry for name, entry in found.items()}

    def share_page(self, product_id: ProductId, page: Page) -> None:
        """Give a page to the other processes."""
        value = b"%s\n%s" % (page.etag.encode(), page.body)
        self._shared.put(_page_name(product_id), value, SHARED_SECONDS)

    def share_entry(self, product_id: ProductId, entry: bytes) -> None:
        """Give an entry to the other processes."""
        self._shared.put(_entry_name(product_id), entry, SHARED_SECONDS)

    def drop(self, product_ids: Collection[ProductId]) -> None:
        """Forget products that changed."""
        self.stamp += 1
        for product_id in product_ids:
            self.pages.drop(product_id)
            self.entries.drop(product_id)
            self.quotes.drop(product_id)
            self._shared.forget((_page_name(product_id), _entry_name(product_id)))


def _page_name(product_id: ProductId) -> str:
    return f"product:{product_id}"


def _entry_name(product_id: ProductId) -> str:
    return f"product:{product_id}:entry"
