"""Queries that shoppers type, and what the demo shop must show them among the first five."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources

import pytest

from kibble.runtime.demo.catalogue import load_categories, load_products
from kibble.services.product import adapters
from kibble.services.product.adapters.tantivy import TantivySearchIndex
from kibble.services.product.model.query_text import Synonyms, words_of
from kibble.services.product.repository.search import Entry, FeedBatch
from tests.fixtures.doubles import START
from tests.fixtures.search import at_once, number_of, product_id, query

FIRST = 5

GRADED: Mapping[str, tuple[int, Sequence[str]]] = {
    "dry dog food": (5, ["Dry Dog Food"]),
    "puppy food chicken": (3, ["Puppy Food"]),
    "grain free dog food": (5, ["Dry Dog Food", "Wet Dog Food", "Puppy Food"]),
    "large breed puppy kibble": (1, ["Puppy Food"]),
    "wet cat food salmon": (4, ["Wet Cat Food"]),
    "kitten food": (4, ["Kitten Food"]),
    "cat litter": (5, ["Cat Litter"]),
    "kitty litter": (4, ["Cat Litter"]),
    "cat liter": (4, ["Cat Litter"]),
    "litter box": (4, ["Litter Boxes & Scoops"]),
    "cat tree": (4, ["Cat Trees & Scratchers"]),
    "scratching post": (3, ["Cat Trees & Scratchers"]),
    "dog leash": (4, ["Collars & Leashes"]),
    "dog lead": (4, ["Collars & Leashes"]),
    "no pull harness": (2, ["Harnesses & Outerwear"]),
    "dog bed large": (4, ["Dog Beds"]),
    "crate for large dog": (2, ["Dog Crates & Carriers"]),
    "poop bags": (2, ["Training & Cleanup"]),
    "flea and tick dog": (4, ["Flea & Tick"]),
    "dewormer": (4, ["Dewormers"]),
    "dog shampoo": (4, ["Dog Grooming"]),
    "dental chews": (3, ["Dog Chews"]),
    "squeaky toy": (3, ["Dog Toys"]),
    "fish tank": (3, ["Aquariums"]),
    "fish flakes": (2, ["Fish Food"]),
    "parakeet seed": (3, ["Bird Food", "Bird Treats"]),
    "budgie food": (2, ["Bird Food"]),
    "bird cage": (5, ["Bird Cages"]),
    "hamster wheel": (2, ["Small Pet Toys & Hideouts"]),
    "guinea pig hay": (3, ["Hay"]),
    "bunny hay": (2, ["Hay"]),
    "rabbit pellets": (3, ["Small Pet Food"]),
    "turtle food": (3, ["Reptile Food"]),
    "bearded dragon food": (2, ["Reptile Food"]),
    "hypoallergenic dog food": (3, ["Wet Dog Food", "Dry Dog Food", "Veterinary Diets"]),
    "prescription diet kidney": (4, ["Veterinary Diets"]),
    "pee pads": (2, ["Training & Cleanup"]),
    "kibble": (4, ["Dry Dog Food", "Dry Cat Food", "Puppy Food", "Kitten Food"]),
    "pupy fod": (3, ["Puppy Food"]),
    "aquarum": (3, ["Aquariums"]),
    "water fountain": (3, ["Cat Bowls & Fountains", "Dog Bowls & Feeders"]),
    "salmon oil": (1, ["Dog Food Toppers"]),
}
"""What was typed, and how many of the first five at least are in one of these categories."""

COMPLETED = {
    "pup": "Puppy Food",
    "litt": "Cat Litter",
    "barow": "Barrow & Oat",
    "fish fo": "Fish Food",
    "cat toy": "Cat Toys",
    "reptil": "Reptile Food",
}
"""What was typed so far, and a category or brand that is offered then."""

PRODUCTS = load_products()


@cache
def paths() -> Mapping[str, tuple[str, ...]]:
    """Return the names from the root down to each category; parents come first in the file."""
    found: dict[str, tuple[str, ...]] = {}
    for category in load_categories():
        above = found[category.parent] if category.parent else ()
        found[category.name] = (*above, category.name)
    return found


@pytest.fixture(scope="module")
def index() -> TantivySearchIndex:
    synonyms = resources.files(adapters).joinpath("synonyms.txt").read_text("utf-8")
    made = TantivySearchIndex(None, Synonyms.parse(synonyms), at_once)
    entries = [
        Entry(
            product_id(number),
            product.name,
            int(product.price * Decimal(100)),
            paths()[product.category],
            START,
            product.description,
            tuple(product.tags),
            product.attributes,
            in_stock=sum(product.stock.values()) > 0,
        )
        for number, product in enumerate(PRODUCTS)
    ]
    made.add(FeedBatch(1, entries))
    return made


@pytest.fixture(autouse=True)
async def committed(index: TantivySearchIndex) -> None:
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
