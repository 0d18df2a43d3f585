"""The fields of the index, and how their text is cut into terms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tantivy import (
    Filter,
    Index,
    Schema,
    SchemaBuilder,
    TextAnalyzer,
    TextAnalyzerBuilder,
    Tokenizer,
)

from kibble.services.product.adapters.search.place import SORT_FIELDS
from kibble.services.product.model.query_text import MAX_WORD

FORMAT = 2
"""Counts the changes of fields and of what is in them; an index of another format is made anew."""

MAX_TERMS = 10_000
"""Words whose terms are remembered: to ask the engine takes longer than to find a query's ids."""

FILTERS = ("category", "brand", "tag", "attribute")
"""Whole labels to filter by."""

STATES = ("in_stock", "on_sale")
"""Yes or no, to filter by."""

FACETS = ("category_label", "brand_label", "attribute_label")
"""Columns of label numbers to count."""

_KEYS = sorted({*SORT_FIELDS.values()} - {"name_key"})
_NUMBERS = ("id_high", "id_low", "fingerprint", "price", "popularity", *_KEYS, *FACETS)


def schema() -> Schema:
    """Return the fields. Keys and numbers are columns (fast fields); texts are inverted lists."""
    builder = SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("name", stored=True, tokenizer_name="stem")
    builder.add_text_field("text", tokenizer_name="stem", index_option="freq")
    for name in ("words", "name_words"):
        builder.add_text_field(name, tokenizer_name="word", index_option="basic")
    for name in FILTERS:
        builder.add_text_field(name, tokenizer_name="label", index_option="basic")
    builder.add_text_field("name_key", fast=True, tokenizer_name="raw", index_option="basic")
    for name in _NUMBERS:
        builder.add_unsigned_field(name, fast=True)
    for name in STATES:
        builder.add_boolean_field(name, indexed=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


class Analyzer:
    """One way in which text becomes terms; those of words that come often are remembered."""

    def __init__(self, engine: TextAnalyzer) -> None:
        self.engine = engine
        self.term = lru_cache(MAX_TERMS)(self._term)

    def _term(self, word: str) -> str:
        """Return the one term of a word; of an exotic one, that has none or several, the word."""
        terms = self.engine.analyze(word)
        return terms[0] if len(terms) == 1 else word


@dataclass(frozen=True, slots=True)
class Analyzers:
    """How text becomes terms: stemmed words, plain words, and whole labels; all without accents."""

    stem: Analyzer
    word: Analyzer
    label: Analyzer

    @classmethod
    def make(cls) -> Analyzers:
        """Return the analyzers of this format."""
        words = [Filter.remove_long(MAX_WORD + 1), Filter.lowercase(), Filter.ascii_fold()]
        return cls(
            _analyzer(Tokenizer.simple(), [*words, Filter.stemmer("english")]),
            _analyzer(Tokenizer.simple(), words),
            _analyzer(Tokenizer.raw(), [Filter.lowercase(), Filter.ascii_fold()]),
        )

    def register(self, index: Index) -> None:
        """Tell an index what the names in its schema mean; it does not keep that itself."""
        index.register_tokenizer("stem", self.stem.engine)
        index.register_tokenizer("word", self.word.engine)
        index.register_tokenizer("label", self.label.engine)


def _analyzer(tokenizer: Tokenizer, filters: list[Filter]) -> Analyzer:
    builder = TextAnalyzerBuilder(tokenizer)
    for step in filters:
        builder = builder.filter(step)
    return Analyzer(builder.build())
