"""Facets by the engine's aggregations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from tantivy import Query, Searcher

from kibble.services.product.adapters.tantivy.aggregation import (
    Aggregation,
    Banded,
    Labelled,
    aggregate,
)
from kibble.services.product.adapters.tantivy.fields import split_label
from kibble.services.product.adapters.tantivy.labels import Labels
from kibble.services.product.adapters.tantivy.queries import Part
from kibble.services.product.model.search import (
    MAX_VALUES,
    POPULARITY_BANDS,
    PRICE_BANDS,
    Band,
    BandCount,
    Count,
    Facets,
    Filters,
    attribute_facets,
)

MAX_PAIRS = 120
"""Pairs of attribute and value that the engine returns, of all attributes together."""

CATEGORY = Labelled("category_label", MAX_VALUES)
BRAND = Labelled("brand_label", MAX_VALUES)
ATTRIBUTE = Labelled("attribute_label", MAX_PAIRS)
PRICE = Banded("price", PRICE_BANDS)
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
        for name, (aggregation, without) in _own(filters).items():
            if without == filters:
                shared[name] = aggregation
            else:
                found |= self._aggregate(without, {name: aggregation})
        found |= self._aggregate(filters, shared)
        return Facets(
            categories=found["category"],
            brands=found["brand"],
            prices=_bands(found["price"], PRICE_BANDS),
            popularity=_bands(found["popularity"], POPULARITY_BANDS),
            attributes=attribute_facets(
                self._pairs(filters, found["attribute"]),
                sum(band.count for band in found["popularity"]),
            ),
        )

    def _pairs(self, filters: Filters, found: Counts) -> Iterator[tuple[str, Count]]:
        """Yield the counts of attributes, each filtered one's from a pass without its filter."""
        filtered = [name for name, _ in filters.attributes]
        yield from (pair for pair in _split(found) if pair[0] not in filtered)
        for name in filtered:
            others = tuple(item for item in filters.attributes if item[0] != name)
            own = self._aggregate(replace(filters, attributes=others), {name: ATTRIBUTE})
            yield from (pair for pair in _split(own[name]) if pair[0] == name)

    def _aggregate(self, filters: Filters, asked: Mapping[str, Aggregation]) -> dict[str, Counts]:
        parts = [*self._matching, *self._filtering(filters)]
        query = Query.boolean_query(parts) if parts else Query.all_query()
        return aggregate(self._searcher, query, self._labels, asked)


def _own(filters: Filters) -> dict[str, tuple[Aggregation, Filters]]:
    """Return each facet that has a filter of its own, and the filters without that one."""
    return {
        "category": (CATEGORY, replace(filters, category=None)),
        "brand": (BRAND, replace(filters, brands=())),
        "price": (PRICE, replace(filters, price_min=None, price_max=None)),
    }


def _split(found: Counts) -> Iterator[tuple[str, Count]]:
    for label in found:
        name, value = split_label(label.value)
        yield name, Count(value, label.count)


def _bands(found: Counts, bands: Sequence[Band]) -> tuple[BandCount, ...]:
    counts = {band.value: band.count for band in found}
    return tuple(BandCount(band, counts[band.name]) for band in bands if counts.get(band.name))
