"""Search through HTTP: from a product that was written to the page that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.component.product.counter import Counter
from tests.fixtures.doubles import FakeClock

SEARCH = "/api/products/search"


async def search(counter: Counter, parameters: str = "") -> list[Any]:
    """Return the products on a page."""
    answer = await counter.anyone.get(f"{SEARCH}?{parameters}")
    assert answer.status == 200, answer.body
    products: list[Any] = answer.json()
    return products


async def names(counter: Counter, parameters: str = "") -> list[str]:
    return [one["name"] for one in await search(counter, parameters)]


class TestSearch:
    async def test_answers_with_products_as_lists_show_them(self, counter: Counter) -> None:
        made = await counter.add(name="Salmon Kibble", attributes={"brand": "Acme"})
        (listed,) = (await counter.anyone.get("/api/products")).json()
        assert await search(counter, "q=salmon") == [listed]
        assert listed["id"] == made["id"]

    async def test_sees_each_write_at_once(self, counter: Counter) -> None:
        made = await counter.add(name="Salmon Kibble")
        assert await names(counter, "q=salmon") == ["Salmon Kibble"]
        await counter.staff.patch(f"/api/products/{made['id']}", {"name": "Turkey Kibble"})
        assert await names(counter, "q=salmon") == []
        assert await names(counter, "q=turkey") == ["Turkey Kibble"]
        await counter.staff.delete(f"/api/products/{made['id']}")
        assert await names(counter, "q=turkey") == []

    async def test_shows_the_present_stock_and_lifts_what_is_there(self, counter: Counter) -> None:
        first = await counter.add(name="Rope Toy")
        second = await counter.add(name="Rope Toy")
        for product, available in ((first, 0), (second, 7)):
            await counter.stock(product["id"], available, 1)
        shown = [(one["id"], one["stock"]) for one in await search(counter, "q=rope")]
        assert shown == [(second["id"], 7), (first["id"], 0)]
        assert len(await search(counter, "inStock=true")) == 1
        await counter.stock(second["id"], 3, 2)
        assert [one["stock"] for one in await search(counter, "inStock=true")] == [3]

    async def test_follows_a_category_that_moves(self, counter: Counter) -> None:
        await counter.add(category="Dog Food")
        parent = await counter.staff.post("/api/categories", {"name": "Dog"})
        assert await search(counter, "category=Dog") == []
        (below,) = [
            one
            for one in (await counter.anyone.get("/api/categories")).json()
            if one["name"] == "Dog Food"
        ]
        moved = {"name": "Dog Food", "parentId": parent.json()["id"]}
        assert (await counter.staff.put(f"/api/categories/{below['id']}", moved)).status == 200
        assert len(await search(counter, "category=Dog")) == 1

    async def test_shows_a_configurable_product_once_and_finds_it_by_its_options(
        self, counter: Counter
    ) -> None:
        harness = await counter.add_harness()
        assert [one["id"] for one in await search(counter, "q=harness")] == [harness["id"]]
        assert [one["id"] for one in await search(counter, "attr.Size=L")] == [harness["id"]]
        assert await search(counter, "attr.Size=XL") == []

    async def test_filters_by_all_that_the_contract_names(self, counter: Counter) -> None:
        facts = {"brand": "Acme & Co", "flavour": "Duck"}
        await counter.add(name="Fit", price=10.50, category="Cat", tags=["new"], attributes=facts)
        for others in (
            {"price": 10.51},
            {"price": 10.49},
            {"category": "Dog"},
            {"tags": ["old"]},
            {"attributes": {**facts, "brand": "Bark"}},
            {"attributes": {**facts, "flavour": "Lamb"}},
        ):
            fields = {"name": "Misfit", "price": 10.50, "category": "Cat", "tags": ["new"]}
            await counter.add(**{**fields, "attributes": facts, **others})
        brand = quote("acme & co")
        filters = f"category=cat&priceMin=10.5&priceMax=10.50&tag=new&brand={brand}"
        assert await names(counter, f"{filters}&attr.flavour=duck&inStock=false") == ["Fit"]
        several = f"{filters}&attr.flavour=duck&attr.flavour=lamb"
        assert len(await search(counter, several)) == 2

    async def test_links_the_pages(self, counter: Counter) -> None:
        for number in range(5):
            await counter.add(name=f"Toy {number}", price=number)
        seen: list[float] = []
        url = f"{SEARCH}?q=toy&sort=-price&limit=2"
        while url:
            answer = await counter.anyone.get(url)
            seen += [one["price"] for one in answer.json()]
            link = answer.headers.get("link", "")
            assert "q=toy&sort=-price&limit=2&cursor=" in link or not link
            url = link.partition("<")[2].partition(">")[0]
        assert seen == [4, 3, 2, 1, 0]

    @pytest.mark.parametrize(
        ("parameters", "pointer"),
        [
            ("priceMin=5&priceMax=4.99", "/priceMin"),
            ("priceMin=-1", "/priceMin"),
            ("priceMax=-0.01", "/priceMax"),
            ("priceMin=cheap", "/priceMin"),
            ("priceMax=NaN", "/priceMax"),
            ("priceMax=1e99", "/priceMax"),
            ("priceMax=1.999", "/priceMax"),
            ("sort=cheapest", "/sort"),
            ("limit=0", "/limit"),
            ("limit=101", "/limit"),
            ("limit=many", "/limit"),
            ("inStock=perhaps", "/inStock"),
            ("cursor=abc", "/cursor"),
        ],
    )
    async def test_refuses_a_parameter_that_makes_no_sense(
        self, counter: Counter, parameters: str, pointer: str
    ) -> None:
        answer = await counter.anyone.get(f"{SEARCH}?{parameters}")
        assert answer.status == 400
        assert answer.pointers() == {pointer}

    @pytest.mark.parametrize("limit", [1, 100])
    async def test_takes_every_limit_in_range(self, counter: Counter, limit: int) -> None:
        assert await search(counter, f"limit={limit}") == []

    async def test_knows_nothing_of_an_unknown_category(self, counter: Counter) -> None:
        await counter.add()
        assert await search(counter, "category=Dragons") == []

    @pytest.mark.parametrize(
        "text",
        [
            '" OR 1=1 --',
            "*:* AND (NOT [a TO",
            "🐶🦴",
            "\x00\x1b[0m",
            "%",
            "a" * 10_000,
            "</script><script>alert(1)</script>",
            "{{7*7}} ${jndi:ldap://x}",
        ],
    )
    async def test_takes_any_text_for_text(self, counter: Counter, text: str) -> None:
        await counter.add(name="Catnip Mouse")
        written = quote(text)
        for path in ("", "/facets", "/suggest"):
            answer = await counter.anyone.get(f"{SEARCH}{path}?q={written}")
            assert answer.status == 200
        for name in ("category", "brand", "tag", "attr.x", f"attr.{written}"):
            assert await search(counter, f"{name}={written}") == []


class TestFacetsAndSuggestions:
    async def test_count_what_a_search_finds(self, counter: Counter) -> None:
        await counter.add(price=9.99, attributes={"brand": "Acme", "flavour": "Duck"})
        await counter.add(price=120, attributes={"brand": "Acme", "flavour": "Lamb"})
        answer = await counter.anyone.get(f"{SEARCH}/facets?q=kibble&sort=price&priceMax=50")
        assert answer.json() == {
            "categories": [{"value": "Dog Food", "count": 1}],
            "brands": [{"value": "Acme", "count": 1}],
            "prices": [
                {"value": "under 10", "count": 1, "min": 0.0, "max": 10.0},
                {"value": "100 and more", "count": 1, "min": 100.0},
            ],
            "popularity": [{"value": "new", "count": 1}],
            "attributes": {"flavour": [{"value": "Duck", "count": 1}]},
        }

    async def test_count_popularity_by_what_was_sold(self, counter: Counter) -> None:
        made = await counter.add()
        await counter.sell(made["id"], 12, None)
        facets = (await counter.anyone.get(f"{SEARCH}/facets")).json()
        assert facets["popularity"] == [{"value": "popular", "count": 1}]

    async def test_refuse_what_search_refuses(self, counter: Counter) -> None:
        answer = await counter.anyone.get(f"{SEARCH}/facets?priceMin=5&priceMax=4")
        assert answer.pointers() == {"/priceMin"}

    async def test_complete_what_is_typed(self, counter: Counter) -> None:
        made = await counter.add(name="Salmon Kibble", attributes={"brand": "Salty"})
        await counter.client.index_now()
        answer = await counter.anyone.get(f"{SEARCH}/suggest?q=sal")
        assert answer.json() == [
            {"kind": "brand", "text": "Salty", "count": 1},
            {"kind": "product", "text": "Salmon Kibble", "productId": made["id"]},
        ]


class TestTheIndex:
    async def test_is_where_it_was_after_a_restart(
        self, counter: Counter, tmp_path: Path, clock: FakeClock
    ) -> None:
        await counter.add(name="Salmon Kibble")
        assert await names(counter, "q=salmon") == ["Salmon Kibble"]
        counter.close()
        again = Counter(tmp_path, clock)
        assert await names(again, "q=salmon") == ["Salmon Kibble"]
        again.close()

    async def test_is_built_anew_when_it_is_gone(
        self, counter: Counter, tmp_path: Path, clock: FakeClock
    ) -> None:
        await counter.add(name="Salmon Kibble")
        counter.close()
        for file in sorted((tmp_path / "search").glob("*")):
            file.unlink()
        again = Counter(tmp_path, clock)
        await again.client.index_now()
        assert await names(again, "q=salmon") == ["Salmon Kibble"]
        again.close()

    async def test_takes_the_merchants_own_synonyms(
        self, counter: Counter, tmp_path: Path, clock: FakeClock
    ) -> None:
        await counter.add(name="Salmon Kibble")
        (tmp_path / "synonyms.txt").write_text("lax => salmon\n")
        counter.close()
        again = Counter(tmp_path, clock)
        assert await names(again, "q=lax") == ["Salmon Kibble"]
        again.close()

    async def test_is_rebuilt_on_demand(self, counter: Counter) -> None:
        await counter.add(name="Salmon Kibble")
        await counter.client.reindex()
        assert await names(counter, "q=salmon") == ["Salmon Kibble"]
