"""Pages of hits: where a page starts, which hits follow it, and in which order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tantivy import DocAddress, Index, Occur, Order, Query

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import decode_cursor, encode_cursor
from kibble.services.product.adapters.tantivy.fields import ASCENDING, SORT_FIELDS
from kibble.services.product.adapters.tantivy.queries import Part, Stage, number_range
from kibble.services.product.adapters.tantivy.snapshot import Snapshot
from kibble.services.product.model.search import Sort

DEPTH = 10_000
"""The last place by relevance that a page reaches; a page costs more the deeper it is."""

SLACK = 2
"""Hits fetched beyond a page, so that those of one rank at its edge can be put in order."""

SCORE_UNIT = 1 << 20

MAX_RANK = 1 << 63

_NAME_KEY = re.compile(r"k[^\W_]*(\.[^\W_]+)*-[0-9a-f-]{36}")


Hit = tuple[int | str, ProductId]
"""A product found, behind its rank, which rises in the order of the page."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: its last hit, and how many hits of that one's stage came up to it.

    ``served`` is only counted by relevance: an order by a column can start anywhere.
    """

    stage: Stage = Stage.ALL
    served: int = 0
    last: Hit | None = None

    @classmethod
    def read(cls, cursor: str | None, sort: Sort) -> Place:
        """Return the place in a cursor of ``sort``; raises ``InvalidInput`` for any other."""
        if cursor is None:
            return cls()
        kind = str if sort is Sort.NAME else int
        name, stage, served, rank, product = decode_cursor(cursor, str, int, int, kind, str)
        known = name == sort and stage in set(Stage) and served in range(DEPTH)
        if not (known and _is_rank(rank, sort)):
            raise InvalidInput.at("/cursor", "is not a cursor of this list")
        return cls(Stage(int(stage)), int(served), (rank, ProductId(str(product))))

    def cursor(self, sort: Sort) -> str | None:
        """Return this place as a cursor; None where pages by relevance end."""
        if self.last is None or self.served >= DEPTH:
            return None
        return encode_cursor(sort.value, int(self.stage), self.served, *self.last)


def _is_rank(rank: int | str, sort: Sort) -> bool:
    """Tell whether a value out of a cursor, which anybody may have written, can be of a column."""
    if isinstance(rank, str):
        return _NAME_KEY.fullmatch(rank) is not None
    return 0 <= (rank if sort in ASCENDING else -rank) < MAX_RANK


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
