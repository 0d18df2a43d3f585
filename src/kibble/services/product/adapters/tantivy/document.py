"""A product as a document of the index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b

from tantivy import Document, Schema

from kibble.services.product.adapters.tantivy.fields import TIE_BITS, attribute_label
from kibble.services.product.adapters.tantivy.labels import Labels
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


def document(entry: Entry, mark: int, fields: Schema, labels: Labels) -> Document:
    """Return ``entry`` as a document; its facets' labels get numbers in ``labels``."""
    # A typed document: with keywords, an int would be a signed one and break the writer.
    values = {**_texts(entry), **_columns(entry), **_facets(entry, labels), "fingerprint": mark}
    return Document.from_dict(values, fields)  # pyright: ignore[reportUnknownMemberType]  # the engine's stub says dict and no more


def fingerprint(entry: Entry) -> int:
    """Return a number that differs, as good as always, when a search could tell the difference."""
    steps = entry.popularity >> max(entry.popularity.bit_length() - STEP_BITS, 0)
    told = replace(entry, popularity=entry.popularity.bit_length() << STEP_BITS | steps)
    return int.from_bytes(blake2b(repr(told).encode(), digest_size=8).digest(), "big")


def _texts(entry: Entry) -> dict[str, object]:
    brand = _brand(entry)
    kind = f"{' '.join(entry.categories)} {brand} "
    values = [(name, attribute_text(value)) for name, value in entry.attributes.items()]
    values += entry.choices
    prose = " ".join((entry.description, *entry.tags, *(value for _, value in values)))
    return {
        "id": entry.id,
        "name": entry.name,
        "text": fold(f"{entry.name} " * NAME_TIMES + kind * KIND_TIMES + prose),
        "words": fold(f"{entry.name} {kind}{' '.join(entry.tags)}"),
        "name_words": fold(entry.name),
        "category": list(entry.categories),
        "brand": [brand] if brand else [],
        "tag": list(entry.tags),
        "attribute": [attribute_label(n, v) for n, v in values if len(v) <= MAX_LABEL],
    }


def _brand(entry: Entry) -> str:
    return attribute_text(entry.attributes.get("brand", ""))


def _facets(entry: Entry, labels: Labels) -> dict[str, object]:
    brand = _brand(entry)
    return {
        "category_label": [labels.number(name) for name in entry.categories],
        "brand_label": [labels.number(brand)] if brand else [],
        "attribute_label": [labels.number(label) for label in dict.fromkeys(_options(entry))],
    }


def _options(entry: Entry) -> Iterator[str]:
    """Yield what a shopper can choose from: short texts and yes or no, but no measures."""
    for name, value in (*entry.attributes.items(), *entry.choices):
        text = attribute_text(value)
        if name != "brand" and isinstance(value, str | bool) and 0 < len(text) <= MAX_LABEL:
            yield attribute_label(name, text)


def _columns(entry: Entry) -> dict[str, object]:
    number = int(entry.id.replace("-", ""), 16)
    tie = _spread(number)
    factor = lift(in_stock=entry.in_stock, popularity=entry.popularity, rating=entry.rating)
    values = {
        "featured_key": round(factor * 1_000_000),
        "price_key": entry.price,
        "newest_key": int(entry.created_at.timestamp() * 1_000),
        "popularity_key": entry.popularity,
        "rating_key": round(entry.rating * 100),
    }
    return {
        **{name: max(value, 0) << TIE_BITS | tie for name, value in values.items()},
        "name_key": f"k{'.'.join(_name_words(entry.name))}-{entry.id}",
        "id_high": number >> 64,
        "id_low": number & ((1 << 64) - 1),
        "price": entry.price,
        "popularity": max(entry.popularity, 0),
        "in_stock": entry.in_stock,
        # The engine multiplies a score by log2(2 + weight). The tie makes equal scores rare.
        "weight": 2 ** (factor + tie / (1 << TIE_BITS) / 256) - 2,
    }


def _spread(number: int) -> int:
    """Return ``TIE_BITS`` bits of a number that differ also for numbers that follow each other.

    Multiplicative hashing with the golden ratio: Knuth, TAOCP 3, section 6.4.
    """
    return (number * 0x9E3779B97F4A7C15 & ((1 << 64) - 1)) >> (64 - TIE_BITS)


def _name_words(name: str) -> list[str]:
    """Return the words of a name for its sort key.

    The key has only letters that the engine's query syntax takes as they are. A dot joins words
    and a dash ends them, which sorts first: a name stands before longer ones that begin with it.
    """
    return "".join(letter if letter.isalnum() else " " for letter in fold(name)[:80]).split()
