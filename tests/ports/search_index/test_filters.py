"""What products are narrowed down to."""

from __future__ import annotations

import pytest

from kibble.services.product.model.search import Sort
from kibble.services.product.repository.search import SearchIndex
from tests.fixtures.search import entry, fill, found, query

DOG = ("Dog",)
DOG_FOOD = ("Dog", "Dog Food")
CAT = ("Cat",)


async def test_finds_a_category_with_all_below_it(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "Puppy kibble", categories=(*DOG_FOOD, "Puppy")),
        entry(2, "Dog bed", categories=DOG),
        entry(3, "Cat bed", categories=CAT),
    )
    assert sorted(await found(index, query(category="Dog"))) == [1, 2]
    assert await found(index, query(category="dog food")) == [1]
    assert await found(index, query(category="Dragon")) == []


async def test_keeps_to_a_price_range_with_its_ends(index: SearchIndex) -> None:
    prices = (0, 999, 1000, 2000, 9_999_999_999)
    await fill(index, *(entry(n, "Toy", price=p) for n, p in enumerate(prices)))
    in_range = query("toy", price_min=999, price_max=2000, sort=Sort.PRICE)
    assert await found(index, in_range) == [1, 2, 3]
    assert await found(index, query(price_min=2001)) == [4]
    assert await found(index, query(price_max=0)) == [0]


async def test_takes_any_of_several_brands_tags_and_values(index: SearchIndex) -> None:
    await fill(
        index,
        entry(1, "A", attributes={"brand": "Acme", "flavour": "Duck"}, tags=("new",)),
        entry(2, "B", attributes={"brand": "Bark", "flavour": "Lamb"}, tags=("sale",)),
        entry(3, "C", attributes={"brand": "Acme", "flavour": "Beef"}, tags=("sale",)),
    )
    assert sorted(await found(index, query(brands=("ACME",)))) == [1, 3]
    assert sorted(await found(index, query(brands=("acme", "bark")))) == [1, 2, 3]
    assert sorted(await found(index, query(tags=("Sale",)))) == [2, 3]
    some = (("flavour", ("duck", "Lamb")),)
    assert sorted(await found(index, query(attributes=some))) == [1, 2]
    assert await found(index, query(brands=("acme",), attributes=some)) == [1]


async def test_filters_by_what_a_configurable_product_comes_in(index: SearchIndex) -> None:
    sizes = (("size", "S"), ("size", "XL"))
    await fill(index, entry(1, "Dog coat", choices=sizes), entry(2, "Dog hat"))
    assert await found(index, query(attributes=(("size", ("xl",)),))) == [1]


async def test_filters_by_numbers_and_yes_or_no(index: SearchIndex) -> None:
    facts = {"weightGrams": 500.0, "grainFree": True}
    await fill(index, entry(1, "A", attributes=facts), entry(2, "B"))
    assert await found(index, query(attributes=(("weightGrams", ("500",)),))) == [1]
    assert await found(index, query(attributes=(("grainFree", ("true",)),))) == [1]
    assert await found(index, query(attributes=(("grainFree", ("false",)),))) == []


async def test_keeps_to_what_is_in_stock_or_not(index: SearchIndex) -> None:
    await fill(index, entry(1, "A"), entry(2, "B", in_stock=False))
    assert await found(index, query(in_stock=True)) == [1]
    assert await found(index, query(in_stock=False)) == [2]


async def test_keeps_to_what_is_on_sale_or_not(index: SearchIndex) -> None:
    await fill(index, entry(1, "A"), entry(2, "B", on_sale=True))
    assert await found(index, query(on_sale=True)) == [2]
    assert await found(index, query("a", on_sale=False)) == [1]
    await fill(index, entry(2, "B"))
    assert await found(index, query(on_sale=True)) == []


HOSTILE = ('a" OR "b', "*", "x=y", "", "\x00", "🐶", "a" * 70_000)


async def test_compares_hostile_values_as_text(
    index: SearchIndex, subtests: pytest.Subtests
) -> None:
    await fill(index, entry(1, "A", attributes={"brand": "Acme", "flavour": "Duck"}))
    for value in HOSTILE:
        with subtests.test(value=value[:10]):
            for filters in (
                {"category": value},
                {"brands": (value,)},
                {"tags": (value,)},
                {"attributes": ((value, (value,)),)},
            ):
                assert await found(index, query(**filters)) == []
