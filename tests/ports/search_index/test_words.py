"""What words find, and which products come first."""

from __future__ import annotations

import pytest

from kibble.services.product.model.search import Facets
from kibble.services.product.repository.search import SearchIndex
from tests.fixtures.search import entry, fill, found, query

CAT = ("Cat",)


async def test_finds_any_form_of_a_word(index: SearchIndex) -> None:
    await fill(index, entry(1, "Chewing toys for puppies"))
    assert await found(index, query("chew toy puppy")) == [1]


async def test_ignores_case_and_accents(index: SearchIndex) -> None:
    await fill(index, entry(1, "Pâté de Canard"))
    assert await found(index, query("PATE canard")) == [1]
    assert await found(index, query("pâté")) == [1]


async def test_puts_products_with_all_words_before_those_with_one(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Salmon oil", popularity=10_000),
        entry(2, "Something with salmon for dogs", description="A treat."),
        entry(3, "Treats"),
    )
    numbers = await found(index, query("salmon treats"))
    assert numbers[0] == 2
    assert sorted(numbers) == [1, 2, 3]


async def test_counts_the_name_more_than_the_description(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Chicken dinner", description="Goes well with a bowl of salmon."),
        entry(2, "Salmon dinner", description="Goes well with a bowl of chicken."),
    )
    assert await found(index, query("salmon")) == [2, 1]


async def test_finds_category_brand_tags_and_attributes(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Crunchy bits", categories=("Small Pet", "Hamster Food")),
        entry(2, "Crunchy bits", attributes={"brand": "Whisker & Co"}),
        entry(3, "Crunchy bits", tags=("grain free",)),
        entry(4, "Crunchy bits", attributes={"flavour": "Venison"}),
        entry(5, "Crunchy bits", choices=(("flavour", "Rabbit"),)),
    )
    for words, number in (
        ("hamster", 1),
        ("whisker", 2),
        ("grain", 3),
        ("venison", 4),
        ("rabbit", 5),
    ):
        assert await found(index, query(words)) == [number]


async def test_prefers_what_is_in_stock_between_equal_matches(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Rope toy", in_stock=False, popularity=500),
        entry(2, "Rope toy"),
    )
    assert await found(index, query("rope toy")) == [2, 1]


async def test_prefers_the_popular_between_equal_matches(index: SearchIndex) -> None:
    await fill(index, entry(1, "Rope toy"), entry(2, "Rope toy", popularity=500))
    assert await found(index, query("rope toy")) == [2, 1]


async def test_lets_no_popularity_beat_a_better_match(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Litter scoop", popularity=100_000, rating=5.0),
        entry(2, "Scoop", description="For the litter box and for dry food alike.", rating=5.0),
        entry(3, "Food scoop"),
    )
    assert (await found(index, query("food scoop")))[0] == 3


async def test_forgives_a_typo_in_a_word_that_no_product_has(
    index: SearchIndex, subtests: pytest.Subtests
) -> None:
    await fill(index, entry(1, "Salmon kibble"), entry(2, "Turkey kibble"))
    for text in ("slamon", "salmn", "saalmon", "salnon", "SALMOM"):
        with subtests.test(text=text):
            assert await found(index, query(text)) == [1]


async def test_forgives_a_typo_that_is_a_word_when_few_products_hold_all(
    index: SearchIndex,
) -> None:
    await fill(
        index,
        entry(1, "Cat litter", categories=CAT),
        entry(2, "Water bottle, 1 liter", categories=("Bird",)),
    )
    assert (await found(index, query("cat liter")))[0] == 1


async def test_does_not_blur_short_words(index: SearchIndex) -> None:
    await fill(index, entry(1, "Cat bed"), entry(2, "Car seat"))
    assert await found(index, query("cat")) == [1]


async def test_knows_the_words_of_the_trade(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Litter for cats", categories=CAT),
        entry(2, "Dry food with duck"),
        entry(3, "Nylon lead"),
    )
    assert (await found(index, query("kitty litter")))[0] == 1
    assert await found(index, query("kibble")) == [2]
    assert await found(index, query("leashes")) == [3]


async def test_reads_measures_in_any_spelling(index: SearchIndex) -> None:
    await fill(index, entry(1, "Duck kibble, 5 lb"), entry(2, "Duck kibble, 12oz"))
    assert (await found(index, query("duck 5lbs")))[0] == 1
    assert (await found(index, query("duck 12 ounces")))[0] == 2


HOSTILE = (
    "salmon AND NOT kibble",
    '"salmon kibble"~2',
    "name:salmon^4",
    "salmon* OR *:*",
    "(salmon",
    "salmon' OR 1=1; DROP TABLE products; --",
    "{{salmon}} <script>",
    "salmon\x00\x1b[31m\u202e",
    "🐟 salmon 🐟",
    "\\salmon\\",
    "[a TO salmon]",
)


async def test_takes_hostile_text_for_text(index: SearchIndex, subtests: pytest.Subtests) -> None:
    await fill(index, entry(1, "Salmon kibble"), entry(2, "Catnip mouse"))
    for text in HOSTILE:
        with subtests.test(text=text):
            numbers = await found(index, query(text))
            assert numbers[:1] == [1]
            assert 2 not in numbers


async def test_finds_nothing_for_a_text_without_a_word(
    index: SearchIndex, subtests: pytest.Subtests
) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    for text in ("🐶🐱", "!!! ---", '"', "\x00\x01", "()", "::::"):
        with subtests.test(text=text):
            assert await found(index, query(text)) == []
            assert await index.facets(query(text)) == Facets()


async def test_reads_a_very_long_text(index: SearchIndex) -> None:
    await fill(index, entry(1, "Salmon kibble"))
    assert await found(index, query("salmon " * 2_000)) == [1]
    assert await found(index, query("x" * 10_000)) == []


async def test_finds_words_of_any_script(index: SearchIndex) -> None:
    await fill(index, entry(1, "Корм для кошек"), entry(2, "猫砂"))
    assert await found(index, query("корм")) == [1]
    assert await found(index, query("猫砂")) == [2]
