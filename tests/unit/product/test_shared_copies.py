"""What processes share of products, and of what searches found."""

from __future__ import annotations

from kibble.services.product.model.search import SearchQuery, typed
from kibble.services.product.service.indexing import Indexer
from kibble.services.product.service.search import SearchService
from tests.fixtures.doubles import FakeClock
from tests.fixtures.shared_cache import InMemorySharedCache
from tests.unit.product.test_cache import P, SlowCatalogue, reader_of
from tests.unit.product.test_search_service import (
    InMemoryFeed,
    InMemoryIndex,
    StoredPages,
    StoredScan,
)


class TestCopies:
    async def test_of_one_process_serve_the_others(self) -> None:
        catalogue, shared = SlowCatalogue(), InMemorySharedCache()
        await reader_of(catalogue, shared).page(P)
        await reader_of(catalogue, shared).encoded([P])
        reads = catalogue.reads
        other = reader_of(catalogue, shared)
        assert (await other.page(P)).body == b"1"
        assert await other.encoded([P]) == [b"1"]
        assert catalogue.reads == reads

    async def test_have_the_entity_tag_of_the_page(self) -> None:
        catalogue, shared = SlowCatalogue(), InMemorySharedCache()
        made = await reader_of(catalogue, shared).page(P)
        assert await reader_of(catalogue, shared).page(P) == made

    async def test_are_dropped_by_who_learns_of_a_change(self) -> None:
        catalogue, shared = SlowCatalogue(), InMemorySharedCache()
        reader = reader_of(catalogue, shared)
        await reader.page(P)
        await reader.encoded([P])
        catalogue.price = 2
        catalogue.tell([P])
        assert shared.values == {}
        assert (await reader.page(P)).body == b"2"
        assert await reader.encoded([P]) == [b"2"]

    async def test_are_no_source_of_prices(self) -> None:
        catalogue, shared = SlowCatalogue(), InMemorySharedCache()
        await reader_of(catalogue, shared).quotes([P])
        catalogue.price = 2
        assert (await reader_of(catalogue, shared).quotes([P]))[P].price == 2

    async def test_are_made_anew_without_the_cache(self) -> None:
        catalogue, shared = SlowCatalogue(), InMemorySharedCache()
        await reader_of(catalogue, shared).page(P)
        shared.away = True
        catalogue.price = 2
        assert (await reader_of(catalogue, shared).page(P)).body == b"2"


class TestSearches:
    def service(
        self, index: InMemoryIndex, feed: InMemoryFeed, shared: InMemorySharedCache
    ) -> SearchService:
        return SearchService(
            index, Indexer(feed, index, FakeClock()), StoredScan(), StoredPages(), shared
        )

    async def test_of_one_process_serve_the_others(self) -> None:
        index, feed, shared = InMemoryIndex(), InMemoryFeed(last=2), InMemorySharedCache()
        query = SearchQuery(words=typed("Dog  FOOD"), limit=1)
        page = await self.service(index, feed, shared).search(query)
        feed.last = 0
        other = self.service(InMemoryIndex(), feed, shared)
        assert await other.search(query) == page
        assert await other.search(SearchQuery(words=typed("dog food"), limit=1)) == page
        assert await other.search(SearchQuery(words=typed("cat food"), limit=1)) != page

    async def test_that_the_index_did_not_answer_are_not_shared(self) -> None:
        index, feed, shared = InMemoryIndex(away=True), InMemoryFeed(last=2), InMemorySharedCache()
        await self.service(index, feed, shared).search(SearchQuery())
        assert shared.values == {}

    async def test_that_did_without_what_another_process_was_writing_are_not_shared(self) -> None:
        index, feed, shared = InMemoryIndex(busy=1), InMemoryFeed(last=2), InMemorySharedCache()
        service = self.service(index, feed, shared)
        assert (await service.search(SearchQuery())).items == []
        assert (await service.search(SearchQuery())).items == [b"0002"]
