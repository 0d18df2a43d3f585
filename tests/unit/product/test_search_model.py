"""Filters, bands and facets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.errors import InvalidInput
from kibble.services.product.model.search import (
    MAX_ATTRIBUTES,
    MAX_VALUES,
    POPULARITY_BANDS,
    PRICE_BANDS,
    Band,
    Count,
    Filters,
    attribute_facets,
    attribute_text,
    completes,
    lift,
    typed,
)


class TestFilters:
    @pytest.mark.parametrize(
        ("low", "high"), [(None, None), (0, 0), (5, 5), (1, 2), (7, None), (None, 0)]
    )
    def test_take_a_range_of_prices(self, low: int | None, high: int | None) -> None:
        Filters(price_min=low, price_max=high)

    @pytest.mark.parametrize(
        ("low", "high", "pointers"),
        [
            (2, 1, ["/priceMin"]),
            (1, 0, ["/priceMin"]),
            (-1, None, ["/priceMin"]),
            (None, -1, ["/priceMax"]),
            (-1, -2, ["/priceMin", "/priceMax"]),
        ],
    )
    def test_refuse_an_impossible_range(
        self, low: int | None, high: int | None, pointers: list[str]
    ) -> None:
        with pytest.raises(InvalidInput) as raised:
            Filters(price_min=low, price_max=high)
        assert [error.pointer for error in raised.value.errors] == pointers


@pytest.mark.parametrize("bands", [PRICE_BANDS, tuple(reversed(POPULARITY_BANDS))])
def test_bands_leave_no_gap(bands: Sequence[Band]) -> None:
    assert bands[0].low == 0
    assert bands[-1].high is None
    assert all(one.high == other.low for one, other in pairwise(bands))


def test_tells_nothing_typed_from_no_word_typed() -> None:
    assert typed(None) is None
    assert typed("  \t ") is None
    assert typed("!!!") == ()
    assert typed("dog") == ("dog",)


@pytest.mark.parametrize(
    ("value", "text"),
    [("Duck", "Duck"), (True, "true"), (False, "false"), (12, "12"), (12.0, "12"), (1.5, "1.5")],
)
def test_writes_attribute_values_as_they_are_typed(*, value: str | float | bool, text: str) -> None:
    assert attribute_text(value) == text


class TestAttributeFacets:
    def test_groups_values_under_the_attribute_of_most_products_first(self) -> None:
        pairs = [
            ("size", Count("S", 5)),
            ("flavour", Count("Duck", 4)),
            ("flavour", Count("Lamb", 3)),
        ]
        facets = attribute_facets(pairs, 10)
        assert list(facets) == ["flavour", "size"]
        assert facets["flavour"] == (Count("Duck", 4), Count("Lamb", 3))

    def test_leaves_out_an_attribute_that_differs_with_each_product(self) -> None:
        ingredients = [("ingredients", Count(f"Recipe {n}", 1)) for n in range(6)]
        flavours = [("flavour", Count(f"Flavour {n}", 2)) for n in range(6)]
        sizes = [("size", Count(f"Size {n}", 1)) for n in range(5)]
        kept = attribute_facets(flavours + ingredients + sizes, 12)
        assert set(kept) == {"flavour", "size"}

    def test_leaves_out_an_attribute_that_few_products_have(self) -> None:
        pairs = [("colour", Count("red", 5)), ("size", Count("S", 1))]
        assert set(attribute_facets(pairs, 10)) == {"colour"}

    def test_keeps_the_first_of_many(self) -> None:
        facets = attribute_facets(
            ((f"a{n}", Count(f"v{m}", 100 - n)) for n in range(50) for m in range(50)), 100
        )
        assert list(facets) == [f"a{n}" for n in range(MAX_ATTRIBUTES)]
        assert {len(counts) for counts in facets.values()} == {MAX_VALUES}


@pytest.mark.parametrize(
    ("words", "label", "fits"),
    [
        (("dog",), "Dog Food", True),
        (("foo", "d"), "Dog Food", True),
        (("fod",), "Dog Food", True),
        (("cat",), "Dog Food", False),
        (("dog", "cat"), "Dog Food", False),
        (("pur",), "Natural PURINA", True),
    ],
)
def test_tells_whether_words_lead_to_a_label(
    *, words: Sequence[str], label: str, fits: bool
) -> None:
    assert completes(words, label) is fits


@given(in_stock=st.booleans(), popularity=st.integers(0, 10**9), rating=st.floats(0, 5))
def test_lifts_a_score_by_less_than_a_second_word_would(
    *, in_stock: bool, popularity: int, rating: float
) -> None:
    factor = lift(in_stock=in_stock, popularity=popularity, rating=rating)
    assert 1.0 <= factor < 1.6


def test_lifts_stock_over_any_popularity_and_popularity_over_none() -> None:
    best_out_of_stock = lift(in_stock=False, popularity=10_000, rating=5.0)
    assert lift(in_stock=True, popularity=0, rating=0.0) > best_out_of_stock
    popular = lift(in_stock=True, popularity=10, rating=0.0)
    assert popular > lift(in_stock=True, popularity=0, rating=0.0)
