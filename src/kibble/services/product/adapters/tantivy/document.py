"""A product as a document of the index."""

from __future__ import annotations

from tantivy import Document, Schema

from kibble.services.product.adapters.search.document import (
    brand,
    facet_labels,
    filter_labels,
    name_key,
    number,
    score_factor,
    sort_keys,
    texts,
)
from kibble.services.product.adapters.tantivy.labels import Labels
from kibble.services.product.repository.search import Entry


def document(entry: Entry, mark: int, fields: Schema, labels: Labels) -> Document:
    """Return ``entry`` as a document; its facets' labels get numbers in ``labels``."""
    # A typed document: with keywords, an int would be a signed one and break the writer.
    values = {**_texts(entry), **_columns(entry), **_facets(entry, labels), "fingerprint": mark}
    return Document.from_dict(values, fields)  # pyright: ignore[reportUnknownMemberType]  # the engine's stub says dict and no more


def _texts(entry: Entry) -> dict[str, object]:
    found = texts(entry)
    return {
        "id": entry.id,
        "name": entry.name,
        "text": found.text,
        "words": found.words,
        "name_words": found.name_words,
        "category": list(entry.categories),
        "brand": [one] if (one := brand(entry)) else [],
        "tag": list(entry.tags),
        "attribute": filter_labels(entry),
    }


def _facets(entry: Entry, labels: Labels) -> dict[str, object]:
    return {
        "category_label": [labels.number(name) for name in entry.categories],
        "brand_label": [labels.number(one)] if (one := brand(entry)) else [],
        "attribute_label": [labels.number(label) for label in dict.fromkeys(facet_labels(entry))],
    }


def _columns(entry: Entry) -> dict[str, object]:
    id_number = number(entry)
    return {
        **sort_keys(entry),
        "name_key": name_key(entry),
        "id_high": id_number >> 64,
        "id_low": id_number & ((1 << 64) - 1),
        "price": entry.price,
        "popularity": max(entry.popularity, 0),
        "in_stock": entry.in_stock,
        "on_sale": entry.on_sale,
        # The engine multiplies a score by log2(2 + weight).
        "weight": 2 ** score_factor(entry) - 2,
    }
