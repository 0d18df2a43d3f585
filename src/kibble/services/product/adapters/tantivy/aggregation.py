"""The engine's aggregations, typed (https://docs.rs/tantivy/latest/tantivy/aggregation/)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from tantivy import Query, Searcher

from kibble.services.product.adapters.tantivy.labels import Labels
from kibble.services.product.model.search import Band, Count


@dataclass(frozen=True, slots=True)
class Labelled:
    """Asks for the most frequent labels in a column of their numbers."""

    field: str
    size: int

    @property
    def wanted(self) -> dict[str, object]:
        """The question in the engine's words."""
        return {"terms": {"field": self.field, "size": self.size}}


@dataclass(frozen=True, slots=True)
class Banded:
    """Asks for how many numbers of a column lie in each band; empty bands are in the answer."""

    field: str
    bands: tuple[Band, ...]

    @property
    def wanted(self) -> dict[str, object]:
        """The question in the engine's words."""
        ranges = [
            {"key": band.name, "from": band.low} | ({} if band.high is None else {"to": band.high})
            for band in self.bands
        ]
        return {"range": {"field": self.field, "ranges": ranges}}


Aggregation = Labelled | Banded


def aggregate(
    searcher: Searcher, query: Query, labels: Labels, asked: Mapping[str, Aggregation]
) -> dict[str, tuple[Count, ...]]:
    """Count the products of a query; the answers have the names of the questions."""
    # The engine's stub says dict and no more.
    answer = cast("Any", searcher).aggregate(query, {n: one.wanted for n, one in asked.items()})
    return {
        name: tuple(
            Count(
                labels.label(int(bucket["key"])) if isinstance(one, Labelled) else bucket["key"],
                bucket["doc_count"],
            )
            for bucket in answer[name]["buckets"]
        )
        for name, one in asked.items()
    }
