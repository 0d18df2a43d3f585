"""Counts of what was found."""

from __future__ import annotations

from kibble.services.product.model.search import Count, Facets
from kibble.services.product.repository.search import SearchIndex
from tests.fixtures.search import entry, fill, found, query

DOG_FOOD = ("Dog", "Dog Food")
CAT = ("Cat",)
FOODS = (
    entry(1, "Duck kibble", price=999, categories=DOG_FOOD, popularity=100,
          attributes={"brand": "Acme", "flavour": "Duck", "grainFree": True, "weightGrams": 900}),
    entry(2, "Lamb kibble", price=2500, categories=DOG_FOOD,
          attributes={"brand": "Bark", "flavour": "Lamb", "grainFree": False}),
    entry(3, "Duck kibble for cats", price=4999, categories=CAT, popularity=9,
          attributes={"brand": "Acme", "flavour": "Duck", "guide": "Feed twice a day. " * 9}),
)  # fmt: skip


def counted(facets: Facets) -> dict[str, dict[str, int]]:
    """Return the counts of all facets by name and value."""
    return {
        "categories": {one.value: one.count for one in facets.categories},
        "brands": {one.value: one.count for one in facets.brands},
        "prices": {one.band.name: one.count for one in facets.prices},
        "popularity": {one.band.name: one.count for one in facets.popularity},
        **{name: {c.value: c.count for c in counts} for name, counts in facets.attributes.items()},
    }


async def test_counts_what_was_found(index: SearchIndex) -> None:
    await fill(index, *FOODS, entry(4, "Catnip mouse"))
    assert counted(await index.facets(query("kibble"))) == {
        "categories": {"Dog": 2, "Dog Food": 2, "Cat": 1},
        "brands": {"Acme": 2, "Bark": 1},
        "prices": {"under 10": 1, "25 to 50": 2},
        "popularity": {"bestseller": 1, "known": 1, "new": 1},
        "flavour": {"Duck": 2, "Lamb": 1},
        "grainFree": {"true": 1, "false": 1},
    }


async def test_counts_everything_when_nothing_was_typed(index: SearchIndex) -> None:
    await fill(index, *FOODS)
    counts = counted(await index.facets(query()))
    assert counts["popularity"] == {"bestseller": 1, "known": 1, "new": 1}


async def test_lets_a_facet_ignore_the_filter_on_itself(index: SearchIndex) -> None:
    await fill(index, *FOODS)
    by_brand = counted(await index.facets(query("kibble", brands=("Bark",))))
    assert by_brand["brands"] == {"Acme": 2, "Bark": 1}
    assert by_brand["categories"] == {"Dog": 1, "Dog Food": 1}
    by_category = counted(await index.facets(query("kibble", category="Cat")))
    assert by_category["categories"] == {"Dog": 2, "Dog Food": 2, "Cat": 1}
    assert by_category["brands"] == {"Acme": 1}
    by_price = counted(await index.facets(query("kibble", price_max=1000)))
    assert by_price["prices"] == {"under 10": 1, "25 to 50": 2}
    assert by_price["brands"] == {"Acme": 1}
    duck = (("flavour", ("Duck",)),)
    by_flavour = counted(await index.facets(query("kibble", attributes=duck)))
    assert by_flavour["flavour"] == {"Duck": 2, "Lamb": 1}
    assert by_flavour["grainFree"] == {"true": 1}


async def test_counts_only_what_holds_all_words(index: SearchIndex) -> None:
    await fill(index, *FOODS)
    counts = counted(await index.facets(query("lamb kibble")))
    assert counts["brands"] == {"Bark": 1}


async def test_is_empty_when_nothing_was_found(index: SearchIndex) -> None:
    await fill(index, *FOODS)
    assert counted(await index.facets(query("xyzzy"))) == {
        "categories": {},
        "brands": {},
        "prices": {},
        "popularity": {},
    }


async def test_follows_changes(index: SearchIndex) -> None:
    await fill(index, *FOODS)
    await fill(index, entry(2, "Lamb kibble", attributes={"brand": "New Brand"}))
    counts = counted(await index.facets(query("kibble")))
    assert counts["brands"] == {"Acme": 2, "New Brand": 1}


async def test_keeps_names_and_values_apart_whatever_they_hold(index: SearchIndex) -> None:
    await fill(index, entry(1, "Toy", attributes={"a=b": "c=d", "a": "b=c=d"}))
    facets = await index.facets(query())
    assert facets.attributes == {"a=b": (Count("c=d", 1),), "a": (Count("b=c=d", 1),)}
    assert await found(index, query(attributes=(("a=b", ("c=d",)),))) == [1]
    assert await found(index, query(attributes=(("a=b=c", ("d",)),))) == []
