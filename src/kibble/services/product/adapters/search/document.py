"""A product as every engine keeps it: its texts, its labels, and the keys that it is sorted by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from kibble.services.product.model.query_text import fold
from kibble.services.product.model.search import attribute_text, lift
from kibble.services.product.repository.search import Entry

NAME_TIMES = 4
"""How often a product's name stands in its text. One field in which what matters stands more often
ranked as well on judged queries as weighted fields, for a third of the work."""

KIND_TIMES = 2
"""How often category and brand stand there."""

MAX_LABEL = 64
"""Letters of the longest attribute value that can be filtered by; a longer one is prose."""

STEP_BITS = 6
"""Bits of a popularity that its fingerprint tells: from 64 on, it is indexed anew every 3 %."""

TIE_BITS = 20
"""Low bits of a sort key, from the id; what is above them are milliseconds at most (44 bits)."""

_SEPARATOR = "\x1f"
"""A control character: neither an attribute's name nor its value may hold one."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What words find: ``text`` by stem, the others by how a word begins or a typo."""

    text: str
    words: str
    name_words: str


def texts(entry: Entry) -> Texts:
    """Return the folded texts of a product."""
    kind = f"{' '.join(entry.categories)} {brand(entry)} "
    values = " ".join(value for _, value in attribute_values(entry))
    prose = " ".join((entry.description, *entry.tags, values))
    return Texts(
        fold(f"{entry.name} " * NAME_TIMES + kind * KIND_TIMES + prose),
        fold(f"{entry.name} {kind}{' '.join(entry.tags)}"),
        fold(entry.name),
    )


def brand(entry: Entry) -> str:
    """Return a product's brand, or nothing."""
    return attribute_text(entry.attributes.get("brand", ""))


def attribute_values(entry: Entry) -> list[tuple[str, str]]:
    """Return all attributes of a product, and what it comes in, as they are typed in a filter."""
    values = [(name, attribute_text(value)) for name, value in entry.attributes.items()]
    return [*values, *entry.choices]


def filter_labels(entry: Entry) -> list[str]:
    """Return the labels that the filters by attribute look for."""
    values = attribute_values(entry)
    return [attribute_label(name, value) for name, value in values if len(value) <= MAX_LABEL]


def facet_labels(entry: Entry) -> Iterator[str]:
    """Yield what a shopper can choose from: short texts and yes or no, but no measures."""
    for name, value in (*entry.attributes.items(), *entry.choices):
        text = attribute_text(value)
        if name != "brand" and isinstance(value, str | bool) and 0 < len(text) <= MAX_LABEL:
            yield attribute_label(name, text)


def attribute_label(name: str, value: str) -> str:
    """Return the label of an attribute's value."""
    return f"{name}{_SEPARATOR}{value}"


def split_label(label: str) -> tuple[str, str]:
    """Return the name and the value in what ``attribute_label`` made."""
    name, _, value = label.partition(_SEPARATOR)
    return name, value


def fingerprint(entry: Entry) -> int:
    """Return a number that differs, as good as always, when a search could tell the difference."""
    steps = entry.popularity >> max(entry.popularity.bit_length() - STEP_BITS, 0)
    told = replace(entry, popularity=entry.popularity.bit_length() << STEP_BITS | steps)
    return int.from_bytes(blake2b(repr(told).encode(), digest_size=8).digest(), "big")


def sort_keys(entry: Entry) -> dict[str, int]:
    """Return the columns that results are sorted by; what is equal is told apart by the id."""
    tie = _tie(entry)
    values = {
        "featured_key": round(_lift(entry) * 1_000_000),
        "price_key": entry.price,
        "newest_key": int(entry.created_at.timestamp() * 1_000),
        "popularity_key": entry.popularity,
        "rating_key": round(entry.rating * 100),
    }
    return {name: max(value, 0) << TIE_BITS | tie for name, value in values.items()}


def name_key(entry: Entry) -> str:
    """Return the column that names are sorted by.

    The key has only letters that an engine's query syntax takes as they are. A dot joins words
    and a dash ends them, which sorts first: a name stands before longer ones that begin with it.
    """
    folded = fold(entry.name)[:80]
    words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
    return f"k{'.'.join(words)}-{entry.id}"


def score_factor(entry: Entry) -> float:
    """Return what a product's score is multiplied by. The tie makes equal scores rare."""
    return _lift(entry) + _tie(entry) / (1 << TIE_BITS) / 256


def number(entry: Entry) -> int:
    """Return a product's id as a number of 128 bits."""
    return int(entry.id.replace("-", ""), 16)


def _lift(entry: Entry) -> float:
    return lift(in_stock=entry.in_stock, popularity=entry.popularity, rating=entry.rating)


def _tie(entry: Entry) -> int:
    """Return ``TIE_BITS`` bits of the id that differ also for ids that follow each other.

    Multiplicative hashing with the golden ratio: Knuth, TAOCP 3, section 6.4.
    """
    return (number(entry) * 0x9E3779B97F4A7C15 & ((1 << 64) - 1)) >> (64 - TIE_BITS)
