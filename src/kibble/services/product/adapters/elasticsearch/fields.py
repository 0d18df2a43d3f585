"""The fields of the index, and how their text is cut into terms.

Texts come folded and cut into words already, as queries do (``model/query_text.py``): the analyzers
only stem, drop accents, and cut off beginnings. So the words are those of the embedded engine.
"""

from __future__ import annotations

from collections.abc import Mapping

from kibble.services.product.adapters.search.place import SORT_FIELDS

FORMAT = 2
"""Counts the changes of fields and of what is in them. It is in the names of indices, so that
processes of two releases keep an index each."""

LONGEST_KEY = 1_000
"""Letters of a label; a longer one is not indexed."""

LONGEST_BEGINNING = 40
"""Letters of a word's beginnings: ``query_text.MAX_WORD``."""

_ACCENTS = ["lowercase", "asciifolding"]
_TEXT = {"type": "text", "analyzer": "stem", "index_options": "freqs"}
_WORD = {"type": "text", "analyzer": "word", "index_options": "docs", "norms": False}
_BEGINNING = {
    "type": "text",
    "analyzer": "beginning",
    "search_analyzer": "word",
    "index_options": "docs",
    "norms": False,
}
_LABEL = {"type": "keyword", "ignore_above": LONGEST_KEY, "normalizer": "label"}
_EXACT = {"type": "keyword", "ignore_above": LONGEST_KEY, "index": False}
_COUNTED = {**_LABEL, "fields": {"label": _EXACT}}
_NUMBER = {"type": "long"}
_FACTOR = {"type": "double", "index": False}

SETTINGS: Mapping[str, object] = {
    "index": {
        "number_of_shards": 1,  # a hundred thousand products are few; scores compare within one
        "auto_expand_replicas": "0-1",
        "refresh_interval": "-1",  # ``refresh`` says when
    },
    "analysis": {
        "filter": {
            "english": {"type": "stemmer", "language": "porter2"},
            "beginnings": {"type": "edge_ngram", "min_gram": 1, "max_gram": LONGEST_BEGINNING},
        },
        "analyzer": {
            "stem": {
                "type": "custom",
                "tokenizer": "whitespace",
                "filter": [*_ACCENTS, "english"],
            },
            "word": {"type": "custom", "tokenizer": "whitespace", "filter": _ACCENTS},
            "beginning": {
                "type": "custom",
                "tokenizer": "whitespace",
                "filter": [*_ACCENTS, "beginnings"],
            },
        },
        "normalizer": {"label": {"type": "custom", "filter": _ACCENTS}},
    },
}

MAPPINGS: Mapping[str, object] = {
    "dynamic": "strict",
    "_source": {"includes": ["name", "fingerprint"]},
    "properties": {
        "id": {"type": "keyword"},
        "name": {"type": "keyword", "index": False, "doc_values": False},
        "fingerprint": {"type": "keyword", "index": False, "doc_values": False},
        "text": _TEXT,
        "phrase": {"type": "text", "analyzer": "stem"},
        "words": _WORD,
        "name_words": _WORD,
        "beginnings": _BEGINNING,
        "name_beginnings": _BEGINNING,
        "category": _COUNTED,
        "brand": _COUNTED,
        "tag": _LABEL,
        "attribute": _LABEL,
        "attribute_label": _EXACT,
        "in_stock": {"type": "boolean"},
        "on_sale": {"type": "boolean"},
        "price": _NUMBER,
        "popularity": _NUMBER,
        **{key: _NUMBER for key in SORT_FIELDS.values() if key != "name_key"},
        "name_key": {"type": "keyword"},
        "factor": _FACTOR,
    },
}
