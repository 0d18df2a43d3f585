"""Facets by the engine's aggregations, all in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kibble.services.product.adapters.elasticsearch.queries import filtering
from kibble.services.product.adapters.search.facets import (
    MAX_PAIRS,
    bands,
    pairs,
    without_attribute,
    without_own,
)
from kibble.services.product.model.search import (
    MAX_VALUES,
    POPULARITY_BANDS,
    PRICE_BANDS,
    Band,
    Count,
    Facets,
    Filters,
    attribute_facets,
)

OWN = "own "
"""How the name of a filtered attribute's own aggregation begins."""


def labelled(field: str, size: int) -> dict[str, object]:
    """Return what asks for the most frequent labels of a field."""
    return {"terms": {"field": field, "size": size}}


def counts(aggregation: Any) -> tuple[Count, ...]:
    """Return an aggregation's buckets."""
    return tuple(Count(one["key"], one["doc_count"]) for one in aggregation["buckets"])


def aggregations(filters: Filters) -> dict[str, object]:
    """Return what asks for all facets of what words find; each ignores the filter on itself."""
    own = without_own(filters)
    attributes = labelled("attribute_label", MAX_PAIRS)
    return {
        "category": _of(own["category"], labelled("category.label", MAX_VALUES)),
        "brand": _of(own["brand"], labelled("brand.label", MAX_VALUES)),
        "price": _of(own["price"], _banded("price", PRICE_BANDS)),
        "popularity": _of(filters, _banded("popularity", POPULARITY_BANDS)),
        "attribute": _of(filters, attributes),
        **{
            f"{OWN}{name}": _of(without_attribute(filters, name), attributes)
            for name, _ in filters.attributes
        },
    }


def facets(answer: Mapping[str, Any], filters: Filters) -> Facets:
    """Return the counts; popularity is empty exactly when no product matches."""
    found = {name: counts(one["values"]) for name, one in answer.items()}
    popularity = bands(found["popularity"], POPULARITY_BANDS)
    return Facets(
        categories=found["category"],
        brands=found["brand"],
        prices=bands(found["price"], PRICE_BANDS),
        popularity=popularity,
        attributes=attribute_facets(
            _attributes(found, filters), sum(one.count for one in found["popularity"])
        ),
    )


def _attributes(
    found: Mapping[str, tuple[Count, ...]], filters: Filters
) -> Iterator[tuple[str, Count]]:
    filtered = [name for name, _ in filters.attributes]
    yield from (pair for pair in pairs(found["attribute"]) if pair[0] not in filtered)
    for name in filtered:
        yield from (pair for pair in pairs(found[f"{OWN}{name}"]) if pair[0] == name)


def _of(filters: Filters, aggregation: Mapping[str, object]) -> dict[str, object]:
    return {
        "filter": {"bool": {"filter": list(filtering(filters))}},
        "aggs": {"values": aggregation},
    }


def _banded(field: str, bands_of: tuple[Band, ...]) -> dict[str, object]:
    ranges = [
        {"key": band.name, "from": band.low} | ({} if band.high is None else {"to": band.high})
        for band in bands_of
    ]
    return {"range": {"field": field, "ranges": ranges}}
