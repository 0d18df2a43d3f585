"""What a shopper typed, as words: folding, stop words, synonyms. Text in, text out; no engine.

Whatever stands in the text is only text: operators, quotes, markup and control characters
separate words and mean nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_TEXT = 1_000
"""Characters of a query that are read; what follows is ignored."""

MAX_WORDS = 12
"""Different words of a query that are searched for; what follows is ignored."""

MAX_WORD = 40
"""Letters of the longest word that is indexed."""

SHORTEST_TYPO = 3
"""Letters of the shortest word in which a typo is looked for while typing."""

STOP_WORDS = frozenset(
    "a an and are as at be but by for if in into is it no not of on or such that the their then "
    "there these they this to was will with".split()
)
"""Lucene's English stop words."""

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"(?<=\w)['\N{RIGHT SINGLE QUOTATION MARK}]s\b")
_UNIT = re.compile(r"(?<=\d)(?=[a-z])")
_MEASURES = {
    measure: unit
    for unit, measures in {
        "lb": "lbs pound pounds",
        "oz": "ounce ounces",
        "kg": "kgs kilo kilos kilogram kilograms",
        "ct": "count counts",
        "pk": "pack packs",
    }.items()
    for measure in measures.split()
}
_MEASURE = re.compile(rf"\b({'|'.join(_MEASURES)})\b")
_SHORTEST_PLURAL = 4
_ES = ("ches", "shes", "sses", "xes")


def fold(text: str) -> str:
    """Return ``text`` in lower case and NFKC form, with measures in one spelling: 5lbs is 5 lb.

    Products and queries are folded alike, so that they meet.
    """
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
    apart = _UNIT.sub(" ", _POSSESSIVE.sub("", folded))
    return _MEASURE.sub(lambda found: _MEASURES[found[0]], apart)


def tokens(text: str) -> list[str]:
    """Return all words of ``text``, folded, in order."""
    return _WORD.findall(fold(text))


def words_of(text: str) -> tuple[str, ...]:
    """Return the different words of ``text`` in order, without stop words unless all are such."""
    found = [word for word in tokens(text[:MAX_TEXT]) if len(word) <= MAX_WORD]
    telling = [word for word in found if word not in STOP_WORDS]
    return tuple(dict.fromkeys(telling or found))[:MAX_WORDS]


def singular(word: str) -> str:
    """Return the likely singular of an English word; right often enough to look up a synonym."""
    if len(word) < _SHORTEST_PLURAL or word.endswith("ss") or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(_ES) else word[:-1]


def begins(word: str, typed: str) -> bool:
    """Tell whether ``word`` begins with what was typed, give or take one typo in a longer text.

    A typo is a letter that is wrong, missing, too many, or swapped with the next.
    """
    if word.startswith(typed):
        return True
    if len(typed) < SHORTEST_TYPO:
        return False
    pairs = enumerate(zip(word, typed, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), len(word))
    rest, tail = word[same:], typed[same:]
    swapped = tail[1::-1] + tail[2:]
    return rest[1:].startswith((tail[1:], tail)) or rest.startswith((tail[1:], swapped))


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that was asked for: all of ``words``, or any of the phrases in ``synonyms``."""

    words: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...] = ()


class Synonyms:
    """The words of the trade that mean the same, from a text that a merchant can edit.

    One rule a line, ``#`` starts a comment. ``leash, lead`` makes each stand for the other;
    ``kitty => cat, kitten`` lets the left side find the right side and not the other way round.
    """

    def __init__(self, rules: Mapping[tuple[str, ...], tuple[tuple[str, ...], ...]]) -> None:
        self._rules = rules
        self._longest: dict[str, int] = {}
        for first, *others in rules:
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(others))

    @classmethod
    def parse(cls, text: str) -> Synonyms:
        """Read the rules; a line without two phrases says nothing and is skipped."""
        rules: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
        for line in text.splitlines():
            left, arrow, right = line.partition("#")[0].partition("=>")
            sources = _phrases(left)
            targets = _phrases(right) if arrow else sources
            for source in sources:
                if not STOP_WORDS.isdisjoint(source):
                    continue  # a query has lost its stop words before it gets here
                others = {target: None for target in targets if target != source}
                rules.setdefault(_key(source), {}).update(others)
        return cls({source: tuple(targets) for source, targets in rules.items() if targets})

    def clauses(self, words: tuple[str, ...]) -> tuple[Clause, ...]:
        """Group ``words`` into clauses; at each word the longest rule that fits wins."""
        clauses: list[Clause] = []
        start = 0
        while start < len(words):
            clause = self._clause_at(words, start)
            clauses.append(clause)
            start += len(clause.words)
        return tuple(clauses)

    def _clause_at(self, words: tuple[str, ...], start: int) -> Clause:
        longest = self._longest.get(singular(words[start]), 0)
        for length in range(min(longest, len(words) - start), 0, -1):
            phrase = words[start : start + length]
            if synonyms := self._rules.get(_key(phrase)):
                return Clause(phrase, synonyms)
        return Clause(words[start : start + 1])


def _phrases(text: str) -> list[tuple[str, ...]]:
    found = (tuple(tokens(phrase)) for phrase in text.split(","))
    return [phrase for phrase in found if phrase]


def _key(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(singular, words))
