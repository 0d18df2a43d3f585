"""Variants of one configurable product count together, and a family is recommended as one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from kibble.kernel.ids import ProductId
from kibble.services.recommendation import adapters
from tests.component.recommendation.shop import Shop, codes, names

SMALL, LARGE = "Kibble, 3 kg", "Kibble, 12 kg"


@pytest.fixture
async def family(shop: Shop) -> Shop:
    """A shop with kibble in two sizes, the small one bought with treats, both with a bowl."""
    for name in ("Kibble", "Treats", "Bowl"):
        await shop.sell(name)
    for variant in (SMALL, LARGE):
        await shop.sell(variant, of="Kibble")
    for _ in range(3):
        await shop.buy(shop.new_customer(), SMALL, "Treats")
    await shop.buy(shop.new_customer(), SMALL, LARGE, "Bowl")
    await shop.learn()
    return shop


class TestBesideAProduct:
    @pytest.mark.parametrize("shown", ["Kibble", SMALL, LARGE])
    async def test_every_member_of_a_family_gets_what_goes_with_it(
        self, family: Shop, shown: str
    ) -> None:
        suggestions = await family.for_product(shown)
        assert set(names(suggestions)) == {"Treats", "Bowl"}
        assert set(codes(suggestions)) == {"bought_together"}
        assert suggestions[0]["reason"]["text"] == "Bought together with Kibble"

    async def test_shows_the_configurable_product_and_no_variant(self, family: Shop) -> None:
        suggestions = await family.for_product("Treats")
        assert names(suggestions) == ["Kibble", "Bowl"]
        assert suggestions[0]["productId"] == family.products["Kibble"]
        assert codes(suggestions)[0] == "bought_together"

    async def test_fills_up_with_no_member_of_the_family(self, shop: Shop) -> None:
        await shop.sell("Kibble")
        for variant in (SMALL, LARGE):
            await shop.sell(variant, of="Kibble")
        await shop.buy(None, SMALL)
        await shop.learn()
        assert await shop.for_product(LARGE) == []
        assert await shop.for_product("Kibble") == []


class TestForACustomer:
    async def test_a_purchase_of_one_variant_says_what_goes_with_all(self, family: Shop) -> None:
        customer = family.new_customer()
        await family.buy(customer, LARGE)
        suggestions = await family.for_customer(customer)
        assert names(suggestions)[0] == "Treats"
        assert suggestions[0]["reason"]["text"] == "Because you bought Kibble"

    async def test_no_sibling_of_what_was_bought_is_new(self, family: Shop) -> None:
        customer = family.new_customer()
        await family.buy(customer, LARGE)
        assert set(names(await family.for_customer(customer))) == {"Treats", "Bowl"}

    async def test_a_view_of_a_variant_is_one_of_the_family(self, family: Shop) -> None:
        customer = family.new_customer()
        await family.view(customer, LARGE)
        suggestions = await family.for_customer(customer)
        assert names(suggestions)[0] == "Treats"
        assert suggestions[0]["reason"]["text"] == "Because you viewed Kibble"

    async def test_discovers_the_configurable_product(self, family: Shop) -> None:
        customer = family.new_customer()
        await family.buy(customer, "Treats")
        assert names(await family.for_customer(customer)) == ["Kibble", "Bowl"]

    async def test_buys_the_very_variant_again(self, family: Shop) -> None:
        customer = family.new_customer()
        await family.buy(customer, LARGE)
        suggestions = await family.for_customer(customer, "?kind=buy_again")
        assert names(suggestions)[0] == LARGE
        assert suggestions[0]["productId"] == family.products[LARGE]
        assert codes(suggestions)[0] == "buy_again"
        assert set(names(suggestions)[1:]) == {"Treats", "Bowl"}

    async def test_buys_every_variant_that_was_bought_again(self, family: Shop) -> None:
        customer = family.new_customer()
        for variants in ((SMALL, LARGE), (LARGE,)):
            await family.buy(customer, *variants)
        shown = names(await family.for_customer(customer, "?kind=buy_again&limit=2"))
        assert shown == [LARGE, SMALL]


class TestTrending:
    async def test_counts_families(self, shop: Shop) -> None:
        for name in ("Kibble", "Treats"):
            await shop.sell(name)
        for variant in (SMALL, LARGE):
            await shop.sell(variant, of="Kibble")
            await shop.buy(None, variant)
            await shop.buy(None, variant)
        for _ in range(3):
            await shop.buy(None, "Treats")
        await shop.learn()
        assert names(await shop.trending()) == ["Kibble", "Treats"]
        assert set(codes(await shop.trending("?category=Food"))) == {"trending"}

    async def test_a_new_family_is_one_arrival(self, shop: Shop) -> None:
        await shop.sell("Kibble")
        for variant in (SMALL, LARGE):
            await shop.sell(variant, of="Kibble")
        assert names(await shop.trending()) == ["Kibble"]

    async def test_what_was_bought_of_a_withdrawn_variant_counts(self, family: Shop) -> None:
        await family.withdraw(SMALL)
        await family.learn()
        assert names(await family.trending())[0] == "Kibble"
        assert set(names(await family.for_product(LARGE))) == {"Treats", "Bowl"}


class TestAVariantThatIsLearntLate:
    """Until a model is built that knows, and from then on."""

    @pytest.fixture
    async def late(self, shop: Shop) -> Shop:
        """A shop that learnt from a small kibble before it knew of its family."""
        for name in ("Kibble", SMALL, "Treats"):
            await shop.sell(name)
        for _ in range(3):
            await shop.buy(shop.new_customer(), SMALL, "Treats")
        await shop.tick()
        assert names(await shop.for_product("Treats", "?limit=1")) == [SMALL]
        await shop.join(SMALL, "Kibble")
        return shop

    async def test_is_not_recommended_from_that_moment_on(self, late: Shop) -> None:
        customer = late.new_customer()
        await late.buy(customer, "Treats")
        assert SMALL not in names(await late.for_product("Treats"))
        assert SMALL not in names(await late.trending())
        assert SMALL not in names(await late.for_customer(customer))

    async def test_counts_for_its_family_when_the_model_was_built_again(self, late: Shop) -> None:
        late.later(hours=1)
        await late.tick()
        assert names(await late.for_product("Treats", "?limit=1")) == ["Kibble"]


async def test_a_shop_from_before_families_goes_on_and_learns_them(tmp_path: Path) -> None:
    script = files(adapters).joinpath("migrations/0001_graph.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "recommendation.db")) as before:
        before.executescript(script)
        before.execute(
            "CREATE TABLE migrations (package TEXT, name TEXT, PRIMARY KEY (package, name))"
        )
        row = (adapters.__name__, "0001_graph.sql")
        before.execute("INSERT INTO migrations VALUES (?, ?)", row)
        before.executescript(
            """
            INSERT INTO products VALUES
                (1, 'kibble', 'Kibble', 'Food', 100, 'USD', NULL, NULL, 1, 1),
                (2, 'small', 'Small', 'Food', 100, 'USD', NULL, NULL, 1, 1),
                (3, 'treats', 'Treats', 'Food', 100, 'USD', NULL, NULL, 1, 1);
            INSERT INTO orders VALUES (1, 'order', NULL, 1700000000);
            INSERT INTO purchases VALUES (1, 2, 1), (1, 3, 1);
            """
        )
    shop = Shop(tmp_path)
    shop.products = {"Small": ProductId("small"), "Kibble": ProductId("kibble")}
    await shop.learn()
    assert set(names(await shop.trending())) == {"Small", "Treats", "Kibble"}
    await shop.join("Small", "Kibble", sequence=2)
    await shop.learn()
    assert set(names(await shop.trending())) == {"Kibble", "Treats"}
    assert set(codes(await shop.trending())) == {"trending"}
    shop.close()
