"""The demo shop's data: whole, consistent, and fit to be read by a shopper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from itertools import product as combinations

import msgspec
import pytest

from kibble.kernel.money import Money, to_minor
from kibble.runtime.demo.catalogue import (
    Attributes,
    DemoBundle,
    DemoConfigurable,
    DemoProduct,
    load_bundles,
    load_categories,
    load_configurables,
    load_products,
    load_promotions,
    load_reviews,
    load_sales,
    load_warehouses,
)
from kibble.services.product.adapters.feeds.mapping import RowReader
from kibble.services.product.model.fields import Fields, check
from kibble.services.product.model.imports import FeedRow
from kibble.services.product.model.pricing import PriceRule, variant_price

PRODUCTS = load_products()
CATEGORIES = load_categories()
CONFIGURABLES = load_configurables()
BUNDLES = load_bundles()
ITEMS: list[DemoProduct | DemoConfigurable | DemoBundle] = [*PRODUCTS, *CONFIGURABLES, *BUNDLES]
CODES = {warehouse.code for warehouse in load_warehouses()}

SPECIES = {"dog", "cat", "fish", "bird", "small pet", "reptile"}
STAGES = {"puppy", "kitten", "juvenile", "adult", "senior", "all life stages"}
EVERY_PRODUCT = {"brand", "species", "lifeStage", "packSize", "weightGrams"}
DEPARTMENTS = {"Dog", "Cat", "Fish", "Bird", "Small Pet", "Reptile", "Pharmacy"}
FOOD = re.compile(r"\b(Food|Treats|Chews|Diets|Toppers|Hay)\b|Dewormers")
REAL_BRANDS = """
    Acana; Advantix; API; Aqueon; Blue Buffalo; Bravecto; Chewy; Cosequin; Dasuquin; Eukanuba;
    Exo Terra; Fancy Feast; Fluval; Fluker's; Fresh Step; Friskies; Frisco; Frontline;
    Furminator; Greenies; Heartgard; Hikari; Hill's; Iams; Kaytee; Kong; KONG; Marineland; Meow
    Mix; Merrick; Milk-Bone; NexGard; North Face; Nutro; Nylabone; Orijen; Outward Hound; Oxbow;
    Pedigree; Petco; Petmate; PetSafe; PetSmart; Purina; Repashy; Royal Canin; Ruffwear;
    Seachem; Seresto; Sheba; Simparica; Taste of the Wild; Tetra; TetraMin; Tidy Cats; Virbac;
    Whiskas; Yeowww; Zesty Paws; Zignature; Zilla; Zoo Med; ZuPreem; Zuke's
"""
REAL_BRAND = re.compile(
    rf"\b(?:{'|'.join(re.escape(' '.join(name.split())) for name in REAL_BRANDS.split(';'))})\b"
)


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text that a shopper reads, and where it stands."""
    for item in ITEMS:
        yield item.sku, item.name
        yield item.sku, item.description
        yield from ((item.sku, tag) for tag in item.tags)
        yield from ((item.sku, str(value)) for value in item.attributes.values())
    for category in CATEGORIES:
        yield category.name, category.description
    for review in load_reviews():
        yield from ((review.sku, text) for text in (review.title, review.text, review.name))
    for promotion in load_promotions():
        yield promotion.code, promotion.description


def departments() -> dict[str, str]:
    """Return the top of the tree above each category."""
    tops: dict[str, str] = {}
    for category in CATEGORIES:
        tops[category.name] = tops[category.parent] if category.parent else category.name
    return tops


def all_skus() -> list[str]:
    return [item.sku for item in ITEMS] + [v.sku for c in CONFIGURABLES for v in c.variants]


