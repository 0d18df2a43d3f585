"""The behaviour of ``ProductScan``: the same answers as the index where the contract says so."""

from __future__ import annotations

from typing import Any

import pytest

from kibble.kernel.errors import InvalidInput
from kibble.kernel.paging import encode_cursor
from kibble.services.product.model.search import Sort
from kibble.services.product.repository.search import ProductScan
from tests.component.product.counter import AnyCounter
from tests.fixtures.search import query


async def stocked(counter: AnyCounter) -> dict[str, str]:
    """Fill a small shop; return the products' names by id."""
    products: list[dict[str, Any]] = [
        {"name": "Cat bed", "price": 30, "category": "Cat Beds", "tags": ["soft"]},
        {"name": "dog bed", "price": 20, "description": "No cat may use it."},
        {"name": "Bird seed", "price": 5, "attributes": {"brand": "Acme", "organic": True}},
        {"name": "Rope", "price": 5, "attributes": {"brand": "Bark", "lengthCm": 30}},
    ]
    made = {}
    for number, product in enumerate(products):
        counter.clock.advance(60)
        one = await counter.add(**product)
        made[one["id"]] = one["name"]
        await counter.stock(one["id"], number, 1)
        if number:
            await counter.sell(one["id"], 10 - number, None)
    return made


async def found(scan: ProductScan, names: dict[str, str], text: str = "", **fields: Any) -> Any:
    page = await scan.find(query(text, **fields))
    return [names[one] for one in page.items]


async def test_finds_any_of_the_words_and_what_holds_most_first(
    counter: AnyCounter, scan: ProductScan
) -> None:
    names = await stocked(counter)
    assert await found(scan, names, "soft cat bed") == ["Cat bed", "dog bed"]
    assert await found(scan, names, "acme") == ["Bird seed"]
    assert await found(scan, names, "dragon") == []
    assert await found(scan, names, "!!!") == []
    assert len(await found(scan, names)) == 4


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", '"', "\\"])
async def test_takes_any_text_for_text(counter: AnyCounter, scan: ProductScan, text: str) -> None:
    names = await stocked(counter)
    assert await found(scan, names, f"{text}zz") == []
    assert await found(scan, names, brands=(text,)) == []
    assert await found(scan, names, attributes=((text, (text,)),)) == []


async def test_filters(counter: AnyCounter, scan: ProductScan) -> None:
    names = await stocked(counter)
    parent = (await counter.staff.post("/api/categories", {"name": "Cat"})).json()
    categories = (await counter.anyone.get("/api/categories")).json()
    (beds,) = [one for one in categories if one["name"] == "Cat Beds"]
    move = {"name": "Cat Beds", "parentId": parent["id"]}
    await counter.staff.put(f"/api/categories/{beds['id']}", move)
    assert await found(scan, names, category="CAT") == ["Cat bed"]
    assert await found(scan, names, category="Dragon") == []
    assert await found(scan, names, price_min=2000, price_max=3000, sort=Sort.PRICE) == [
        "dog bed",
        "Cat bed",
    ]
    assert await found(scan, names, tags=("SOFT", "new")) == ["Cat bed"]
    assert await found(scan, names, brands=("acme",)) == ["Bird seed"]
    assert await found(scan, names, attributes=(("organic", ("true",)),)) == ["Bird seed"]
    assert await found(scan, names, attributes=(("LengthCm", ("30",)),)) == ["Rope"]
    assert await found(scan, names, in_stock=False) == ["Cat bed"]
    assert len(await found(scan, names, in_stock=True)) == 3


async def test_counts_what_bundles_and_configurable_products_have(
    counter: AnyCounter, scan: ProductScan
) -> None:
    part = await counter.add(name="Part")
    bundle = await counter.add_bundle((part["id"], 2))
    harness = await counter.add_harness()
    names = {bundle["id"]: "Bundle", harness["id"]: "Harness", part["id"]: "Part"}
    assert await found(scan, names, in_stock=True) == []
    await counter.stock(part["id"], 1, 1)
    assert await found(scan, names, in_stock=True) == ["Part"]
    await counter.stock(part["id"], 2, 2)
    await counter.stock(harness["variants"][0]["id"], 1, 1)
    assert sorted(await found(scan, names, in_stock=True)) == ["Bundle", "Harness", "Part"]


async def test_takes_the_cheapest_variant_for_the_price(
    counter: AnyCounter, scan: ProductScan
) -> None:
    toy = await counter.add(name="Toy", price=18)
    harness = await counter.add_harness()
    names = {toy["id"]: "Toy", harness["id"]: "Harness"}
    assert await found(scan, names, sort=Sort.PRICE) == ["Toy", "Harness"]
    sale = {"price": 15}
    await counter.staff.put(f"/api/products/{harness['variants'][1]['id']}/sale", sale)
    assert await found(scan, names, sort=Sort.PRICE) == ["Harness", "Toy"]
    assert await found(scan, names, price_max=1500) == ["Harness"]
    assert await found(scan, names, price_min=1501) == ["Toy"]


async def test_finds_what_is_on_sale_by_itself_or_as_a_variant(
    counter: AnyCounter, scan: ProductScan
) -> None:
    toy, bed = [await counter.add(name=name, price=20) for name in ("Toy", "Bed")]
    harness = await counter.add_harness()
    names = {toy["id"]: "Toy", bed["id"]: "Bed", harness["id"]: "Harness"}
    for one in (toy, harness["variants"][1]):
        await counter.staff.put(f"/api/products/{one['id']}/sale", {"price": 15})
    planned = {"price": 15, "startsAt": "2099-01-01T00:00:00Z"}
    await counter.staff.put(f"/api/products/{bed['id']}/sale", planned)
    assert sorted(await found(scan, names, on_sale=True)) == ["Harness", "Toy"]
    assert await found(scan, names, on_sale=False) == ["Bed"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        (Sort.PRICE_DOWN, ["Cat bed", "dog bed"]),
        (Sort.NAME, ["Bird seed", "Cat bed", "dog bed", "Rope"]),
        (Sort.NEWEST, ["Rope", "Bird seed", "dog bed", "Cat bed"]),
        (Sort.POPULARITY, ["dog bed", "Bird seed", "Rope", "Cat bed"]),
    ],
)
async def test_sorts(counter: AnyCounter, scan: ProductScan, sort: Sort, first: list[str]) -> None:
    names = await stocked(counter)
    assert (await found(scan, names, sort=sort))[: len(first)] == first


@pytest.mark.parametrize("text", [None, "bed cat rope seed"])
@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_show_each_product_once(
    counter: AnyCounter, scan: ProductScan, sort: Sort, text: str | None
) -> None:
    await stocked(counter)
    whole = (await scan.find(query(text, sort=sort))).items
    assert len(set(whole)) == 4
    seen: list[str] = []
    cursor: str | None = None
    while len(seen) < 5:
        page = await scan.find(query(text, sort=sort, limit=1, cursor=cursor))
        seen += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == whole


async def test_refuses_a_cursor_that_is_none(scan: ProductScan) -> None:
    for cursor in ("", "x", "WyJwcmljZSJd", encode_cursor("price", 1 << 63, "x")):
        with pytest.raises(InvalidInput):
            await scan.find(query("toy", sort=Sort.PRICE, cursor=cursor))
