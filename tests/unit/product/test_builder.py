"""The ProductBuilder: simple products, configurable products with price rules, bundles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.money import Money
from kibble.services.product.model.builder import ProductBuilder
from kibble.services.product.model.fields import Fields
from kibble.services.product.model.plan import MAX_VARIANTS
from kibble.services.product.model.pricing import BundlePricing
from kibble.services.product.model.product import CategoryRef, Kind, Product
from tests.fixtures.doubles import START, FakeClock, fake_ids

FOOD = CategoryRef(CategoryId("food"), "Dog Food")
IDS = fake_ids(FakeClock())


def builder(**fields: object) -> ProductBuilder:
    """A builder of a harness for 20.00; only what matters to a test is spelled out."""
    start = ProductBuilder(IDS, START).in_category(FOOD)
    return start.described_by(Fields(name="Harness", price=Money(20_00))).described_by(
        fields  # type: ignore[arg-type]  # a test may say what is wrong
    )


def simple(price: int = 10_00) -> Product:
    return builder(price=Money(price)).build().product


def pointers(build: ProductBuilder) -> set[str]:
    with pytest.raises(InvalidInput) as caught:
        build.build()
    return {error.pointer for error in caught.value.errors}


class TestSimpleProduct:
    def test_is_what_the_steps_said(self) -> None:
        product = (
            builder(sku="H-1", tags=("walk",), attributes={"weightGrams": 250}).build().product
        )
        assert product.kind is Kind.SIMPLE
        assert (product.sku, product.name, product.category) == ("H-1", "Harness", FOOD)
        assert product.weight_grams == 250

    def test_gets_a_sku_of_its_own_when_it_has_none(self) -> None:
        assert simple().sku != simple().sku

    def test_needs_a_name_a_price_and_a_category(self) -> None:
        assert pointers(ProductBuilder(IDS, START)) == {"/name", "/price", "/category"}

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"name": "  "}, "/name"),
            ({"name": "a\x00b"}, "/name"),
            ({"name": "\ud800"}, "/name"),
            ({"name": "x" * 201}, "/name"),
            ({"description": "x" * 10_001}, "/description"),
            ({"price": Money(10_000_000_000)}, "/price"),
            ({"tags": ("ok", "")}, "/tags/1"),
            ({"attributes": {"a/b": "\x01"}}, "/attributes/a~1b"),
            ({"attributes": {"weight": float("inf")}}, "/attributes/weight"),
            ({"images": ("javascript:alert(1)",)}, "/images/0"),
            ({"sku": "x" * 65}, "/sku"),
        ],
    )
    def test_refuses_what_is_no_good_text(self, fields: dict[str, object], pointer: str) -> None:
        assert pointers(builder(**fields)) == {pointer}


class TestConfigurableProduct:
    def test_makes_a_variant_of_every_combination(self) -> None:
        built = (
            builder(sku="H").option("Size", "S", "L").option("Colour", "Red", "Sky Blue").build()
        )
        assert built.product.kind is Kind.CONFIGURABLE
        assert [variant.sku for variant in built.variants] == [
            "H-S-RED",
            "H-S-SKYBLUE",
            "H-L-RED",
            "H-L-SKYBLUE",
        ]
        first = built.variants[0]
        assert (first.kind, first.parent_id) == (Kind.VARIANT, built.product.id)
        assert first.name == "Harness, S, Red"
        assert first.attributes == {"Size": "S", "Colour": "Red"}

    def test_adds_every_surcharge_that_holds(self) -> None:
        built = (
            builder()
            .option("Size", "S", "L")
            .option("Colour", "Red", "Gold")
            .surcharge(Money(3_00), Size="L")
            .surcharge(Money(1_50), Colour="Gold")
            .build()
        )
        assert [variant.price.minor for variant in built.variants] == [2000, 2150, 2300, 2450]

    def test_lets_the_most_specific_price_win_over_surcharges(self) -> None:
        built = (
            builder()
            .option("Size", "S", "L")
            .option("Colour", "Red", "Gold")
            .surcharge(Money(3_00), Size="L")
            .price_of(Money(30_00), Size="L", Colour="Gold")
            .price_of(Money(25_00), Colour="Gold")
            .build()
        )
        assert [variant.price.minor for variant in built.variants] == [2000, 2500, 2300, 3000]

    def test_may_set_a_price_of_nothing(self) -> None:
        built = builder().option("Size", "S", "L").price_of(Money(0), Size="S").build()
        assert [variant.price.minor for variant in built.variants] == [0, 2000]

    def test_leaves_out_what_is_excluded_and_takes_given_skus(self) -> None:
        built = (
            builder(sku="H")
            .option("Size", "S", "L")
            .option("Colour", "Red", "Gold")
            .without({"Size": "S", "Colour": "Gold"})
            .variant_sku({"Size": "L", "Colour": "Red"}, "SPECIAL")
            .build()
        )
        assert [variant.sku for variant in built.variants] == ["H-S-RED", "SPECIAL", "H-L-GOLD"]

    @pytest.mark.parametrize(
        ("build", "wrong"),
        [
            (builder().option("Size"), {"/options/0/values"}),
            (builder().option("Size", "S", "S"), {"/options/0/values/1"}),
            (builder().option("Size", "S").option("Size", "L"), {"/options/1/name"}),
            (builder().option("Size", *map(str, range(50))).option("B", *"abcdef"), {"/options"}),
            (
                builder().option("Size", "S").surcharge(Money(1), Size="XL"),
                {"/priceRules/0/when/Size"},
            ),
            (builder().option("Size", "S").surcharge(Money(1)), {"/priceRules/0/when"}),
            (
                builder().option("Size", "S").surcharge(Money(9_999_999_999), Size="S"),
                {"/priceRules"},
            ),
            (builder().option("Size", "S").without({"Size": "S"}), {"/exclude"}),
            (builder().option("Size", "1.5 kg", "15 kg"), {"/variants"}),
            (
                builder().option("Size", "S").option("C", "x").variant_sku({"Size": "S"}, "A"),
                {"/variants/0/options"},
            ),
        ],
    )
    def test_says_what_is_wrong_where(self, build: ProductBuilder, wrong: set[str]) -> None:
        assert pointers(build) == wrong

    @given(
        counts=st.lists(st.integers(1, 6), min_size=1, max_size=3),
        base=st.integers(0, 50_00),
        surcharge=st.integers(0, 9_00),
    )
    def test_variants_are_distinct_and_cost_base_plus_surcharge(
        self, counts: list[int], base: int, surcharge: int
    ) -> None:
        build = builder(price=Money(base))
        for option, count in enumerate(counts):
            build.option(f"O{option}", *(f"v{value}" for value in range(count)))
        variants = build.surcharge(Money(surcharge), O0="v0").build().variants
        assert len({variant.sku for variant in variants}) == len(variants) <= MAX_VARIANTS
        for variant in variants:
            extra = surcharge if variant.attributes["O0"] == "v0" else 0
            assert variant.price == Money(base + extra)


class TestBundle:
    def test_costs_the_sum_of_its_components(self) -> None:
        bowl, food = simple(5_00), simple(12_50)
        bundle = builder().component(bowl.id, 1, bowl).component(food.id, 2, food).build().product
        assert bundle.kind is Kind.BUNDLE
        assert bundle.price == Money(30_00)
        assert [(part.product_id, part.quantity) for part in bundle.components] == [
            (bowl.id, 1),
            (food.id, 2),
        ]

    @pytest.mark.parametrize(
        ("pricing", "price"),
        [
            (BundlePricing(percent_off=1_000), 18_00),
            (BundlePricing(amount_off=Money(50)), 19_50),
            (BundlePricing(amount_off=Money(99_00)), 0),
            (BundlePricing(fixed=Money(17_77)), 17_77),
        ],
    )
    def test_follows_its_pricing(self, pricing: BundlePricing, price: int) -> None:
        food = simple(10_00)
        bundle = builder().component(food.id, 2, food).priced(pricing).build().product
        assert bundle.price == Money(price)

    def test_needs_no_price_of_its_own(self) -> None:
        food = simple()
        build = ProductBuilder(IDS, START).in_category(FOOD).described_by(Fields(name="Set"))
        assert build.component(food.id, 1, food).build().product.price == food.price

    def test_refuses_unknown_repeated_and_nested_components(self) -> None:
        food = simple()
        nested = builder().component(food.id, 1, food).build().product
        harness = builder().option("Size", "S").build().product
        own = ProductId(IDS.new())
        build = ProductBuilder(IDS, START, own).in_category(FOOD).described_by(Fields(name="Set"))
        build.component(ProductId("?"), 1, None).component(food.id, 1, food)
        build.component(food.id, 1, food).component(nested.id, 1, nested)
        build.component(harness.id, 0, harness).component(own, 1, None)
        assert pointers(build) == {
            "/components/0/productId",
            "/components/2/productId",
            "/components/3/productId",
            "/components/4/productId",
            "/components/4/quantity",
            "/components/5/productId",
        }

    def test_refuses_two_kinds_of_pricing_and_a_price_beyond_all_limits(self) -> None:
        dear = simple(99_999_999_99)
        two = BundlePricing(percent_off=1, amount_off=Money(1))
        assert pointers(builder().component(dear.id, 1, dear).priced(two)) == {"/price"}
        assert pointers(builder().component(dear.id, 2, dear)) == {"/components"}

    def test_has_no_options(self) -> None:
        food = simple()
        assert pointers(builder().option("Size", "S").component(food.id, 1, food)) == {
            "/components"
        }
