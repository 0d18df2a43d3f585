"""Pages of hits: which hits follow a place, and in which order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from tantivy import DocAddress, Index, Occur, Order, Query

from kibble.services.product.adapters.search.place import ASCENDING, SORT_FIELDS, Hit, Place
from kibble.services.product.adapters.tantivy.queries import Part, number_range
from kibble.services.product.adapters.tantivy.snapshot import Snapshot
from kibble.services.product.model.search import Sort

SLACK = 2
"""Hits fetched beyond a page, so that those of one rank at its edge can be put in order."""

SCORE_UNIT = 1 << 20


def by_score(snapshot: Snapshot, query: Query, after: Place, limit: int) -> list[Hit]:
    """Return up to ``limit`` hits that follow ``after``, the highest score first.

    The engine cannot start at a score: it is asked for the hits before the place as well.
    """
    result = snapshot.searcher.search(
        query, after.served + limit + SLACK, count=False, weight_by_field="weight"
    )
    found = result.hits
    ranks = [-round(score * SCORE_UNIT) for score, _ in found]
    start = 0
    if after.last is not None and isinstance(after.last[0], int):
        start = bisect_left(ranks, after.last[0])
    addresses = [address for _, address in found[start:]]
    return _hits(snapshot, ranks[start:], addresses, after, limit)


class FieldOrder:
    """An order by one of the index's columns."""

    def __init__(self, index: Index, sort: Sort) -> None:
        self._index = index
        self._field = SORT_FIELDS[sort]
        self._ascending = sort in ASCENDING
        self._slack = (
            0 if sort is Sort.NAME else SLACK
        )  # a name's key holds the id: no two are equal

    def hits(
        self, snapshot: Snapshot, parts: Sequence[Part], after: Place, limit: int
    ) -> list[Hit]:
        """Return up to ``limit`` hits of a query that follow ``after``."""
        if after.last is not None:
            parts = [*parts, (Occur.Must, self._from(after.last[0]))]
        query = Query.boolean_query(parts) if parts else Query.all_query()
        result = snapshot.searcher.search(
            query,
            limit + self._slack,
            count=False,
            order_by_field=self._field,
            order=Order.Asc if self._ascending else Order.Desc,
        )
        ranks = [value if self._ascending else -value for value, _ in result.hits]
        return _hits(snapshot, ranks, [address for _, address in result.hits], after, limit)

    def _from(self, rank: int | str) -> Query:
        """Return the products from a rank on."""
        if isinstance(rank, str):
            # Only the query parser knows ranges of texts; the key holds nothing of its syntax.
            query = self._index.parse_query(f"{self._field}:>{rank}", [self._field])
        elif self._ascending:
            query = number_range(self._index.schema, self._field, rank, None)
        else:
            query = number_range(self._index.schema, self._field, None, -rank)
        return Query.const_score_query(query, 0.0)


def _hits(
    snapshot: Snapshot,
    ranks: Sequence[int | str],
    addresses: list[DocAddress],
    after: Place,
    limit: int,
) -> list[Hit]:
    hits = sorted(zip(ranks, snapshot.ids(addresses), strict=True))
    if after.last is not None:
        hits = [hit for hit in hits if hit > after.last]
    return hits[:limit]
