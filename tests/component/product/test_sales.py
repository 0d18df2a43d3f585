"""Sale prices through HTTP: planned by staff, begun and ended by the clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.product.counter import Counter

AN_HOUR = 3_600
SALE = {"price": 14.99, "startsAt": "2026-03-02T16:00:00Z", "endsAt": "2026-03-02T18:00:00Z"}


def url(product: Any) -> str:
    return f"/api/products/{product['id']}/sale"


async def later(counter: Counter, seconds: float) -> None:
    counter.clock.advance(seconds)
    await counter.keep_time()


def changes(counter: Counter) -> list[tuple[int, int]]:
    """Return the changes of prices that were published: what it was, and is."""
    told = zip(counter.events(), counter.states(), strict=True)
    return [
        (state["was"], state["price"])
        for (kind, _, _), state in told
        if kind == "product.price_changed"
    ]


async def test_is_shown_with_the_usual_price_and_its_end_while_it_is_on(counter: Counter) -> None:
    made = await counter.add()
    assert (await counter.staff.put(url(made), SALE)).status == 200
    await counter.keep_time()
    assert ((shown := await counter.product(made["id"]))["price"], shown["sale"]) == (19.99, None)
    await later(counter, AN_HOUR)
    shown = await counter.product(made["id"])
    assert shown["price"] == 14.99
    assert shown["sale"] == {
        "regularPrice": 19.99,
        "lowestPrice": 19.99,
        "endsAt": "2026-03-02T18:00:00Z",
    }
    await later(counter, 2 * AN_HOUR)
    assert ((shown := await counter.product(made["id"]))["price"], shown["sale"]) == (19.99, None)


async def test_is_told_once_at_its_start_and_once_at_its_end(counter: Counter) -> None:
    made = await counter.add()
    await counter.staff.put(url(made), SALE)
    for seconds in (0, AN_HOUR, 1, AN_HOUR, AN_HOUR, 1):
        await later(counter, seconds)
    assert changes(counter) == [(1999, 1499), (1499, 1999)]


async def test_is_what_an_order_is_quoted_and_a_search_finds(counter: Counter) -> None:
    made = await counter.add()
    await counter.staff.put(url(made), SALE)
    await counter.client.quotes([made["id"]])
    await later(counter, AN_HOUR)
    (quote,) = (await counter.client.quotes([made["id"]])).values()
    assert (quote.price, quote.regular_price) == (1499, 1999)
    cheap = await counter.anyone.get("/api/products/search?priceMax=15")
    assert [each["id"] for each in cheap.json()] == [made["id"]]
    await later(counter, 2 * AN_HOUR)
    (quote,) = (await counter.client.quotes([made["id"]])).values()
    assert (quote.price, quote.regular_price) == (1999, None)


async def test_is_found_as_one_while_it_is_on(counter: Counter) -> None:
    made, harness = await counter.add(), await counter.add_harness()

    async def on_sale() -> set[str]:
        answer = await counter.anyone.get("/api/products/search?onSale=true")
        return {each["id"] for each in answer.json()}

    await counter.staff.put(url(made), SALE)
    await counter.staff.put(url(harness["variants"][0]), {**SALE, "price": 15})
    assert await on_sale() == set()
    await later(counter, AN_HOUR)
    assert await on_sale() == {made["id"], harness["id"]}
    await later(counter, 2 * AN_HOUR)
    assert await on_sale() == set()


async def test_begins_at_once_without_a_start(counter: Counter) -> None:
    made = await counter.add()
    answer = await counter.staff.put(url(made), {"price": 9})
    assert (answer.status, answer.json()["isOn"]) == (200, True)
    assert (await counter.product(made["id"]))["price"] == 9


async def test_of_a_variant_shows_with_the_product_that_it_is_of(counter: Counter) -> None:
    harness = await counter.add_harness()
    small = harness["variants"][0]
    assert (await counter.staff.put(url(small), {"price": 15})).status == 200
    (shown, other) = (await counter.product(harness["id"]))["variants"]
    assert (shown["price"], shown["sale"]["regularPrice"]) == (15, 20)
    assert (other["price"], other["sale"]) == (23, None)


async def test_of_the_cheapest_variant_is_what_a_list_shows(counter: Counter) -> None:
    harness = await counter.add_harness()
    small, large = [variant["id"] for variant in harness["variants"]]
    assert harness["from"] == {"id": small, "price": 20, "sale": None}
    await counter.staff.put(url(harness["variants"][1]), {"price": 15})
    for query in ("", "/search?q=harness"):
        (shown,) = (await counter.anyone.get(f"/api/products{query}")).json()
        assert shown["price"] == 20
        assert (shown["from"]["id"], shown["from"]["price"]) == (large, 15)
        assert shown["from"]["sale"]["regularPrice"] == 23


async def test_of_a_component_makes_its_bundle_cheaper(counter: Counter) -> None:
    part = await counter.add()
    bundle = await counter.add_bundle((part["id"], 2))
    await counter.staff.put(url(part), {"price": 15})
    assert (await counter.product(bundle["id"]))["price"] == 30
    await counter.staff.delete(url(part))
    assert (await counter.product(bundle["id"]))["price"] == 39.98


async def test_of_a_configurable_product_is_one_of_its_variants(counter: Counter) -> None:
    harness = await counter.add_harness()
    answer = await counter.staff.put(url(harness), {"price": 15})
    assert (answer.status, answer.json()["type"].rpartition("/")[2]) == (409, "priced-by-variants")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"price": 19.99}, "/price"),
        ({"price": -1}, "/price"),
        ({"endsAt": "2026-03-02T16:00:00Z"}, "/endsAt"),
        ({"startsAt": "2026-03-02T16:00:00"}, "/startsAt"),
        ({"startsAt": "soon"}, "/startsAt"),
        ({"until": "2026-03-02T16:00:00Z"}, "/until"),
    ],
)
async def test_that_makes_no_sense_is_refused(
    counter: Counter, fields: dict[str, object], pointer: str
) -> None:
    made = await counter.add()
    answer = await counter.staff.put(url(made), {**SALE, **fields})
    assert (answer.status, answer.pointers()) == (400, {pointer})


async def test_can_be_looked_at_changed_and_taken_back(counter: Counter) -> None:
    made = await counter.add()
    assert (await counter.staff.get(url(made))).status == 204
    await counter.staff.put(url(made), SALE)
    planned = (await counter.staff.get(url(made))).json()
    assert {name: planned[name] for name in SALE} == SALE
    assert (planned["regularPrice"], planned["isOn"], planned["lowestPrice"]) == (
        19.99,
        False,
        None,
    )
    assert (await counter.staff.delete(url(made))).status == 204
    assert (await counter.staff.delete(url(made))).status == 404
    await later(counter, AN_HOUR)
    assert changes(counter) == []


async def test_is_not_written_over_a_change_that_was_not_seen(counter: Counter) -> None:
    made = await counter.add()
    await counter.staff.patch(f"/api/products/{made['id']}", {"price": 30})
    answer = await counter.staff.put(url(made), SALE, {"if-match": '"1.0"'})
    assert answer.status == 412


async def test_is_listed_for_staff_while_it_is_planned_the_next_to_begin_first(
    counter: Counter,
) -> None:
    first, second, on = await counter.add(), await counter.add(), await counter.add()
    tomorrow = {"price": 9.99, "startsAt": "2026-03-03T16:00:00Z"}
    await counter.staff.put(url(second), tomorrow)
    await counter.staff.put(url(first), SALE)
    await counter.staff.put(url(on), {"price": 9.99, "endsAt": "2026-03-02T17:00:00Z"})
    listed = (await counter.staff.get("/api/products/sales")).json()
    assert [(each["productId"], each["price"], each["isOn"]) for each in listed] == [
        (first["id"], 14.99, False),
        (second["id"], 9.99, False),
    ]
