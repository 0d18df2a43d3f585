"""The tree of categories through HTTP."""

from __future__ import annotations

from typing import Any

from tests.component.product.counter import Counter, created

NOBODY = "01890000-0000-7000-8000-000000000000"
URL = "/api/categories"


async def add(counter: Counter, name: str, parent: str | None = None) -> Any:
    return created(await counter.staff.post(URL, {"name": name, "parentId": parent}))


async def test_are_a_tree_with_counts_of_all_that_stands_below(counter: Counter) -> None:
    dog = await add(counter, "Dog")
    food = await add(counter, "Food", dog["id"])
    for category in ("Dog", "Food", "Food", "Cat"):
        await counter.add(category=category)
    cat, shown = (await counter.anyone.get(URL)).json()
    assert (cat["name"], cat["productCount"]) == ("Cat", 1)
    assert (shown["name"], shown["productCount"], shown["parentId"]) == ("Dog", 3, None)
    (below,) = shown["children"]
    assert (below["id"], below["productCount"], below["parentId"]) == (food["id"], 2, dog["id"])
    one = await counter.anyone.get(f"{URL}/{dog['id']}")
    assert one.json() == shown


async def test_are_made_with_a_location(counter: Counter) -> None:
    answer = await counter.staff.post(URL, {"name": "Dog"})
    assert (answer.status, answer.headers["location"]) == (201, f"{URL}/{answer.json()['id']}")


async def test_have_unique_names(counter: Counter) -> None:
    dog = await add(counter, "Dog")
    answer = await counter.staff.post(URL, {"name": "Dog"})
    assert (answer.status, answer.json()["categoryId"]) == (409, dog["id"])
    cat = await add(counter, "Cat")
    assert (await counter.staff.put(f"{URL}/{cat['id']}", {"name": "Dog"})).status == 409


async def test_take_their_products_along_to_a_new_name(counter: Counter) -> None:
    made = await counter.add(category="Dog")
    await counter.product(made["id"])
    (dog,) = (await counter.anyone.get(URL)).json()
    answer = await counter.staff.put(f"{URL}/{dog['id']}", {"name": "Dogs"})
    assert (answer.status, answer.json()["productCount"]) == (200, 1)
    assert (await counter.product(made["id"]))["category"] == "Dogs"
    assert counter.events()[-1] == ("product.updated", made["id"], 2)


async def test_move_within_the_tree_but_not_below_themselves(counter: Counter) -> None:
    dog = await add(counter, "Dog")
    food = await add(counter, "Food")
    body = {"name": "Food", "parentId": dog["id"]}
    moved = await counter.staff.put(f"{URL}/{food['id']}", body)
    assert (moved.status, moved.json()["parentId"]) == (200, dog["id"])
    for parent in (dog["id"], food["id"]):
        body = {"name": "Dog", "parentId": parent}
        answer = await counter.staff.put(f"{URL}/{dog['id']}", body)
        assert (answer.status, answer.pointers()) == (400, {"/parentId"})


async def test_have_an_existing_parent(counter: Counter) -> None:
    for parent in (NOBODY, "x"):
        answer = await counter.staff.post(URL, {"name": "Dog", "parentId": parent})
        assert (answer.status, answer.pointers()) == (400, {"/parentId"})


async def test_are_deleted_only_when_empty(counter: Counter) -> None:
    dog = await add(counter, "Dog")
    food = await add(counter, "Food", dog["id"])
    made = await counter.add(category="Food")
    answer = await counter.staff.delete(f"{URL}/{food['id']}")
    assert (answer.status, answer.json()["products"]) == (409, 1)
    answer = await counter.staff.delete(f"{URL}/{dog['id']}")
    assert (answer.status, answer.json()["children"]) == (409, 1)
    await counter.staff.delete(f"/api/products/{made['id']}")
    for category in (food, dog):
        assert (await counter.staff.delete(f"{URL}/{category['id']}")).status == 204
    assert (await counter.anyone.get(URL)).json() == []


async def test_check_the_version_that_the_caller_has_seen(counter: Counter) -> None:
    dog = await add(counter, "Dog")
    url = f"{URL}/{dog['id']}"
    etag = (await counter.anyone.get(url)).headers["etag"]
    assert (await counter.staff.put(url, {"name": "Dogs"}, {"if-match": etag})).status == 200
    assert (await counter.staff.put(url, {"name": "Cats"}, {"if-match": etag})).status == 412


async def test_are_kept_by_staff_alone(counter: Counter) -> None:
    dog = await add(counter, "Dog")
    assert (await counter.anyone.post(URL, {"name": "Cat"})).status == 401
    assert (await counter.anyone.delete(f"{URL}/{dog['id']}")).status == 401


async def test_are_not_known_by_every_id(counter: Counter) -> None:
    assert (await counter.anyone.get(f"{URL}/{NOBODY}")).status == 404
    assert (await counter.anyone.get(f"{URL}/7")).status == 404
    assert (await counter.staff.delete(f"{URL}/{NOBODY}")).status == 404
