"""Both engines find and rank alike on what shoppers type, whichever profile a shop runs."""

from __future__ import annotations

import pytest

from kibble.services.product.adapters.tantivy import TantivySearchIndex
from kibble.services.product.model.query_text import words_of
from kibble.services.product.repository.search import FeedBatch, SearchIndex
from tests.fixtures.demo_search import GRADED, entries, synonyms
from tests.fixtures.elasticsearch import Cluster
from tests.fixtures.search import at_once, found, query

pytestmark = pytest.mark.engine

TOP = 10

LEAST_SHARED = 0.9
"""The share of the first ten products that both show, of each query. Measured: 1.0 for each of the
42, and in the same order; one product of ten is for releases of two engines to come apart."""

LEAST_FIRST = 0.9
"""The share of queries with the same first product. Measured: 1.0."""


@pytest.fixture
async def engines(cluster: Cluster) -> tuple[SearchIndex, SearchIndex]:
    embedded = TantivySearchIndex(None, synonyms(), at_once)
    shared = cluster.index(synonyms())
    for index in (embedded, shared):
        await index.add(FeedBatch(1, entries()))
        await index.refresh()
    return embedded, shared


async def test_both_engines_show_the_same(engines: tuple[SearchIndex, SearchIndex]) -> None:
    shared: dict[str, float] = {}
    first: list[bool] = []
    for text in GRADED:
        one, other = [await found(index, query(text, limit=TOP)) for index in engines]
        shared[text] = len({*one} & {*other}) / max(len(one), len(other), 1)
        first.append(one[:1] == other[:1])
    assert {text: share for text, share in shared.items() if share < LEAST_SHARED} == {}
    assert sum(first) / len(first) >= LEAST_FIRST


async def test_both_engines_count_the_same(engines: tuple[SearchIndex, SearchIndex]) -> None:
    for text in (None, *GRADED):
        one, other = [await index.facets(query(text)) for index in engines]
        assert {(c.value, c.count) for c in one.brands} == {
            (c.value, c.count) for c in other.brands
        }
        assert one.prices == other.prices
        assert one.popularity == other.popularity
        assert one.attributes.keys() == other.attributes.keys()


async def test_both_engines_count_the_same_of_what_is_on_sale(
    engines: tuple[SearchIndex, SearchIndex],
) -> None:
    for text in (None, "dog", "bed"):
        one, other = [await index.facets(query(text, on_sale=True)) for index in engines]
        assert {(c.value, c.count) for c in one.categories} == {
            (c.value, c.count) for c in other.categories
        }
        assert one.prices == other.prices
        assert sum(band.count for band in one.popularity) > 0
        assert one.popularity == other.popularity
        assert one.attributes.keys() == other.attributes.keys()


@pytest.mark.parametrize("text", ["pup", "litt", "fish fo", "cat toy", "barow", "reptil"])
async def test_both_engines_complete_alike(
    engines: tuple[SearchIndex, SearchIndex], text: str
) -> None:
    one, other = [
        {(offer.kind, offer.text) for offer in await index.suggest(words_of(text), TOP)}
        for index in engines
    ]
    assert len(one & other) >= LEAST_SHARED * max(len(one), len(other))
