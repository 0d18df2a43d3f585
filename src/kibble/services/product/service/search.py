"""Searching the catalogue: by the index, or by the store when the index is away."""

from __future__ import annotations

from collections.abc import Sequence

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page
from kibble.services.product.model.query_text import words_of
from kibble.services.product.model.search import Facets, SearchQuery, Suggestion
from kibble.services.product.repository.search import ProductPages, ProductScan, SearchIndex
from kibble.services.product.service.indexing import Indexer

SUGGESTIONS = 10


class SearchService:
    """The use cases of search; a search sees what changed before it, unless a load is under way."""

    def __init__(
        self, index: SearchIndex, indexer: Indexer, scan: ProductScan, pages: ProductPages
    ) -> None:
        self._index = index
        self._indexer = indexer
        self._scan = scan
        self._pages = pages

    async def search(self, query: SearchQuery) -> Page[bytes]:
        """Return a page of products as JSON; one that was just deleted is left out of its page."""
        page = await self._find(query)
        return Page(await self._pages.encoded(page.items), page.cursor)

    async def _find(self, query: SearchQuery) -> Page[ProductId]:
        await self._indexer.freshen()
        try:
            return await self._index.find(query)
        except Unavailable:
            return await self._scan.find(query)

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
