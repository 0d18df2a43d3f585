"""Counts of labels and bands as facets, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kibble.services.product.adapters.search.document import split_label
from kibble.services.product.model.search import Band, BandCount, Count, Filters

MAX_PAIRS = 120
"""Pairs of attribute and value that the engine returns, of all attributes together."""


def without_own(filters: Filters) -> dict[str, Filters]:
    """Return each facet that has a filter of its own, and the filters without that one."""
    return {
        "category": replace(filters, category=None),
        "brand": replace(filters, brands=()),
        "price": replace(filters, price_min=None, price_max=None),
    }


def without_attribute(filters: Filters, name: str) -> Filters:
    """Return ``filters`` without the one on an attribute."""
    others = tuple(item for item in filters.attributes if item[0] != name)
    return replace(filters, attributes=others)


def pairs(found: Iterable[Count]) -> Iterator[tuple[str, Count]]:
    """Yield the counts of attributes' labels by the attribute's name."""
    for label in found:
        name, value = split_label(label.value)
        yield name, Count(value, label.count)


def bands(found: Iterable[Count], known: Sequence[Band]) -> tuple[BandCount, ...]:
    """Return the counts of bands by name in the order of ``known``, without the empty ones."""
    counts = {band.value: band.count for band in found}
    return tuple(BandCount(band, counts[band.name]) for band in known if counts.get(band.name))
