"""A product as a document of the index."""

from __future__ import annotations

from kibble.kernel.errors import Unavailable
from kibble.services.product.adapters.search.document import (
    brand,
    facet_labels,
    filter_labels,
    fingerprint,
    name_key,
    score_factor,
    sort_keys,
    texts,
)
from kibble.services.product.model.query_text import MAX_WORD, tokens
from kibble.services.product.repository.search import Entry


def document(entry: Entry) -> dict[str, object]:
    """Return ``entry`` as a document; raises ``Unavailable`` for one that no index can hold."""
    if entry.price < 0:
        raise Unavailable(f"Product {entry.id} has a price below 0.")
    found = texts(entry)
    words, name_words = _words(found.words), _words(found.name_words)
    return {
        "id": entry.id,
        "name": entry.name,
        "fingerprint": mark(entry),
        "text": _words(found.text),
        "phrase": name_words,
        "words": words,
        "name_words": name_words,
        "beginnings": words,
        "name_beginnings": name_words,
        "category": list(entry.categories),
        "brand": [one] if (one := brand(entry)) else [],
        "tag": list(entry.tags),
        "attribute": filter_labels(entry),
        "attribute_label": list(dict.fromkeys(facet_labels(entry))),
        "in_stock": entry.in_stock,
        "on_sale": entry.on_sale,
        "price": entry.price,
        "popularity": max(entry.popularity, 0),
        **sort_keys(entry),
        "name_key": name_key(entry),
        "factor": score_factor(entry),
    }


def mark(entry: Entry) -> str:
    """Return a product's fingerprint as the index keeps it; raises as ``document``."""
    try:
        return f"{fingerprint(entry):016x}"
    except UnicodeEncodeError as error:
        raise Unavailable(f"Product {entry.id} has text that is none: {error}") from error


def _words(text: str) -> str:
    return " ".join(word for word in tokens(text) if len(word) <= MAX_WORD)
