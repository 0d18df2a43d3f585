"""Which products answer a query's words, and in which groups; the engine's queries are made by it.

Weights and groups were chosen on judged queries: see docs/decisions/0006-search-on-tantivy.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, Protocol, TypeVar

from kibble.services.product.model.query_text import Clause

Q = TypeVar("Q")

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


class Stage(IntEnum):
    """The groups of a result, best first; each leaves out what the ones before it found.

    Products that hold all words; when those are few, ones that do give or take a typo in each rare
    word; and when there are none of these, ones that hold any word.
    """

    ALL = 0
    TYPO = 1
    ANY = 2


class Dialect(Protocol[Q]):
    """An engine's words and queries, against one state of its index."""

    @property
    def products(self) -> int:
        """How many products there are."""
        ...

    def stem(self, word: str) -> str:
        """Return the term that the texts hold for a word."""
        ...

    def frequency(self, stem: str) -> int:
        """Return how many products hold a term."""
        ...

    def term(self, stem: str) -> Q:
        """Return what finds and scores the products that hold a term."""
        ...

    def near(self, word: str, typos: int) -> Q:
        """Return what finds a word give or take ``typos`` letters, with ``TYPO_SCORE``."""
        ...

    def side_by_side(self, stems: Sequence[str]) -> Q:
        """Return what finds and scores the products whose name has terms side by side."""
        ...

    def all_of(self, queries: Sequence[Q]) -> Q:
        """Return what finds the products of all of ``queries`` and adds up their scores."""
        ...

    def any_of(self, queries: Sequence[Q]) -> Q:
        """Return what finds the products of any of ``queries`` and adds up their scores."""
        ...

    def boosted(self, query: Q, weight: float) -> Q:
        """Return ``query`` with its scores multiplied."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted(Generic[Q]):
    """What a product must match, what lifts it, and what leaves it out."""

    must: tuple[Q, ...] = ()
    should: tuple[Q, ...] = ()
    never: tuple[Q, ...] = ()


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A clause in terms of the index; ``frequency`` is of the products with its rarest word.

    ``synonyms`` are only those that the index has, and none for a common word.
    """

    clause: Clause
    stems: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    frequency: int


class Matcher(Generic[Q]):
    """The words of one query against one state of the index."""

    def __init__(self, clauses: Sequence[Clause], dialect: Dialect[Q]) -> None:
        self._dialect = dialect
        self._frequencies: dict[str, int] = {}
        self._common = max(COMMON_PRODUCTS, dialect.products * COMMON_SHARE)
        self._rare = max(RARE_PRODUCTS, dialect.products * RARE_SHARE)
        self._clauses = [self._resolve(clause) for clause in clauses]

    def ranked(self, stage: Stage) -> Wanted[Q]:
        """Return what finds and scores the products of a stage."""
        if stage is Stage.ALL:
            return Wanted(self._all(), tuple(self._side_by_side()))
        found = self.matching(stage)
        return Wanted(found.must, found.should, (self._dialect.all_of(self._all()),))

    def matching(self, stage: Stage) -> Wanted[Q]:
        """Return what finds the products of a stage when those before it are empty."""
        return self._any() if stage is Stage.ANY else Wanted(self._all(stage is Stage.TYPO))

    def following(self, stage: Stage, found: int) -> Stage | None:
        """Return the stage to go on with after the ``found`` products of ``stage``."""
        if stage is Stage.ALL and found < FEW and self._may_be_typo():
            return Stage.TYPO
        if stage is Stage.ANY or len(self._clauses) == 1 or (stage is Stage.TYPO and found):
            return None
        return Stage.ANY

    def _resolve(self, clause: Clause) -> _Resolved:
        stems = tuple(self._dialect.stem(word) for word in clause.words)
        frequency = min(map(self._frequency, stems))
        synonyms = [tuple(map(self._dialect.stem, synonym)) for synonym in clause.synonyms]
        if frequency > self._common:
            synonyms = []
        known = tuple(phrase for phrase in synonyms if all(map(self._frequency, phrase)))
        return _Resolved(clause, stems, known, frequency)

    def _all(self, tolerant: bool = False) -> tuple[Q, ...]:  # noqa: FBT001, FBT002 - of a private method
        return tuple(self._match(clause, tolerant=tolerant) for clause in self._clauses)

    def _any(self) -> Wanted[Q]:
        rarest = min(clause.frequency for clause in self._clauses)
        limit = max(self._common, rarest)
        rare = [self._match(clause) for clause in self._clauses if clause.frequency <= limit]
        common = [self._match(clause) for clause in self._clauses if clause.frequency > limit]
        return Wanted((self._any_of(rare),), tuple(common))

    def _match(self, resolved: _Resolved, *, tolerant: bool = False) -> Q:
        """Return what a product must hold for a clause: its words, or a synonym of them."""
        words = zip(resolved.clause.words, resolved.stems, strict=True)
        ways = [self._all_of([self._word(word, stem, tolerant=tolerant) for word, stem in words])]
        for synonym in resolved.synonyms:
            words_of_it = self._all_of([self._dialect.term(stem) for stem in synonym])
            ways.append(self._dialect.boosted(words_of_it, SYNONYM_WEIGHT))
        return self._any_of(ways)

    def _word(self, word: str, stem: str, *, tolerant: bool) -> Q:
        term = self._dialect.term(stem)
        known = self._frequency(stem) > 0
        typos = _unknown_typos(word) if not known else int(tolerant and self._is_rare(word, stem))
        if not typos:
            return term
        either = self._dialect.near(word, typos)
        return self._any_of([term, either]) if known else either

    def _is_rare(self, word: str, stem: str) -> bool:
        """Tell whether a word that products have may yet be a typo of another."""
        return len(word) >= SHORTEST_TYPO and 0 < self._frequency(stem) <= self._rare

    def _may_be_typo(self) -> bool:
        return any(
            self._is_rare(word, stem)
            for resolved in self._clauses
            for word, stem in zip(resolved.clause.words, resolved.stems, strict=True)
        )

    def _side_by_side(self) -> Iterator[Q]:
        """Yield what lifts a product whose name has the first two words side by side.

        Further pairs were measured, and told nothing more.
        """
        pair = [stem for resolved in self._clauses for stem in resolved.stems][:2]
        if len(pair) > 1 and all(0 < self._frequency(stem) <= self._common for stem in pair):
            yield self._dialect.boosted(self._dialect.side_by_side(pair), PHRASE_WEIGHT)

    def _frequency(self, stem: str) -> int:
        if (known := self._frequencies.get(stem)) is None:
            known = self._frequencies[stem] = self._dialect.frequency(stem)
        return known

    def _any_of(self, queries: Sequence[Q]) -> Q:
        return queries[0] if len(queries) == 1 else self._dialect.any_of(queries)

    def _all_of(self, queries: Sequence[Q]) -> Q:
        return queries[0] if len(queries) == 1 else self._dialect.all_of(queries)


def _unknown_typos(word: str) -> int:
    """Return how many letters may be wrong of a word that no product has."""
    if len(word) < SHORTEST_UNKNOWN_TYPO:
        return 0
    return 2 if len(word) >= SHORTEST_TWO_TYPOS else 1
