"""A search query in the engine's terms (https://www.elastic.co/docs/reference/query-languages)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kibble.services.product.adapters.search.document import attribute_label
from kibble.services.product.adapters.search.matching import TYPO_SCORE, Wanted
from kibble.services.product.model.search import Filters

Query = Mapping[str, object]

SCALE = 2.2
"""The engine leaves the factor k1 + 1 out of BM25, since it changes no order; with it, scores are
those of the embedded engine, and weights and constants mean the same."""

ALL: Query = {"match_all": {}}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the index says of a query's words; implements ``Dialect``.

    ``stems`` has the term of each word, ``frequencies`` the products with each term that is known.
    """

    products: int = 0
    stems: Mapping[str, str] = field(default_factory=dict[str, str])
    frequencies: Mapping[str, int] = field(default_factory=dict[str, int])

    def stem(self, word: str) -> str:
        """See ``Dialect.stem``."""
        return self.stems.get(word, word)

    def frequency(self, stem: str) -> int:
        """See ``Dialect.frequency``."""
        return self.frequencies.get(stem, 0)

    def term(self, stem: str) -> Query:
        """See ``Dialect.term``."""
        return {"term": {"text": {"value": stem, "boost": SCALE}}}

    def near(self, word: str, typos: int) -> Query:
        """See ``Dialect.near``."""
        return constant(spelled("words", word, typos), TYPO_SCORE)

    def side_by_side(self, stems: Sequence[str]) -> Query:
        """See ``Dialect.side_by_side``."""
        phrase = {"query": " ".join(stems), "analyzer": "whitespace", "boost": SCALE}
        return {"match_phrase": {"phrase": phrase}}

    def all_of(self, queries: Sequence[Query]) -> Query:
        """See ``Dialect.all_of``."""
        return {"bool": {"must": list(queries)}}

    def any_of(self, queries: Sequence[Query]) -> Query:
        """See ``Dialect.any_of``."""
        return {"bool": {"should": list(queries), "minimum_should_match": 1}}

    def boosted(self, query: Query, weight: float) -> Query:
        """See ``Dialect.boosted``."""
        return {"bool": {"must": [query], "boost": weight}}


def spelled(field: str, word: str, typos: int) -> Query:
    """Return what finds a word give or take ``typos`` letters, without its accents."""
    options = {"query": word, "analyzer": "word", "fuzziness": typos} if typos else {"query": word}
    return {"match": {field: options}}


def constant(query: Query, score: float) -> Query:
    """Return ``query`` with the same score for all."""
    return {"constant_score": {"filter": query, "boost": score}}


def asked(wanted: Wanted[Query], filters: Filters) -> Query:
    """Return the query that finds what is wanted and keeps to ``filters``."""
    return {
        "bool": {
            "must": list(wanted.must) or [ALL],
            "should": list(wanted.should),
            "must_not": list(wanted.never),
            "filter": list(filtering(filters)),
        }
    }


def lifted(query: Query) -> Query:
    """Return ``query`` with each product's score multiplied by what it is worth."""
    factor = {"field": "factor", "missing": 1}
    return {
        "function_score": {"query": query, "field_value_factor": factor, "boost_mode": "multiply"}
    }


def filtering(filters: Filters) -> Iterator[Query]:
    """Yield what a product must be."""
    if filters.category is not None:
        yield _one_of("category", [filters.category])
    if filters.brands:
        yield _one_of("brand", filters.brands)
    if filters.tags:
        yield _one_of("tag", filters.tags)
    for name, values in filters.attributes:
        yield _one_of("attribute", [attribute_label(name, value) for value in values])
    if filters.in_stock is not None:
        yield {"term": {"in_stock": filters.in_stock}}
    if filters.on_sale is not None:
        yield {"term": {"on_sale": filters.on_sale}}
    bounds = {"gte": filters.price_min, "lte": filters.price_max}
    if given := {name: bound for name, bound in bounds.items() if bound is not None}:
        yield {"range": {"price": given}}


def _one_of(field: str, labels: Sequence[str]) -> Query:
    return {"terms": {field: list(labels)}}