class TestTheRange:
    def test_is_as_large_as_promised(self) -> None:
        assert 420 <= len(PRODUCTS) <= 480
        assert 8 <= len(CONFIGURABLES) <= 12
        assert 6 <= len(BUNDLES) <= 10
        assert 140 <= len(load_reviews()) <= 170

    def test_has_every_sku_and_name_once(self) -> None:
        assert not [sku for sku, count in Counter(all_skus()).items() if count > 1]
        assert not [name for name, n in Counter(i.name for i in ITEMS).items() if n > 1]

    def test_covers_every_department(self) -> None:
        tops = departments()
        counts = Counter(tops[product.category] for product in PRODUCTS)
        assert set(counts) == DEPARTMENTS
        assert min(counts.values()) >= 30

    def test_comes_from_a_believable_number_of_brands(self) -> None:
        counts = Counter(product.attributes["brand"] for product in PRODUCTS)
        assert 15 <= len(counts) <= 25
        assert min(counts.values()) >= 5

    def test_passes_the_checks_of_the_product_service(self) -> None:
        for item in ITEMS:
            fields = Fields(
                sku=item.sku,
                name=item.name,
                description=item.description,
                category=item.category,
                tags=tuple(item.tags),
                attributes=item.attributes,
            )
            assert check(fields) == []

    def test_reads_as_a_supplier_feed(self) -> None:
        reader = RowReader("USD")
        lines = resources.files("kibble.runtime.demo").joinpath("catalogue.jsonl").read_bytes()
        for number, line in enumerate(lines.splitlines(), 1):
            row = reader.read(number, msgspec.json.decode(line, type=dict[str, object]))
            assert isinstance(row, FeedRow), row
            assert row.fields["price"] == Money(to_minor(PRODUCTS[number - 1].price))
            assert row.stock == PRODUCTS[number - 1].stock
        assert reader.ignored == {"drawing"}


class TestCategories:
    def test_have_unique_names_below_a_parent_that_came_before(self) -> None:
        seen: set[str | None] = {None}
        for category in CATEGORIES:
            assert category.parent in seen
            assert category.name not in seen
            seen.add(category.name)

    def test_are_known_wherever_they_are_used(self) -> None:
        assert {item.category for item in ITEMS} <= {category.name for category in CATEGORIES}

    def test_hold_something_when_they_have_no_children(self) -> None:
        parents = {category.parent for category in CATEGORIES}
        leaves = {category.name for category in CATEGORIES} - parents
        assert leaves == {item.category for item in ITEMS}


class TestPrices:
    def test_are_what_a_shop_would_ask(self) -> None:
        for product in PRODUCTS:
            assert Decimal("4.49") <= product.price <= 500, product.sku
            assert product.price % 1 in {Decimal("0.99"), Decimal("0.49")}, product.sku

    def test_of_variants_follow_from_the_rules(self) -> None:
        for item in CONFIGURABLES:
            rules = [
                PriceRule(rule.when, money(rule.surcharge), money(rule.price))
                for rule in item.price_rules
            ]
            for variant in item.variants:
                asked = variant_price(Money(to_minor(item.price)), rules, variant.options)
                assert asked == money(variant.price), variant.sku


def money(amount: Decimal | None) -> Money | None:
    return None if amount is None else Money(to_minor(amount))


