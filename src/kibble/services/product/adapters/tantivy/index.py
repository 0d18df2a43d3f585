"""The search index on tantivy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tantivy import Query

from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page
from kibble.services.product.adapters.search.matching import Matcher, Stage
from kibble.services.product.adapters.search.place import Found, Place, page
from kibble.services.product.adapters.tantivy.facets import FacetCounter
from kibble.services.product.adapters.tantivy.fields import Analyzers, schema
from kibble.services.product.adapters.tantivy.queries import Part, TantivyDialect, filtering, parts
from kibble.services.product.adapters.tantivy.ranking import FieldOrder, by_score
from kibble.services.product.adapters.tantivy.snapshot import Snapshot
from kibble.services.product.adapters.tantivy.storage import IndexStorage, translated
from kibble.services.product.adapters.tantivy.suggestions import Completer
from kibble.services.product.model.query_text import Synonyms
from kibble.services.product.model.search import Facets, Filters, SearchQuery, Sort, Suggestion
from kibble.services.product.repository.search import FeedBatch

Offload = Callable[[Callable[[], None]], Awaitable[None]]
"""Runs a function that blocks: in a thread (``asyncio.to_thread``), or at once for a simulation."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query against one state of the index; ``matcher`` is None when nothing was typed."""

    snapshot: Snapshot
    matcher: Matcher[Query] | None
    filters: list[Part]

    def matching(self, stage: Stage) -> list[Part]:
        """Return what a product's texts must hold."""
        return parts(self.matcher.matching(stage)) if self.matcher else []

    def following(self, stage: Stage) -> Stage | None:
        """Return the stage to try when ``stage`` found nothing."""
        return self.matcher.following(stage, 0) if self.matcher else None


class TantivySearchIndex:
    """See ``SearchIndex``.

    ``directory`` is this process's alone; None keeps the index in memory.
    """

    def __init__(self, directory: Path | None, synonyms: Synonyms, offload: Offload) -> None:
        self._synonyms = synonyms
        self._offload = offload
        self._fields = schema()
        self._analyzers = Analyzers.make()
        self._storage = IndexStorage(directory, self._fields, self._analyzers)

    batch = 64
    one_filling = 30_000

    async def position(self) -> int:
        """See ``SearchIndex.position``."""
        return self._storage.position

    async def add(self, batch: FeedBatch) -> None:
        """See ``SearchIndex.add``."""
        self._storage.add(batch)

    async def refresh(self) -> None:
        """See ``SearchIndex.refresh``."""
        await self._offload(self._storage.commit)

    async def clear(self) -> None:
        """See ``SearchIndex.clear``."""
        await self._offload(self._storage.clear)

    def close(self) -> None:
        """Let merges finish and give the directory back."""
        self._storage.close()

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        """See ``SearchIndex.find``."""
        place = Place.read(query.cursor, query.sort)
        if query.words == ():
            return Page(())
        with translated():
            asked = self._asked(query)
            if asked.matcher is not None and query.sort is Sort.RELEVANCE:
                found = _by_relevance(asked, asked.matcher, place, query.limit + 1)
            else:
                order = FieldOrder(self._storage.index, query.sort)
                found = _by_field(asked, order, place, query.limit + 1)
        return page(found, place, query)

    async def facets(self, query: SearchQuery) -> Facets:
        """See ``SearchIndex.facets``."""
        facets = Facets()
        if query.words == ():
            return facets
        with translated():
            asked = self._asked(query)
            stage: Stage | None = Stage.ALL
            while stage is not None and not facets.popularity:
                counter = FacetCounter(
                    asked.snapshot.searcher,
                    self._storage.labels,
                    asked.matching(stage),
                    self._filtering,
                )
                facets = counter.count(query.filters)
                stage = asked.following(stage)
        return facets

    async def suggest(self, words: Sequence[str], limit: int) -> Sequence[Suggestion]:
        """See ``SearchIndex.suggest``."""
        with translated():
            searcher = self._storage.snapshot.searcher
            completer = Completer(self._fields, self._analyzers, searcher, self._storage.labels)
            return completer.complete(words, limit) if words else []

    def _asked(self, query: SearchQuery) -> _Asked:
        snapshot = self._storage.snapshot
        filters = list(self._filtering(query.filters))
        if query.words is None:
            return _Asked(snapshot, None, filters)
        clauses = self._synonyms.clauses(query.words)
        dialect = TantivyDialect(self._fields, self._analyzers, snapshot)
        return _Asked(snapshot, Matcher(clauses, dialect), filters)

    def _filtering(self, filters: Filters) -> Iterator[Part]:
        return filtering(filters, self._fields, self._analyzers)


def _by_relevance(asked: _Asked, matcher: Matcher[Query], place: Place, wanted: int) -> Found:
    """Return the hits that follow ``place``, from as many stages as it takes."""
    found: Found = []
    stage: Stage | None = place.stage
    while stage is not None and len(found) < wanted:
        start = place if stage is place.stage else Place(stage)
        query = Query.boolean_query([*parts(matcher.ranked(stage)), *asked.filters])
        hits = by_score(asked.snapshot, query, start, wanted - len(found))
        found += [(stage, hit) for hit in hits]
        stage = matcher.following(stage, start.served + len(hits))
    return found


def _by_field(asked: _Asked, order: FieldOrder, place: Place, wanted: int) -> Found:
    """Return the hits that follow ``place`` in its stage; a first page's is the first with hits."""
    stage: Stage | None = place.stage
    while stage is not None:
        matching = [*asked.matching(stage), *asked.filters]
        if hits := order.hits(asked.snapshot, matching, place, wanted):
            return [(stage, hit) for hit in hits]
        stage = asked.following(stage) if place.last is None else None
    return []
