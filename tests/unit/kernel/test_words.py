"""Words by which staff find things."""

from __future__ import annotations

import pytest

from kibble.kernel.words import distinct, name_parts, terms


@pytest.mark.parametrize("search", ["O'Hara", "o'hara", "ohara", "Scarlett OHara"])
def test_a_name_with_an_apostrophe_is_found_with_and_without_it(search: str) -> None:
    assert set(terms(search)) <= set(distinct(name_parts("Scarlett O'Hara")))


def test_a_name_without_an_apostrophe_has_each_word_once() -> None:
    assert distinct(name_parts("Vivien Leigh")) == ("vivien", "leigh")
