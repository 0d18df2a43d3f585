"""Completion while typing: products, and the categories and brands that they are in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kibble.kernel.ids import ProductId
from kibble.services.product.adapters.elasticsearch.facets import counts, labelled
from kibble.services.product.adapters.elasticsearch.queries import (
    SCALE,
    Query,
    constant,
    lifted,
    spelled,
)
from kibble.services.product.model.query_text import SHORTEST_TYPO
from kibble.services.product.model.search import Suggestion, SuggestionKind, completes

GROUPS = (
    ("category.label", SuggestionKind.CATEGORY, 3),
    ("brand.label", SuggestionKind.BRAND, 2),
)
"""The field, the kind, and how many of them are offered at most."""

CANDIDATES = 40
"""Categories and brands of the matching products whose names are compared with what was typed."""

NAME_WEIGHT = 10.0
"""For a word in the name itself: a product is offered by its name."""


def completion(words: Sequence[str], limit: int, *, tolerant: bool) -> dict[str, object]:
    """Return the search for what ``words`` may become; ``tolerant`` allows a typo in each."""
    must: list[Query] = []
    should: list[Query] = []
    for place, word in enumerate(words):
        typos = 1 if tolerant and len(word) >= SHORTEST_TYPO else 0
        unfinished = place == len(words) - 1
        anywhere, in_name = (
            ("beginnings", "name_beginnings") if unfinished else ("words", "name_words")
        )
        whole = {"match": {"text": {"query": word, "boost": SCALE}}}
        found = [constant(spelled(anywhere, word, typos), 1.0), whole]
        must.append({"bool": {"should": found, "minimum_should_match": 1}})
        should.append(constant(spelled(in_name, word, typos), NAME_WEIGHT))
    return {
        "query": lifted({"bool": {"must": must, "should": should}}),
        "size": limit,
        "_source": ["name"],
        "track_total_hits": False,
        "aggs": {field: labelled(field, CANDIDATES) for field, _, _ in GROUPS},
    }


def suggestions(answer: Any, words: Sequence[str], limit: int) -> list[Suggestion]:
    """Return up to ``limit`` completions out of the answer to a ``completion``."""
    return [*_labels(answer["aggregations"], words), *_products(answer["hits"]["hits"])][:limit]


def _labels(found: Any, words: Sequence[str]) -> Iterator[Suggestion]:
    for field, kind, most in GROUPS:
        fitting = [label for label in counts(found[field]) if completes(words, label.value)]
        for label in fitting[:most]:
            yield Suggestion(kind, label.value, count=label.count)


def _products(hits: Any) -> Iterator[Suggestion]:
    seen: set[str] = set()
    for hit in hits:
        name: str = hit["_source"]["name"]
        if name.lower() not in seen:
            seen.add(name.lower())
            yield Suggestion(SuggestionKind.PRODUCT, name, ProductId(hit["_id"]))
