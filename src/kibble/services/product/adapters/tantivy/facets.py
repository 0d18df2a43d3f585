"""Facets by the engine's aggregations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tantivy import Query, Searcher

from kibble.services.product.adapters.search.facets import (
    MAX_PAIRS,
    bands,
    pairs,
    without_attribute,
    without_own,
)
from kibble.services.product.adapters.tantivy.aggregation import (
    Aggregation,
    Banded,
    Labelled,
    aggregate,
)
from kibble.services.product.adapters.tantivy.labels import Labels
from kibble.services.product.adapters.tantivy.queries import Part
from kibble.services.product.model.search import (
    MAX_VALUES,
    POPULARITY_BANDS,
    PRICE_BANDS,
    Count,
    Facets,
    Filters,
    attribute_facets,
)

OWN: Mapping[str, Aggregation] = {
    "category": Labelled("category_label", MAX_VALUES),
    "brand": Labelled("brand_label", MAX_VALUES),
    "price": Banded("price", PRICE_BANDS),
}
"""The facets that have a filter of their own."""

ATTRIBUTE = Labelled("attribute_label", MAX_PAIRS)
POPULARITY = Banded("popularity", POPULARITY_BANDS)

Counts = tuple[Count, ...]


class FacetCounter:
    """Counts the products of a query, with a further pass for each filter that a facet ignores."""

    def __init__(
        self,
        searcher: Searcher,
        labels: Labels,
        matching: Sequence[Part],
        filtering: Callable[[Filters], Iterator[Part]],
    ) -> None:
        self._searcher = searcher
        self._labels = labels
        self._matching = matching
        self._filtering = filtering

    def count(self, filters: Filters) -> Facets:
        """Return the counts; popularity is empty exactly when no product matches."""
        found: dict[str, Counts] = {}
        shared: dict[str, Aggregation] = {"attribute": ATTRIBUTE, "popularity": POPULARITY}
        for name, without in without_own(filters).items():
            aggregation = OWN[name]
            if without == filters:
                shared[name] = aggregation
            else:
                found |= self._aggregate(without, {name: aggregation})
        found |= self._aggregate(filters, shared)
        return Facets(
            categories=found["category"],
            brands=found["brand"],
            prices=bands(found["price"], PRICE_BANDS),
            popularity=bands(found["popularity"], POPULARITY_BANDS),
            attributes=attribute_facets(
                self._pairs(filters, found["attribute"]),
                sum(band.count for band in found["popularity"]),
            ),
        )

    def _pairs(self, filters: Filters, found: Counts) -> Iterator[tuple[str, Count]]:
        """Yield the counts of attributes, each filtered one's from a pass without its filter."""
        filtered = [name for name, _ in filters.attributes]
        yield from (pair for pair in pairs(found) if pair[0] not in filtered)
        for name in filtered:
            own = self._aggregate(without_attribute(filters, name), {name: ATTRIBUTE})
            yield from (pair for pair in pairs(own[name]) if pair[0] == name)

    def _aggregate(self, filters: Filters, asked: Mapping[str, Aggregation]) -> dict[str, Counts]:
        parts = [*self._matching, *self._filtering(filters)]
        query = Query.boolean_query(parts) if parts else Query.all_query()
        return aggregate(self._searcher, query, self._labels, asked)
