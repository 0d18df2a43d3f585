"""The search index on Elasticsearch."""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page
from kibble.platform.engines.elasticsearch import Elasticsearch
from kibble.services.product.adapters.elasticsearch import facets
from kibble.services.product.adapters.elasticsearch.queries import (
    Query,
    Vocabulary,
    asked,
    lifted,
)
from kibble.services.product.adapters.elasticsearch.suggestions import completion, suggestions
from kibble.services.product.adapters.elasticsearch.words import look_up
from kibble.services.product.adapters.elasticsearch.writing import IndexWriter
from kibble.services.product.adapters.search.matching import FEW, Matcher, Stage, Wanted
from kibble.services.product.adapters.search.place import (
    ASCENDING,
    SORT_FIELDS,
    Found,
    Hit,
    Place,
    page,
)
from kibble.services.product.model.query_text import Synonyms
from kibble.services.product.model.search import Facets, Filters, SearchQuery, Sort, Suggestion
from kibble.services.product.repository.search import FeedBatch

_BITS = 1 << 32


@dataclass(frozen=True, slots=True)
class _Order:
    """An order of hits: a field or the score, then the id, so that no two hits are equal."""

    field: str
    ascending: bool = False

    @property
    def keys(self) -> list[object]:
        """The keys in the engine's words."""
        return [{self.field: "asc" if self.ascending else "desc"}, {"id": "asc"}]

    def hit(self, values: Any) -> Hit:
        """Return a hit by its sort values."""
        value, product_id = values
        if self.field == "_score":
            value = struct.unpack("!I", struct.pack("!f", value))[0]
        return (value if self.ascending else -value, ProductId(product_id))

    def after(self, hit: Hit) -> list[object]:
        """Return the sort values of a hit; raises ``InvalidInput`` for one that cannot be."""
        rank, product_id = hit
        value: object = rank if self.ascending or isinstance(rank, str) else -rank
        if self.field == "_score":
            value = _score(-int(rank))
        return [value, product_id]


RELEVANCE = _Order("_score")


class ElasticsearchSearchIndex:
    """See ``SearchIndex``. Searches go to any replica of the index; writing takes turns."""

    batch = 500
    one_filling = sys.maxsize
    """The alias leads to a new index only when that is whole."""

    def __init__(
        self,
        engine: Elasticsearch,
        namespace: str,
        synonyms: Synonyms,
        owner: str,
        clock: Clock,
    ) -> None:
        """``owner`` tells this writer from others of the same index, see ``named_here``."""
        self._engine = engine
        self._synonyms = synonyms
        self._writer = IndexWriter(engine, namespace, owner, clock)

    async def position(self) -> int:
        """See ``SearchIndex.position``."""
        return await self._writer.position()

    async def add(self, batch: FeedBatch) -> None:
        """See ``SearchIndex.add``."""
        await self._writer.add(batch)

    async def refresh(self) -> None:
        """See ``SearchIndex.refresh``."""
        await self._writer.refresh()

    async def clear(self) -> None:
        """See ``SearchIndex.clear``; searches see what was there until the next ``refresh``."""
        await self._writer.clear()

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        """See ``SearchIndex.find``."""
        place = Place.read(query.cursor, query.sort)
        if query.words == ():
            return Page(())
        matcher = await self._matcher(query)
        by_score = matcher is not None and query.sort is Sort.RELEVANCE
        find = self._by_relevance if by_score else self._by_field
        return page(await find(query, matcher, place), place, query)

    async def facets(self, query: SearchQuery) -> Facets:
        """See ``SearchIndex.facets``."""
        found = Facets()
        if query.words == ():
            return found
        matcher = await self._matcher(query)
        stage: Stage | None = Stage.ALL
        while stage is not None and not found.popularity:
            wanted: Wanted[Query] = matcher.matching(stage) if matcher else Wanted()
            answer = await self._search(
                query,
                {
                    "query": {"bool": {"filter": [asked(wanted, Filters())]}},
                    "size": 0,
                    "track_total_hits": False,
                    "aggs": facets.aggregations(query.filters),
                },
            )
            found = facets.facets(answer["aggregations"], query.filters)
            stage = matcher.following(stage, 0) if matcher else None
        return found

    async def suggest(self, words: Sequence[str], limit: int) -> Sequence[Suggestion]:
        """See ``SearchIndex.suggest``."""
        if not words:
            return []
        for tolerant in (False, True):
            body = completion(words, limit, tolerant=tolerant)
            answer = await self._engine.call("POST", f"/{self._writer.alias}/_search", body)
            if found := suggestions(answer.body, words, limit):
                return found
        return []

    async def _matcher(self, query: SearchQuery) -> Matcher[Query] | None:
        if query.words is None:
            return None
        clauses = self._synonyms.clauses(query.words)
        vocabulary: Vocabulary = await look_up(self._engine, self._writer.alias, clauses)
        return Matcher(clauses, vocabulary)

    async def _by_relevance(
        self, query: SearchQuery, matcher: Matcher[Query] | None, place: Place
    ) -> Found:
        """Return the hits that follow ``place``, from as many stages as it takes."""
        found: Found = []
        stage: Stage | None = place.stage
        while matcher is not None and stage is not None and len(found) <= query.limit:
            after = place.last if stage is place.stage else None
            wanted = lifted(asked(matcher.ranked(stage), query.filters))
            hits, total = await self._hits(
                query, wanted, RELEVANCE, after, query.limit + 1 - len(found)
            )
            found += [(stage, hit) for hit in hits]
            stage = matcher.following(stage, total)
        return found

    async def _by_field(
        self, query: SearchQuery, matcher: Matcher[Query] | None, place: Place
    ) -> Found:
        """Return the hits after ``place`` in its stage; a first page's is the first with hits."""
        order = _Order(SORT_FIELDS[query.sort], query.sort in ASCENDING)
        stage: Stage | None = place.stage
        while stage is not None:
            wanted: Wanted[Query] = matcher.matching(stage) if matcher else Wanted()
            matching: Query = {"bool": {"filter": [asked(wanted, query.filters)]}}
            hits, _ = await self._hits(query, matching, order, place.last, query.limit + 1)
            if hits:
                return [(stage, hit) for hit in hits]
            stage = matcher.following(stage, 0) if matcher and place.last is None else None
        return []

    async def _hits(
        self, query: SearchQuery, wanted: Query, order: _Order, after: Hit | None, limit: int
    ) -> tuple[list[Hit], int]:
        """Return up to ``limit`` hits after ``after``, and how many there are, counted to a few."""
        body = {
            "query": wanted,
            "size": limit,
            "sort": order.keys,
            "_source": False,
            "track_total_hits": FEW,
            **({"search_after": order.after(after)} if after is not None else {}),
        }
        found = (await self._search(query, body))["hits"]
        return [order.hit(one["sort"]) for one in found["hits"]], found["total"]["value"]

    async def _search(self, query: SearchQuery, body: object) -> Any:
        # All pages of a query come from one copy of the index: scores of two may differ a little.
        copy = f"q{crc32(' '.join(query.words or ()).encode())}"
        answer = await self._engine.call(
            "POST", f"/{self._writer.alias}/_search", body, params={"preference": copy}
        )
        return answer.body


def _score(bits: int) -> float:
    """Return a score out of a cursor, which anybody may have written."""
    if bits < _BITS:
        score: float = struct.unpack("!f", struct.pack("!I", bits))[0]
        if 0 <= score < float("inf"):
            return score
    raise InvalidInput.at("/cursor", "is not a cursor of this list")