class TestAttributes:
    def test_say_of_every_product_what_it_is(self) -> None:
        for product in PRODUCTS:
            assert product.attributes.keys() >= EVERY_PRODUCT, product.sku
            assert product.attributes["species"] in SPECIES, product.sku
            assert product.attributes["lifeStage"] in STAGES, product.sku

    def test_give_the_weight_of_a_parcel_in_whole_grams(self) -> None:
        for item in ITEMS:
            weight = item.attributes["weightGrams"]
            assert isinstance(weight, int)
            assert 10 <= weight <= 75_000, item.sku

    def test_give_the_size_of_everything_as_it_is_packed(self) -> None:
        packed: list[DemoProduct | DemoConfigurable] = [*PRODUCTS, *CONFIGURABLES]
        for item in packed:
            length, width, height = (
                item.attributes[name] for name in ("lengthMm", "widthMm", "heightMm")
            )
            assert 1_200 >= int(length) >= int(width) >= int(height) >= 15, item.name

    def test_say_what_spoils_and_what_may_not_fly(self) -> None:
        for flag in ("coldChain", "hazardous"):
            flagged = [product for product in PRODUCTS if flag in product.attributes]
            assert len(flagged) >= 3
            assert all(product.attributes[flag] is True for product in flagged)

    def test_of_department_and_species_agree(self) -> None:
        tops = departments()
        for product in PRODUCTS:
            species = str(product.attributes["species"])
            top = tops[product.category]
            assert top == "Pharmacy" or top.lower() == species, product.sku

    def test_of_food_name_flavour_ingredients_and_a_feeding_guide(self) -> None:
        eaten = [p for p in PRODUCTS if "ingredients" in p.attributes]
        assert len(eaten) >= 150
        for product in eaten:
            assert product.attributes.keys() >= {"flavour", "feedingGuide"}, product.sku

    def test_of_everything_sold_as_food_tell_how_much(self) -> None:
        for product in PRODUCTS:
            if FOOD.search(product.category):
                told = product.attributes.keys() & {"feedingGuide", "directions"}
                assert told, product.sku

    def test_of_the_pharmacy_say_whether_a_prescription_is_needed(self) -> None:
        tops = departments()
        for product in PRODUCTS:
            if tops[product.category] != "Pharmacy":
                continue
            asked = product.category in {"Prescription Medication", "Veterinary Diets"}
            assert product.attributes["prescription"] is asked, product.sku

    def test_of_medicine_name_the_active_ingredient(self) -> None:
        for product in PRODUCTS:
            if product.category in {"Dewormers", "Joint, Skin & Wellness Supplements"}:
                assert product.attributes["activeIngredient"], product.sku

    def test_never_put_permethrin_or_xylitol_into_a_product(self) -> None:
        for product in PRODUCTS:
            inside = f"{product.attributes.get('ingredients')} "
            inside += f"{product.attributes.get('activeIngredient')}"
            assert not re.search(r"permethrin|xylitol|onion|raisin|grape", inside, re.IGNORECASE)

    def test_of_food_list_its_allergens(self) -> None:
        for product in PRODUCTS:
            inside = str(product.attributes.get("ingredients", "")).lower()
            named = str(product.attributes.get("allergens", ""))
            for allergen in ("chicken", "beef", "egg", "wheat", "soy", "peanut"):
                if re.search(rf"\b{allergen}", inside):
                    assert allergen in named, product.sku


