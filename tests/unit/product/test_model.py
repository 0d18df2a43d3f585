"""Products, their standing, the category tree and reviews."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CategoryId, CustomerId, ProductId
from kibble.kernel.money import Money
from kibble.services.product.errors import (
    CategoryInUse,
    CategoryNameTaken,
    TooManyImages,
    UnknownCategory,
)
from kibble.services.product.model.builder import Assembly, ProductBuilder
from kibble.services.product.model.category import MAX_DEPTH, Category, CategoryTree, Shelf
from kibble.services.product.model.fields import MAX_IMAGES, Fields
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.pricing import BundlePricing
from kibble.services.product.model.product import CategoryRef, Contents, Product
from kibble.services.product.model.review import Review
from kibble.services.product.model.standing import Standing, StandingChange, Stock
from tests.fixtures.doubles import START, FakeClock, fake_ids

FOOD = CategoryRef(CategoryId("food"), "Dog Food")
IDS = fake_ids(FakeClock())
LATER = START + timedelta(hours=1)


def product(**fields: object) -> Product:
    build = ProductBuilder(IDS, START).in_category(FOOD)
    build.described_by(Fields(name="Kibble", price=Money(10_00)))
    return build.described_by(fields).build().product  # type: ignore[arg-type]  # see test_builder


def harness() -> Assembly:
    build = ProductBuilder(IDS, START).in_category(FOOD)
    build.described_by(Fields(name="Harness", price=Money(10_00), attributes={"brand": "A"}))
    return build.option("Size", "S", "L").surcharge(Money(2_00), Size="L").build()


def bundle_of(*parts: tuple[Product, int], pricing: BundlePricing | None = None) -> Product:
    build = ProductBuilder(IDS, START).in_category(FOOD).described_by(Fields(name="Set"))
    for part, quantity in parts:
        build.component(part.id, quantity, part)
    return build.priced(pricing or BundlePricing()).build().product


def in_stock(of: Product, available: int, version: int = 1) -> Listing:
    return Listing(of, Standing(of.id, available=available, version=version))


class TestRevise:
    def test_changes_only_the_fields_that_are_given(self) -> None:
        changed = product(description="Crunchy", tags=("dog",))
        assert changed.revise(Fields(price=Money(9_00)), None, LATER)
        assert (changed.price, changed.description, changed.tags) == (
            Money(9_00),
            "Crunchy",
            ("dog",),
        )
        assert (changed.created_at, changed.updated_at) == (START, LATER)

    def test_says_so_when_nothing_changed(self) -> None:
        same = product(attributes={"brand": "A"})
        assert not same.revise(Fields(name="Kibble", attributes={"brand": "A"}), FOOD, LATER)
        assert same.updated_at == START

    def test_tells_true_from_one(self) -> None:
        changed = product(attributes={"grainFree": 1})
        assert changed.revise(Fields(attributes={"grainFree": True}), None, LATER)

    def test_fixes_the_price_of_a_bundle(self) -> None:
        food = product()
        bundle = bundle_of((food, 2), pricing=BundlePricing(percent_off=1_000))
        bundle.revise(Fields(price=Money(15_00)), None, LATER)
        assert isinstance(bundle.structure, Contents)
        assert bundle.structure.pricing == BundlePricing(fixed=Money(15_00))
        assert not bundle.reprice({food.id: Money(1_00)}, LATER)

    def test_weighs_half_a_kilogram_unless_told(self) -> None:
        assert product().weight_grams == 500
        assert product(attributes={"weightGrams": 1200.6}).weight_grams == 1201
        assert product(attributes={"weightGrams": "heavy"}).weight_grams == 500


class TestImages:
    def test_a_picture_is_shown_once(self) -> None:
        shown = product()
        assert shown.add_image("/images/a.jpg", LATER)
        assert not shown.add_image("/images/a.jpg", LATER)
        assert shown.images == ("/images/a.jpg",)

    def test_refuses_more_pictures_than_a_page_can_hold(self) -> None:
        full = product(images=tuple(f"{number}.jpg" for number in range(MAX_IMAGES)))
        with pytest.raises(TooManyImages):
            full.add_image("one-more.jpg", LATER)


class TestFollowers:
    def test_a_variant_follows_its_product_and_keeps_what_is_its_own(self) -> None:
        built = harness()
        variant = built.variants[1]
        variant.revise(Fields(attributes={**variant.attributes, "weightGrams": 300}), None, START)
        inherited = dict(built.product.attributes)
        change = Fields(name="Vest", price=Money(20_00), attributes={"brand": "B", "wash": "cold"})
        built.product.revise(change, None, LATER)
        assert variant.follow(built.product, inherited, LATER)
        assert (variant.name, variant.price) == ("Vest, L", Money(22_00))
        assert variant.attributes == {"brand": "B", "wash": "cold", "weightGrams": 300, "Size": "L"}

    def test_a_bundle_follows_its_components_prices(self) -> None:
        food = product()
        bundle = bundle_of((food, 3), pricing=BundlePricing(percent_off=1_000))
        assert bundle.reprice({food.id: Money(20_00)}, LATER)
        assert bundle.price == Money(54_00)
        assert not bundle.reprice({food.id: Money(20_00)}, LATER)


class TestStock:
    def test_a_late_stock_event_changes_nothing(self) -> None:
        standing = Standing(ProductId("p"))
        assert StandingChange(standing.product_id, stock=Stock(5, sequence=2)).apply(standing)
        for sequence in (1, 2):
            late = StandingChange(standing.product_id, stock=Stock(9, sequence))
            assert not late.apply(standing)
        assert (standing.available, standing.version) == (5, 1)

    @given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 9)), min_size=1, max_size=6))
    def test_a_bundle_is_as_available_as_its_scarcest_component(
        self, parts: list[tuple[int, int]]
    ) -> None:
        products = [(product(), available, quantity) for available, quantity in parts]
        bundle = bundle_of(*((each, quantity) for each, _, quantity in products))
        components = {each.id: in_stock(each, available) for each, available, _ in products}
        sold = Listing(bundle, Standing(bundle.id), components=components).available
        assert all(sold * quantity <= available for _, available, quantity in products)
        assert any((sold + 1) * quantity > available for _, available, quantity in products)

    def test_a_configurable_product_has_the_stock_of_its_variants(self) -> None:
        built = harness()
        variants = [in_stock(variant, 3) for variant in built.variants]
        assert Listing(built.product, Standing(built.product.id), variants).available == 6

    def test_the_entity_tag_changes_with_the_stock_of_a_component(self) -> None:
        food = product()
        bundle = bundle_of((food, 1))
        before, after = (
            Listing(bundle, Standing(bundle.id), components={food.id: in_stock(food, 3, version)})
            for version in (1, 2)
        )
        assert before.etag != after.etag
        assert before.etag.split(".")[0] == after.etag.split(".")[0]

    def test_a_bundle_weighs_what_is_in_it(self) -> None:
        food = product(attributes={"weightGrams": 1_000})
        bundle = bundle_of((food, 3))
        listing = Listing(bundle, Standing(bundle.id), components={food.id: in_stock(food, 1)})
        assert listing.weight_grams == 3_000


class TestRating:
    def test_is_the_mean_with_two_decimals(self) -> None:
        standing = Standing(ProductId("p"))
        assert standing.rating == 0
        for rating in (5, 4, 4):
            StandingChange(standing.product_id, rating=rating).apply(standing)
        assert (standing.rating, standing.review_count) == (4.33, 3)

    @pytest.mark.parametrize("rating", [0, 6, -1])
    def test_refuses_a_rating_outside_one_to_five(self, rating: int) -> None:
        review = Review("r", ProductId("p"), CustomerId("c"), rating, "Good", "", START)
        with pytest.raises(InvalidInput):
            review.check()


def tree(*rows: tuple[str, str | None, int]) -> CategoryTree:
    return CategoryTree(
        Shelf(Category(CategoryId(name), name, CategoryId(parent) if parent else None), products)
        for name, parent, products in rows
    )


class TestCategoryTree:
    PETS = tree(("Dog", None, 1), ("Food", "Dog", 2), ("Dry", "Food", 4), ("Cat", None, 8))

    def test_counts_what_stands_below(self) -> None:
        counts = [self.PETS.count(CategoryId(name)) for name in ("Dog", "Food", "Dry", "Cat")]
        assert counts == [7, 6, 4, 8]

    def test_knows_the_way_down_to_a_category(self) -> None:
        assert self.PETS.path(CategoryId("Dry")) == ("Dog", "Food", "Dry")
        assert [category.name for category in self.PETS.children(None)] == ["Cat", "Dog"]

    def test_refuses_a_place_in_itself_or_below(self) -> None:
        dog = self.PETS.get(CategoryId("Dog"))
        for parent in ("Dog", "Food", "Dry"):
            with pytest.raises(InvalidInput) as caught:
                self.PETS.check_place(dog, "Dog", CategoryId(parent))
            assert caught.value.errors[0].pointer == "/parentId"

    def test_refuses_a_name_that_is_taken_but_takes_its_own(self) -> None:
        dog = self.PETS.get(CategoryId("Dog"))
        self.PETS.check_place(dog, "Dog", CategoryId("Cat"))
        with pytest.raises(CategoryNameTaken):
            self.PETS.check_place(dog, "Cat", None)

    def test_refuses_to_grow_deeper_than_anyone_can_read(self) -> None:
        rows = [(str(level), str(level - 1) if level else None, 0) for level in range(MAX_DEPTH)]
        deep = tree(*rows, ("new", None, 0))
        new = deep.get(CategoryId("new"))
        deep.check_place(new, "new", CategoryId(str(MAX_DEPTH - 2)))
        with pytest.raises(InvalidInput):
            deep.check_place(new, "new", CategoryId(str(MAX_DEPTH - 1)))

    def test_is_in_use_while_something_stands_in_it(self) -> None:
        for name in ("Dog", "Food", "Cat"):
            with pytest.raises(CategoryInUse):
                self.PETS.check_empty(CategoryId(name))
        tree(("Dog", None, 0)).check_empty(CategoryId("Dog"))

    def test_does_not_know_every_category(self) -> None:
        with pytest.raises(UnknownCategory):
            self.PETS.get(CategoryId("Fish"))
