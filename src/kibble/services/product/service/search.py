"""Searching the catalogue: by the index, or by the store when the index is away."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page
from kibble.platform.caching import SharedCache
from kibble.services.product.model.query_text import words_of
from kibble.services.product.model.search import Facets, SearchQuery, Suggestion
from kibble.services.product.repository.search import ProductPages, ProductScan, SearchIndex
from kibble.services.product.service.indexing import Indexer

SUGGESTIONS = 10
KEPT_SECONDS = 2.0
"""How long processes share what a search has found; HAProxy keeps public answers as long."""

_decode = msgspec.json.Decoder(tuple[list[ProductId], str | None]).decode


class SearchService:
    """The use cases of search; a search sees what changed before it, unless a load is under way.

    Where processes share what they ``found``, the same search may have been made two seconds ago.
    """

    def __init__(
        self,
        index: SearchIndex,
        indexer: Indexer,
        scan: ProductScan,
        pages: ProductPages,
        found: SharedCache | None = None,
    ) -> None:
        self._index = index
        self._indexer = indexer
        self._scan = scan
        self._pages = pages
        self._found = found

    async def search(self, query: SearchQuery) -> Page[bytes]:
        """Return a page of products as JSON; one that was just deleted is left out of its page."""
        page = await self._find(query)
        return Page(await self._pages.encoded(page.items), page.cursor)

    async def _find(self, query: SearchQuery) -> Page[ProductId]:
        if self._found is None:
            return (await self._ask(query))[0]
        name = _name(query)
        if kept := (await self._found.get([name])).get(name):
            ids, cursor = _decode(kept)
            return Page(ids, cursor)
        page, is_true = await self._ask(query)
        if is_true:
            kept = msgspec.json.encode((page.items, page.cursor))
            self._found.put(name, kept, KEPT_SECONDS)
        return page

    async def _ask(self, query: SearchQuery) -> tuple[Page[ProductId], bool]:
        """Return what was found, and whether an index has found it that was not too slow for it."""
        is_fresh = await self._indexer.freshen()
        try:
            return await self._index.find(query), is_fresh
        except Unavailable:
            return await self._scan.find(query), False

    async def facets(self, query: SearchQuery) -> Facets:
        """Count what a search can be narrowed down to; raises ``Unavailable`` without the index."""
        await self._indexer.freshen()
        return await self._index.facets(query)

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        """Complete what is being typed; nothing when the index is away."""
        try:
            return await self._index.suggest(words_of(text), SUGGESTIONS)
        except Unavailable:
            return ()


def _name(query: SearchQuery) -> str:
    """Return a name for a search, the same however its words were typed."""
    return (
        f"search:{blake2b(msgspec.json.encode(query, order='sorted'), digest_size=16).hexdigest()}"
    )
