"""The behaviour of ``ProductFeed``: each product once, as it is now, at its last change."""

from __future__ import annotations

from kibble.services.product.repository.search import Entry, ProductFeed
from tests.component.product.counter import AnyCounter


async def entries(feed: ProductFeed, position: int = 0) -> dict[str, Entry]:
    """Return all products after a position by id, read two at a time."""
    found: dict[str, Entry] = {}
    while (batch := await feed.after(position, 2)).position != position:
        for entry in batch.entries:
            assert entry.id not in found
            found[entry.id] = entry
        position = batch.position
    assert position == await feed.latest()
    return found


async def test_is_at_zero_without_products(feed: ProductFeed) -> None:
    assert await feed.latest() == 0
    assert (await feed.after(0, 10)).position == 0


async def test_tells_all_that_search_needs(counter: AnyCounter, feed: ProductFeed) -> None:
    parent = (await counter.staff.post("/api/categories", {"name": "Dog"})).json()
    below = {"name": "Dog Food", "parentId": parent["id"]}
    await counter.staff.post("/api/categories", below)
    made = await counter.add(
        name="Salmon Kibble",
        description="Crunchy",
        price=12.34,
        tags=["dry"],
        attributes={"brand": "Acme", "grainFree": True},
    )
    await counter.stock(made["id"], 3, 1)
    await counter.sell(made["id"], 2, None)
    assert (await entries(feed))[made["id"]] == Entry(
        id=made["id"],
        name="Salmon Kibble",
        price=1234,
        categories=("Dog", "Dog Food"),
        created_at=counter.clock.now(),
        description="Crunchy",
        tags=("dry",),
        attributes={"brand": "Acme", "grainFree": True},
        in_stock=True,
        popularity=2,
    )


async def test_tells_each_product_once_and_only_what_is_new(
    counter: AnyCounter, feed: ProductFeed
) -> None:
    made = [(await counter.add(name=f"Toy {number}"))["id"] for number in range(5)]
    position = await feed.latest()
    assert set(await entries(feed)) == set(made)
    await counter.staff.patch(f"/api/products/{made[2]}", {"price": 1})
    await counter.stock(made[3], 1, 1)
    assert (await feed.waiting(0), await feed.waiting(position)) == (5, 2)
    assert set(await entries(feed, position)) == {made[2], made[3]}
    assert set(await entries(feed)) == set(made)


async def test_tells_what_is_gone(counter: AnyCounter, feed: ProductFeed) -> None:
    made = await counter.add()
    position = await feed.latest()
    await counter.staff.delete(f"/api/products/{made['id']}")
    batch = await feed.after(position, 10)
    assert (list(batch.entries), batch.gone) == ([], [made["id"]])


async def test_tells_a_configurable_product_at_the_price_of_its_cheapest_variant(
    counter: AnyCounter, feed: ProductFeed
) -> None:
    harness = await counter.add_harness()
    position = await feed.latest()
    large = harness["variants"][1]["id"]
    await counter.staff.put(f"/api/products/{large}/sale", {"price": 15})
    (entry,) = (await entries(feed, position)).values()
    assert (entry.id, entry.price, entry.on_sale) == (harness["id"], 1500, True)


async def test_tells_a_configurable_product_with_its_choices_and_no_variant(
    counter: AnyCounter, feed: ProductFeed
) -> None:
    harness = await counter.add_harness()
    (entry,) = (await entries(feed)).values()
    assert entry.id == harness["id"]
    assert entry.choices == (("Size", "S"), ("Size", "L"))
    assert (entry.in_stock, entry.popularity) == (False, 0)
    small = harness["variants"][0]["id"]
    await counter.stock(small, 1, 1)
    await counter.sell(small, 4, None)
    entry = (await entries(feed))[harness["id"]]
    assert (entry.in_stock, entry.popularity) == (True, 4)
