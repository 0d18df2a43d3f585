"""Completion while typing: products, and the categories and brands that they are in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tantivy import Occur, Query, Schema, Searcher

from kibble.kernel.ids import ProductId
from kibble.services.product.adapters.tantivy.aggregation import Labelled, aggregate
from kibble.services.product.adapters.tantivy.fields import Analyzers
from kibble.services.product.adapters.tantivy.labels import Labels
from kibble.services.product.adapters.tantivy.queries import Part
from kibble.services.product.model.query_text import SHORTEST_TYPO
from kibble.services.product.model.search import Suggestion, SuggestionKind, completes

GROUPS = (
    ("category_label", SuggestionKind.CATEGORY, 3),
    ("brand_label", SuggestionKind.BRAND, 2),
)
"""The field, the kind, and how many of them are offered at most."""

CANDIDATES = 40
"""Categories and brands of the matching products whose names are compared with what was typed."""

NAME_WEIGHT = 10.0
"""For a word in the name itself: a product is offered by its name."""


class Completer:
    """Completes words against one state of the index."""

    def __init__(
        self, fields: Schema, analyzers: Analyzers, searcher: Searcher, labels: Labels
    ) -> None:
        self._fields = fields
        self._labels = labels
        self._analyzers = analyzers
        self._searcher = searcher

    def complete(self, words: Sequence[str], limit: int) -> list[Suggestion]:
        """Return up to ``limit`` completions: of what was typed, or else of what it nearly is."""
        for tolerant in (False, True):
            query = Query.boolean_query(list(self._parts(words, tolerant=tolerant)))
            if found := [*self._labels_in(query, words), *self._products(query, limit)]:
                return found[:limit]
        return []

    def _parts(self, words: Sequence[str], *, tolerant: bool) -> Iterator[Part]:
        for place, word in enumerate(words):
            distance = 1 if tolerant and len(word) >= SHORTEST_TYPO else 0
            unfinished = place == len(words) - 1
            stem = self._analyzers.stem.term(word)
            whole = Query.term_query(self._fields, "text", stem, "freq")
            anywhere, in_name = (
                Query.fuzzy_term_query(self._fields, field, word, distance, prefix=unfinished)
                for field in ("words", "name_words")
            )
            yield Occur.Must, Query.boolean_query([(Occur.Should, anywhere), (Occur.Should, whole)])
            yield Occur.Should, Query.boost_query(in_name, NAME_WEIGHT)

    def _labels_in(self, query: Query, words: Sequence[str]) -> Iterator[Suggestion]:
        asked = {field: Labelled(field, CANDIDATES) for field, _, _ in GROUPS}
        found = aggregate(self._searcher, query, self._labels, asked)
        for field, kind, most in GROUPS:
            fitting = [label for label in found[field] if completes(words, label.value)]
            for label in fitting[:most]:
                yield Suggestion(kind, label.value, count=label.count)

    def _products(self, query: Query, limit: int) -> Iterator[Suggestion]:
        result = self._searcher.search(query, limit, count=False, weight_by_field="weight")
        seen: set[str] = set()
        for _, address in result.hits:
            stored = self._searcher.doc(address)
            name = str(stored.get_first("name"))
            if name.lower() not in seen:
                seen.add(name.lower())
                product_id = ProductId(str(stored.get_first("id")))
                yield Suggestion(SuggestionKind.PRODUCT, name, product_id)
