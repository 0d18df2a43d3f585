"""Where a page of hits ends, as a cursor."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor
from kibble.services.product.adapters.search.matching import Stage
from kibble.services.product.model.search import SearchQuery, Sort

DEPTH = 10_000
"""The last place by relevance that a page reaches; a page costs more the deeper it is."""

MAX_RANK = 1 << 63

SORT_FIELDS = {
    Sort.RELEVANCE: "featured_key",
    Sort.PRICE: "price_key",
    Sort.PRICE_DOWN: "price_key",
    Sort.NAME: "name_key",
    Sort.NEWEST: "newest_key",
    Sort.POPULARITY: "popularity_key",
    Sort.RATING: "rating_key",
}
"""The column that each order reads; relevance reads its own only when nothing was typed."""

ASCENDING = frozenset({Sort.PRICE, Sort.NAME})

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


Found = list[tuple[Stage, Hit]]
"""Hits in the order of the page, each with the stage that it is of."""


def page(found: Found, place: Place, query: SearchQuery) -> Page[ProductId]:
    """Return a page from up to ``query.limit + 1`` hits that follow ``place``."""
    kept = found[: query.limit]
    items = [product_id for _, (_, product_id) in kept]
    if len(found) <= query.limit:
        return Page(items)
    stage, last = kept[-1]
    served = 0
    if query.words is not None and query.sort is Sort.RELEVANCE:
        before = place.served if stage is place.stage else 0
        served = before + sum(1 for each, _ in kept if each is stage)
    return Page(items, Place(stage, served, last).cursor(query.sort))
