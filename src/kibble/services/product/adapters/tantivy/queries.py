"""A search query in the engine's terms.

Weights and groups were chosen on judged queries: see docs/decisions/0006-search-on-tantivy.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from tantivy import FieldType, Occur, Query, Schema

from kibble.services.product.adapters.tantivy.fields import Analyzers, attribute_label
from kibble.services.product.adapters.tantivy.snapshot import Snapshot
from kibble.services.product.model.query_text import Clause
from kibble.services.product.model.search import Filters

PHRASE_WEIGHT = 1.0
"""For the first two words of a query when a product's name has them side by side."""

SYNONYM_WEIGHT = 0.7
TYPO_SCORE = 3.0
"""A word that differs by a typo has no score of its own; this is that of a middling rare word."""

COMMON_SHARE = 0.1
COMMON_PRODUCTS = 5_000
"""A word in more products than this and a larger share of all tells little, and costs much: it
finds products only together with rarer words, and where it stands does not matter."""

FEW = 3
"""With fewer products that match all words, a typo is likely."""

RARE_SHARE = 0.002
RARE_PRODUCTS = 20
"""A word in more products than this and a larger share of all is hardly a typo of another."""

SHORTEST_TYPO = 4
SHORTEST_TWO_TYPOS = 8
SHORTEST_UNKNOWN_TYPO = 3

Part = tuple[Occur, Query]


class Stage(IntEnum):
    """The groups of a result, best first; each leaves out what the ones before it found.

    Products that hold all words; when those are few, ones that do give or take a typo in each rare
    word; and when there are none of these, ones that hold any word.
    """

    ALL = 0
    TYPO = 1
    ANY = 2


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A clause in terms of the index; ``frequency`` is of the products with its rarest word.

    ``synonyms`` are only those that the index has, and none for a common word.
    """

    clause: Clause
    stems: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    frequency: int


class Matcher:
    """The words of one query against one state of the index."""

    def __init__(
        self, clauses: Sequence[Clause], fields: Schema, analyzers: Analyzers, snapshot: Snapshot
    ) -> None:
        self._fields = fields
        self._analyzers = analyzers
        self._frequency = snapshot.frequency
        products = snapshot.searcher.num_docs
        self._common = max(COMMON_PRODUCTS, products * COMMON_SHARE)
        self._rare = max(RARE_PRODUCTS, products * RARE_SHARE)
        self._clauses = [self._resolve(clause) for clause in clauses]

    def ranked(self, stage: Stage) -> list[Part]:
        """Return what finds and scores the products of a stage."""
        if stage is Stage.ALL:
            return [*self._all(), *self._side_by_side()]
        found = self._all(tolerant=True) if stage is Stage.TYPO else self._any()
        return [*found, (Occur.MustNot, Query.boolean_query(self._all()))]

    def matching(self, stage: Stage) -> list[Part]:
        """Return what finds the products of a stage when those before it are empty."""
        return [*self._any()] if stage is Stage.ANY else self._all(tolerant=stage is Stage.TYPO)

    def following(self, stage: Stage, found: int) -> Stage | None:
        """Return the stage to go on with after the ``found`` products of ``stage``."""
        if stage is Stage.ALL and found < FEW and self._may_be_typo():
            return Stage.TYPO
        if stage is Stage.ANY or len(self._clauses) == 1 or (stage is Stage.TYPO and found):
            return None
        return Stage.ANY

    def _resolve(self, clause: Clause) -> _Resolved:
        stems = tuple(self._analyzers.stem.term(word) for word in clause.words)
        frequency = min(map(self._frequency, stems))
        synonyms = [tuple(map(self._analyzers.stem.term, synonym)) for synonym in clause.synonyms]
        if frequency > self._common:
            synonyms = []
        known = tuple(phrase for phrase in synonyms if all(map(self._frequency, phrase)))
        return _Resolved(clause, stems, known, frequency)

    def _all(self, *, tolerant: bool = False) -> list[Part]:
        return [(Occur.Must, self._match(clause, tolerant=tolerant)) for clause in self._clauses]

    def _any(self) -> Iterator[Part]:
        rarest = min(clause.frequency for clause in self._clauses)
        rare = [c for c in self._clauses if c.frequency <= max(self._common, rarest)]
        yield Occur.Must, _any_of([self._match(clause) for clause in rare])
        for clause in self._clauses:
            if clause not in rare:
                yield Occur.Should, self._match(clause)

    def _match(self, resolved: _Resolved, *, tolerant: bool = False) -> Query:
        """Return what a product must hold for a clause: its words, or a synonym of them."""
        words = zip(resolved.clause.words, resolved.stems, strict=True)
        ways = [_all_of([self._word(word, stem, tolerant=tolerant) for word, stem in words])]
        for synonym in resolved.synonyms:
            words_of_it = _all_of([self._term(stem) for stem in synonym])
            ways.append(Query.boost_query(words_of_it, SYNONYM_WEIGHT))
        return _any_of(ways)

    def _word(self, word: str, stem: str, *, tolerant: bool) -> Query:
        term = self._term(stem)
        known = self._frequency(stem) > 0
        typos = _unknown_typos(word) if not known else int(tolerant and self._is_rare(word, stem))
        if not typos:
            return term
        near = Query.fuzzy_term_query(self._fields, "words", self._analyzers.word.term(word), typos)
        either = Query.const_score_query(near, TYPO_SCORE)
        return _any_of([term, either]) if known else either

    def _is_rare(self, word: str, stem: str) -> bool:
        """Tell whether a word that products have may yet be a typo of another."""
        return len(word) >= SHORTEST_TYPO and 0 < self._frequency(stem) <= self._rare

    def _may_be_typo(self) -> bool:
        return any(
            self._is_rare(word, stem)
            for resolved in self._clauses
            for word, stem in zip(resolved.clause.words, resolved.stems, strict=True)
        )

    def _side_by_side(self) -> Iterator[Part]:
        """Yield what lifts a product whose name has the first two words side by side.

        Further pairs were measured, and told nothing more.
        """
        pair = [stem for resolved in self._clauses for stem in resolved.stems][:2]
        if len(pair) > 1 and all(0 < self._frequency(stem) <= self._common for stem in pair):
            phrase = Query.phrase_query(self._fields, "name", list[str | tuple[int, str]](pair))
            yield Occur.Should, Query.boost_query(phrase, PHRASE_WEIGHT)

    def _term(self, stem: str) -> Query:
        return Query.term_query(self._fields, "text", stem, "freq")


def _unknown_typos(word: str) -> int:
    """Return how many letters may be wrong of a word that no product has."""
    if len(word) < SHORTEST_UNKNOWN_TYPO:
        return 0
    return 2 if len(word) >= SHORTEST_TWO_TYPOS else 1


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


def _all_of(queries: Sequence[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, query) for query in queries])
