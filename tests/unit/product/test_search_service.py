"""Searching and indexing over doubles of the index, the feed, the store and the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field

import pytest

from kibble.kernel.errors import InvalidInput, Unavailable
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page
from kibble.services.product.errors import IndexBusy
from kibble.services.product.model.search import Facets, SearchQuery, Suggestion, SuggestionKind
from kibble.services.product.repository.search import Entry, FeedBatch
from kibble.services.product.service import indexing
from kibble.services.product.service.indexing import BURST, FEW, FILLINGS, ROUND_SECONDS, Indexer
from kibble.services.product.service.search import SearchService
from tests.fixtures.doubles import START, FakeClock

ANYTHING = SearchQuery()
BATCH = 64
ONE_FILLING = 1_000


def product_id(number: int) -> ProductId:
    return ProductId(f"019a0000-0000-7000-8000-{number:012x}")


def entry(number: int) -> Entry:
    return Entry(product_id(number), f"Product {number}", 100, ("Dog",), START)


@dataclass
class InMemoryFeed:
    """A feed of products numbered by their positions; ``gone`` are deleted."""

    last: int = 0
    gone: set[int] = field(default_factory=set[int])
    reads: int = 0

    async def latest(self) -> int:
        return self.last

    async def waiting(self, position: int) -> int:
        return self.last - position

    async def after(self, position: int, limit: int) -> FeedBatch:
        self.reads += 1
        numbers = range(position + 1, min(position + limit, self.last) + 1)
        return FeedBatch(
            numbers[-1] if numbers else position,
            [entry(n) for n in numbers if n not in self.gone],
            [product_id(n) for n in numbers if n in self.gone],
        )


@dataclass
class InMemoryIndex:
    """Finds whatever was committed, in the order of ids; ``away`` makes it fail."""

    away: bool = False
    busy: int = 0
    """So often it is told that another process writes."""
    commits: int = 0
    clears: int = 0
    committed: set[ProductId] = field(default_factory=set[ProductId])
    pending: dict[ProductId, bool] = field(default_factory=dict[ProductId, bool])
    added: int = 0
    shown: int = 0
    batch: int = BATCH
    one_filling: int = ONE_FILLING
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    """Not set: changes do not get in for now, and nothing says so."""

    def __post_init__(self) -> None:
        self.takes.set()

    async def position(self) -> int:
        self._check()
        return self.shown

    async def add(self, batch: FeedBatch) -> None:
        self._check()
        self._claim()
        self.pending |= {one.id: True for one in batch.entries}
        self.pending |= dict.fromkeys(batch.gone, False)
        self.added = batch.position

    async def refresh(self) -> None:
        await asyncio.sleep(0)
        await self.takes.wait()
        self._check()
        self.commits += 1
        for one, here in self.pending.items():
            (self.committed.add if here else self.committed.discard)(one)
        self.pending.clear()
        self.shown = self.added

    async def clear(self) -> None:
        self._check()
        self._claim()
        self.clears += 1
        self.committed.clear()
        self.shown = self.added = 0

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        self._check()
        if query.cursor == "bad":
            raise InvalidInput.at("/cursor", "is not a cursor of this list")
        return Page(sorted(self.committed), "next")

    async def facets(self, query: SearchQuery) -> Facets:
        self._check()
        return Facets(attributes={"limit": ()}) if query.limit else Facets()

    async def suggest(self, words: Sequence[str], limit: int) -> Sequence[Suggestion]:
        self._check()
        return [Suggestion(SuggestionKind.PRODUCT, " ".join(words), count=limit)]

    def _claim(self) -> None:
        if self.busy:
            self.busy -= 1
            raise IndexBusy

    def _check(self) -> None:
        if self.away:
            raise Unavailable("The index is away.")


class StoredScan:
    """Always finds product 77."""

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        return Page([product_id(77)], query.cursor)


class StoredPages:
    """Products as their ids' last digits; an odd product has just been deleted."""

    async def encoded(self, ids: Sequence[ProductId]) -> Sequence[bytes]:
        return [one[-4:].encode() for one in ids if int(one[-12:], 16) % 2 == 0 or one[-2:] == "4d"]


