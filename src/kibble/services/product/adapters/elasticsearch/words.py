"""What the index knows of a query's words: their stems, and in how many products they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kibble.platform.engines.elasticsearch import Elasticsearch
from kibble.services.product.adapters.elasticsearch.queries import Vocabulary
from kibble.services.product.model.query_text import Clause


async def look_up(engine: Elasticsearch, alias: str, clauses: Sequence[Clause]) -> Vocabulary:
    """Ask for all words of ``clauses`` and of their synonyms in one call."""
    phrases = (phrase for clause in clauses for phrase in (clause.words, *clause.synonyms))
    words = list(dict.fromkeys(word for phrase in phrases for word in phrase))
    answer = await engine.call(
        "POST",
        f"/{alias}/_termvectors",
        {
            "doc": {"text": " ".join(words)},
            "fields": ["text"],
            "offsets": False,
            "payloads": False,
            "positions": True,
            "term_statistics": True,
            "field_statistics": True,
        },
    )
    return _vocabulary(words, answer.body.get("term_vectors", {}).get("text"))


def _vocabulary(words: Sequence[str], found: Any) -> Vocabulary:
    if not found:
        return Vocabulary()
    stems: dict[str, str] = {}
    for stem, term in found["terms"].items():
        for token in term["tokens"]:
            place: int = token["position"]
            stems[words[place]] = stem
    frequencies = {stem: term.get("doc_freq", 0) for stem, term in found["terms"].items()}
    return Vocabulary(max(found["field_statistics"]["doc_count"], 0), stems, frequencies)
