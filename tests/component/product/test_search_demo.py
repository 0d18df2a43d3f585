"""Queries that shoppers type, and what the demo shop must show them among the first five."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from kibble.services.product.adapters.tantivy import TantivySearchIndex
from kibble.services.product.model.query_text import words_of
from kibble.services.product.repository.search import Entry, FeedBatch
from tests.fixtures.demo_search import GRADED, PRODUCTS, entries, synonyms
from tests.fixtures.search import at_once, number_of, query

FIRST = 5

COMPLETED = {
    "pup": "Puppy Food",
    "litt": "Cat Litter",
    "barow": "Barrow & Oat",
    "fish fo": "Fish Food",
    "cat toy": "Cat Toys",
    "reptil": "Reptile Food",
}
"""What was typed so far, and a category or brand that is offered then."""


@pytest.fixture(scope="module")
def index() -> TantivySearchIndex:
    made = TantivySearchIndex(None, synonyms(), at_once)
    asyncio.run(_fill(made, entries()))
    return made


async def _fill(index: TantivySearchIndex, entries: Sequence[Entry]) -> None:
    await index.add(FeedBatch(1, entries))
    await index.refresh()


@pytest.mark.parametrize("text", GRADED)
async def test_shows_the_right_kind_of_product_first(index: TantivySearchIndex, text: str) -> None:
    least, categories = GRADED[text]
    page = await index.find(query(text, limit=FIRST))
    shown = [PRODUCTS[number_of(one)] for one in page.items]
    fitting = [product.name for product in shown if product.category in categories]
    assert len(fitting) >= least, [(product.name, product.category) for product in shown]


@pytest.mark.parametrize("text", COMPLETED)
async def test_offers_the_right_category_or_brand(index: TantivySearchIndex, text: str) -> None:
    offered = [one.text for one in await index.suggest(words_of(text), 10)]
    assert COMPLETED[text] in offered


async def test_offers_facets_that_shoppers_choose_by(index: TantivySearchIndex) -> None:
    facets = await index.facets(query("dog food"))
    assert {"species", "lifeStage", "flavour", "breedSize"} <= facets.attributes.keys()
    assert not {"ingredients", "feedingGuide", "weightGrams"} & facets.attributes.keys()