@dataclass
class Shop:
    """Search over doubles."""

    feed: InMemoryFeed
    index: InMemoryIndex
    clock: FakeClock
    indexer: Indexer
    service: SearchService

    async def pass_time(self, work: Coroutine[None, None, None]) -> None:
        """Let the clock run while ``work`` is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self.clock.advance(1.0)
            await asyncio.sleep(0)
        await task


@pytest.fixture
def shop() -> Shop:
    feed, index, clock = InMemoryFeed(), InMemoryIndex(), FakeClock()
    indexer = Indexer(feed, index, clock)
    return Shop(
        feed, index, clock, indexer, SearchService(index, indexer, StoredScan(), StoredPages())
    )


class TestIndexing:
    async def test_lets_other_work_have_its_turn(self, shop: Shop) -> None:
        shop.feed.last = 3 * BATCH
        turns = 0

        async def count() -> None:
            nonlocal turns
            while shop.index.commits == 0:
                turns += 1
                await asyncio.sleep(0)

        await asyncio.gather(shop.indexer.catch_up(), count())
        assert turns > 3

    async def test_takes_in_everything_in_one_commit(self, shop: Shop) -> None:
        shop.feed.last = 3 * BATCH + 1
        shop.feed.gone = {2}
        await shop.indexer.catch_up()
        assert len(shop.index.committed) == shop.feed.last - 1
        assert shop.index.shown == shop.feed.last
        assert shop.index.commits == 1

    async def test_fills_an_index_in_equal_parts_when_one_would_be_too_large(
        self, shop: Shop
    ) -> None:
        shop.feed.last = ONE_FILLING + 8
        await shop.indexer.catch_up()
        assert len(shop.index.committed) == shop.feed.last
        assert shop.index.commits == FILLINGS

    async def test_commits_now_and_then_when_there_is_much(self, shop: Shop) -> None:
        shop.feed.last = 1
        await shop.indexer.catch_up()
        shop.feed.last += 4 * BATCH
        work = asyncio.ensure_future(shop.indexer.catch_up())
        while not work.done():
            shop.clock.advance(ROUND_SECONDS)
            await asyncio.sleep(0)
        assert shop.index.commits == 1 + 4
        assert shop.index.shown == shop.feed.last

    async def test_does_nothing_when_nothing_changed(self, shop: Shop) -> None:
        await shop.indexer.catch_up()
        shop.feed.last = 1
        await shop.indexer.catch_up()
        reads = shop.feed.reads
        await shop.indexer.catch_up()
        assert (shop.index.commits, shop.feed.reads) == (1, reads)

    async def test_begins_anew_when_the_store_is_behind_the_index(self, shop: Shop) -> None:
        shop.feed.last = 9
        await shop.indexer.catch_up()
        shop.feed.last = 2
        await shop.indexer.catch_up()
        assert sorted(shop.index.committed) == [product_id(1), product_id(2)]
        assert shop.index.shown == 2

    async def test_goes_on_from_the_last_commit_after_a_failure(self, shop: Shop) -> None:
        shop.feed.last = 5
        await shop.indexer.catch_up()
        shop.feed.last, shop.index.away = 7, True
        with pytest.raises(Unavailable):
            await shop.indexer.catch_up()
        shop.index.away = False
        await shop.indexer.catch_up()
        assert len(shop.index.committed) == 7

    async def test_rebuilds_from_the_start(self, shop: Shop) -> None:
        shop.feed.last = 5
        await shop.indexer.catch_up()
        await shop.indexer.rebuild()
        assert shop.index.clears == 1
        assert len(shop.index.committed) == 5

    async def test_leaves_the_index_to_the_process_that_writes_it(self, shop: Shop) -> None:
        shop.feed.last, shop.index.busy = 5, 1
        await shop.indexer.catch_up()
        assert shop.index.commits == 0
        await shop.indexer.catch_up()
        assert len(shop.index.committed) == 5

    async def test_takes_in_only_what_other_processes_have_not(self, shop: Shop) -> None:
        shop.feed.last = shop.index.shown = shop.index.added = 5
        await shop.service.search(ANYTHING)
        assert shop.feed.reads == 0
        shop.feed.last = 6
        await shop.service.search(ANYTHING)
        assert shop.index.committed == {product_id(6)}

    async def test_waits_for_its_turn_to_rebuild(self, shop: Shop) -> None:
        shop.feed.last, shop.index.busy = 5, 3
        await shop.pass_time(shop.indexer.rebuild())
        assert len(shop.index.committed) == 5

    async def test_gives_up_a_rebuild_when_others_never_end(self, shop: Shop) -> None:
        shop.feed.last, shop.index.busy = 5, 10_000
        with pytest.raises(IndexBusy):
            await shop.pass_time(shop.indexer.rebuild())

    async def test_forgets_all_when_the_store_is_empty(self, shop: Shop) -> None:
        shop.feed.last = 5
        await shop.indexer.catch_up()
        shop.feed.last = 0
        await shop.indexer.catch_up()
        assert (shop.index.committed, shop.index.shown, shop.index.commits) == (set(), 0, 2)


class TestSearching:
    async def test_answers_with_products_in_the_order_found(self, shop: Shop) -> None:
        shop.feed.last = 4
        await shop.indexer.catch_up()
        page = await shop.service.search(ANYTHING)
        assert page == Page([b"0002", b"0004"], "next")

    async def test_sees_what_changed_just_before(self, shop: Shop) -> None:
        shop.feed.last = 2
        assert (await shop.service.search(ANYTHING)).items == [b"0002"]
        shop.feed.last = 4
        assert (await shop.service.search(ANYTHING)).items == [b"0002", b"0004"]

    async def test_does_not_wait_for_a_load_that_is_under_way(self, shop: Shop) -> None:
        shop.feed.last = FEW + 1
        assert (await shop.service.search(ANYTHING)).items == []
        assert shop.index.commits == 0

    async def test_waits_for_a_stream_of_changes_no_more_often_than_allowed(
        self, shop: Shop
    ) -> None:
        for _ in range(int(BURST) + 5):
            shop.feed.last += 1
            await shop.service.search(ANYTHING)
        assert shop.index.commits == BURST
        shop.clock.advance(1.0)
        await shop.service.search(ANYTHING)
        assert shop.index.commits == BURST + 1

    async def test_commits_once_for_searches_at_the_same_time(self, shop: Shop) -> None:
        shop.feed.last = 2
        pages = await asyncio.gather(*(shop.service.search(ANYTHING) for _ in range(5)))
        assert [page.items for page in pages] == [[b"0002"]] * 5
        assert shop.index.commits == 1

    async def test_does_not_wait_for_changes_that_the_index_is_slow_to_take(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(indexing, "PATIENCE_SECONDS", 0.01)
        shop.feed.last = 2
        shop.index.takes.clear()
        pages = await asyncio.gather(*(shop.service.search(ANYTHING) for _ in range(3)))
        assert [page.items for page in pages] == [[]] * 3
        shop.index.takes.set()
        assert (await shop.service.search(ANYTHING)).items == [b"0002"]
        assert shop.index.commits == 1

    async def test_asks_the_store_when_the_index_is_away(self, shop: Shop) -> None:
        shop.feed.last, shop.index.away = 2, True
        assert await shop.service.search(ANYTHING) == Page([b"004d"], None)

    async def test_searches_what_there_is_while_another_process_writes(self, shop: Shop) -> None:
        shop.feed.last, shop.index.busy = 2, 1
        assert (await shop.service.search(ANYTHING)).items == []
        assert (await shop.service.search(ANYTHING)).items == [b"0002"]

    async def test_passes_on_what_is_wrong_with_a_query(self, shop: Shop) -> None:
        with pytest.raises(InvalidInput):
            await shop.service.search(SearchQuery(cursor="bad"))

    async def test_counts_facets_only_by_the_index(self, shop: Shop) -> None:
        assert (await shop.service.facets(ANYTHING)).attributes == {"limit": ()}
        shop.index.away = True
        with pytest.raises(Unavailable):
            await shop.service.facets(ANYTHING)

    async def test_suggests_words_as_they_are_searched(self, shop: Shop) -> None:
        (suggestion,) = await shop.service.suggest(" Dog's  FOO ")
        assert suggestion.text == "dog foo"

    async def test_suggests_nothing_when_the_index_is_away(self, shop: Shop) -> None:
        shop.index.away = True
        assert await shop.service.suggest("dog") == ()
