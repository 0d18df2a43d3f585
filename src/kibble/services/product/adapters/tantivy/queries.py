"""A search query in the engine's terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tantivy import FieldType, Occur, Query, Schema

from kibble.services.product.adapters.search.document import attribute_label
from kibble.services.product.adapters.search.matching import TYPO_SCORE, Wanted
from kibble.services.product.adapters.tantivy.fields import Analyzers
from kibble.services.product.adapters.tantivy.snapshot import Snapshot
from kibble.services.product.model.search import Filters

Part = tuple[Occur, Query]


class TantivyDialect:
    """Implements ``Dialect``."""

    def __init__(self, fields: Schema, analyzers: Analyzers, snapshot: Snapshot) -> None:
        self._fields = fields
        self._analyzers = analyzers
        self._snapshot = snapshot

    @property
    def products(self) -> int:
        """See ``Dialect.products``."""
        return self._snapshot.searcher.num_docs

    def stem(self, word: str) -> str:
        """See ``Dialect.stem``."""
        return self._analyzers.stem.term(word)

    def frequency(self, stem: str) -> int:
        """See ``Dialect.frequency``."""
        return self._snapshot.frequency(stem)

    def term(self, stem: str) -> Query:
        """See ``Dialect.term``."""
        return Query.term_query(self._fields, "text", stem, "freq")

    def near(self, word: str, typos: int) -> Query:
        """See ``Dialect.near``."""
        plain = self._analyzers.word.term(word)
        near = Query.fuzzy_term_query(self._fields, "words", plain, typos)
        return Query.const_score_query(near, TYPO_SCORE)

    def side_by_side(self, stems: Sequence[str]) -> Query:
        """See ``Dialect.side_by_side``."""
        return Query.phrase_query(self._fields, "name", list[str | tuple[int, str]](stems))

    def all_of(self, queries: Sequence[Query]) -> Query:
        """See ``Dialect.all_of``."""
        return Query.boolean_query([(Occur.Must, query) for query in queries])

    def any_of(self, queries: Sequence[Query]) -> Query:
        """See ``Dialect.any_of``."""
        return _any_of(queries)

    def boosted(self, query: Query, weight: float) -> Query:
        """See ``Dialect.boosted``."""
        return Query.boost_query(query, weight)


def parts(wanted: Wanted[Query]) -> list[Part]:
    """Return what is wanted as the parts of a boolean query."""
    return [
        *((Occur.Must, query) for query in wanted.must),
        *((Occur.Should, query) for query in wanted.should),
        *((Occur.MustNot, query) for query in wanted.never),
    ]


def filtering(filters: Filters, fields: Schema, analyzers: Analyzers) -> Iterator[Part]:
    """Yield what a product must be, each part without a score."""

    def one_of(field: str, labels: Iterable[str]) -> Query:
        terms = map(analyzers.label.term, labels)
        return _any_of([Query.term_query(fields, field, term, "basic") for term in terms])

    parts: list[Query] = []
    if filters.category is not None:
        parts.append(one_of("category", [filters.category]))
    if filters.brands:
        parts.append(one_of("brand", filters.brands))
    if filters.tags:
        parts.append(one_of("tag", filters.tags))
    for name, values in filters.attributes:
        parts.append(one_of("attribute", [attribute_label(name, value) for value in values]))
    if filters.in_stock is not None:
        parts.append(Query.term_query(fields, "in_stock", filters.in_stock, "basic"))
    if filters.on_sale is not None:
        parts.append(Query.term_query(fields, "on_sale", filters.on_sale, "basic"))
    if filters.price_min is not None or filters.price_max is not None:
        parts.append(number_range(fields, "price", filters.price_min, filters.price_max))
    for part in parts:
        yield Occur.Must, Query.const_score_query(part, 0.0)


def number_range(fields: Schema, field: str, low: int | None, high: int | None) -> Query:
    """Return the products whose number in ``field`` is between two bounds, both inclusive."""
    return Query.range_query(fields, field, FieldType.Unsigned, low, high)


def _any_of(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])
