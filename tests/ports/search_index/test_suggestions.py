"""Completion while typing."""

from __future__ import annotations

import pytest

from kibble.services.product.model.query_text import words_of
from kibble.services.product.model.search import Suggestion, SuggestionKind
from kibble.services.product.repository.search import SearchIndex
from tests.fixtures.search import entry, fill, product_id

CAT = ("Cat",)


async def suggested(index: SearchIndex, text: str, limit: int = 10) -> list[Suggestion]:
    return list(await index.suggest(words_of(text), limit))


async def test_completes_products_categories_and_brands(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Puppy kibble", categories=("Dog", "Puppy Food")),
        entry(2, "Rope toy", attributes={"brand": "Pupkin"}),
        entry(3, "Catnip mouse", categories=CAT),
    )
    kinds = {(one.kind, one.text) for one in await suggested(index, "pup")}
    assert kinds == {
        (SuggestionKind.PRODUCT, "Puppy kibble"),
        (SuggestionKind.PRODUCT, "Rope toy"),
        (SuggestionKind.CATEGORY, "Puppy Food"),
        (SuggestionKind.BRAND, "Pupkin"),
    }


async def test_leads_to_the_product(index: SearchIndex) -> None:
    await fill(index, entry(5, "Catnip mouse"))
    assert await suggested(index, "catn") == [
        Suggestion(SuggestionKind.PRODUCT, "Catnip mouse", product_id(5))
    ]


async def test_takes_all_words_the_last_unfinished(index: SearchIndex) -> None:
    await fill(index, entry(1, "Dog food"), entry(2, "Dog toy"), entry(3, "Bird food"))
    assert [one.text for one in await suggested(index, "dog fo")] == ["Dog food"]


async def test_forgives_a_typo(index: SearchIndex, subtests: pytest.Subtests) -> None:
    await fill(index, entry(1, "Salmon kibble", categories=CAT), entry(2, "Rope"))
    for text in ("slam", "salnon", "salmoon ki", "samon"):
        with subtests.test(text=text):
            assert [one.text for one in await suggested(index, text)] == ["Salmon kibble"]


async def test_offers_the_popular_first_and_each_name_once(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Rope toy", categories=CAT),
        entry(2, "Rope bone", categories=CAT, popularity=900),
        entry(3, "Rope toy", categories=CAT),
    )
    assert [one.text for one in await suggested(index, "rop")] == ["Rope bone", "Rope toy"]


async def test_completes_nothing_for_a_text_without_words(
    index: SearchIndex, subtests: pytest.Subtests
) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    for text in ("", "   ", "🐶", '"*', "\x00", "a" * 5_000):
        with subtests.test(text=text):
            assert await suggested(index, text) == []


async def test_keeps_to_the_limit(index: SearchIndex) -> None:
    await fill(index, *(entry(n, f"Toy number {n}") for n in range(30)))
    assert len(await suggested(index, "toy", 5)) == 5


async def test_offers_products_by_their_names_first(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Fleece coat", tags=("senior",), popularity=900),
        entry(2, "Senior kibble"),
    )
    names = [one.text for one in await suggested(index, "senio")]
    assert names == ["Senior kibble", "Fleece coat"]