class TestStock:
    def test_is_known_of_every_product_in_every_warehouse(self) -> None:
        for product in PRODUCTS:
            assert product.stock.keys() == CODES, product.sku
            assert all(0 <= units <= 500 for units in product.stock.values()), product.sku

    def test_is_known_of_every_variant(self) -> None:
        for item in CONFIGURABLES:
            for variant in item.variants:
                assert variant.stock.keys() == CODES, variant.sku

    def test_runs_low_here_and_there(self) -> None:
        totals = [sum(product.stock.values()) for product in PRODUCTS]
        assert 5 <= totals.count(0) <= 12
        assert 10 <= sum(1 <= total <= 5 for total in totals) <= 25

    def test_suffices_for_some_of_every_bundle(self) -> None:
        stock = {product.sku: sum(product.stock.values()) for product in PRODUCTS}
        for bundle in BUNDLES:
            assert all(stock[part.sku] // part.quantity >= 5 for part in bundle.components)


class TestTexts:
    def test_of_products_are_each_their_own(self) -> None:
        counts = Counter(item.description for item in ITEMS)
        assert not [text for text, count in counts.items() if count > 1]
        openings = Counter(" ".join(item.description.split()[:5]) for item in ITEMS)
        assert max(openings.values()) <= 2

    def test_of_products_have_a_useful_length(self) -> None:
        for item in ITEMS:
            assert 60 <= len(item.description) <= 400, item.sku
            assert 12 <= len(item.name) <= 90, item.sku
            assert 3 <= len(item.tags) <= 6, item.sku

    def test_have_no_hidden_flaws(self) -> None:
        for where, text in texts():
            assert text == text.strip(), where
            assert text.isprintable(), where
            assert not re.search(r"  | [,.;:!?]|\.\.|,,|[‘’“”]", text), (where, text)

    def test_name_no_real_brand(self) -> None:
        assert [(where, text) for where, text in texts() if REAL_BRAND.search(text)] == []

    @pytest.mark.parametrize(
        "text", ["Purina-style", "like Royal Canin", "Hill's diet", "KONG toy"]
    )
    def test_would_be_caught_with_a_real_brand(self, text: str) -> None:
        assert REAL_BRAND.search(text)


class TestOptions:
    def test_make_the_variants_that_are_listed_and_no_other(self) -> None:
        for item in CONFIGURABLES:
            names = [option.name for option in item.options]
            made = [
                dict(zip(names, values, strict=True))
                for values in combinations(*(option.values for option in item.options))
            ]
            kept = [c for c in made if not any(e.items() <= c.items() for e in item.exclude)]
            assert [variant.options for variant in item.variants] == kept, item.sku

    def test_are_all_that_rules_and_exclusions_speak_of(self) -> None:
        for item in CONFIGURABLES:
            values = {option.name: option.values for option in item.options}
            for choices in [*(rule.when for rule in item.price_rules), *item.exclude]:
                assert all(value in values[name] for name, value in choices.items()), item.sku

    def test_do_not_clash_with_a_fixed_attribute(self) -> None:
        for item in CONFIGURABLES:
            assert not item.attributes.keys() & {option.name for option in item.options}


class TestReferences:
    def test_of_bundles_are_products_each_named_once(self) -> None:
        simple = {product.sku for product in PRODUCTS}
        for bundle in BUNDLES:
            parts = [part.sku for part in bundle.components]
            assert set(parts) <= simple, bundle.sku
            assert len(parts) == len(set(parts)) >= 3, bundle.sku
            assert all(part.quantity >= 1 for part in bundle.components)
            assert 5 <= bundle.percent_off <= 25

    def test_of_bundles_add_up_to_their_weight(self) -> None:
        weights = {product.sku: weight_of(product.attributes) for product in PRODUCTS}
        for bundle in BUNDLES:
            whole = sum(weights[part.sku] * part.quantity for part in bundle.components)
            assert weight_of(bundle.attributes) == whole, bundle.sku

    def test_of_promotions_are_products(self) -> None:
        simple = {product.sku for product in PRODUCTS}
        promotions = load_promotions()
        assert len({promotion.code for promotion in promotions}) == len(promotions)
        for promotion in promotions:
            needs = promotion.kind == "buy_x_get_y"
            assert (promotion.buy_sku in simple) is needs, promotion.code
            assert (promotion.get_sku in simple) is needs, promotion.code

    def test_of_sales_are_products_that_cost_more_otherwise(self) -> None:
        prices = {product.sku: product.price for product in PRODUCTS}
        assert load_sales()
        assert all(sale.price < prices[sale.sku] for sale in load_sales())

    def test_of_reviews_are_products_once_a_name(self) -> None:
        reviews = load_reviews()
        assert {review.sku for review in reviews} <= {item.sku for item in ITEMS}
        assert len({(review.sku, review.name) for review in reviews}) == len(reviews)
        assert {review.rating for review in reviews} == {2, 3, 4, 5}


def weight_of(attributes: Attributes) -> int:
    weight = attributes["weightGrams"]
    assert isinstance(weight, int)
    return weight


def test_refuses_a_line_with_an_unknown_field() -> None:
    line = msgspec.json.encode({**msgspec.to_builtins(PRODUCTS[0]), "colour": "red"})
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(line, type=DemoProduct)
