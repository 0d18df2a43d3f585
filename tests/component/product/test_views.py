"""A signed-in customer's read of a product is a view, told beside the read."""

from __future__ import annotations

import pytest

from kibble.platform.tasks import Periodic
from tests.component.product.counter import Counter

CUSTOMER = "01890000-0000-7000-8000-0000000000c1"
NOBODY = "01890000-0000-7000-8000-000000000000"


async def views(counter: Counter) -> list[dict[str, str]]:
    """Do what is done every second, and return the views that were told."""
    (task,) = (task for task in counter.built.tasks if task.name == "tell of views")
    assert isinstance(task, Periodic)
    await task.work()
    viewed = [kind == "product.viewed" for kind, _, _ in counter.events()]
    return [state for state, wanted in zip(counter.states(), viewed, strict=True) if wanted]


async def test_is_told_of_a_customer_who_looks_at_a_product(counter: Counter) -> None:
    made = await counter.add()
    answer = await counter.anyone.as_customer(CUSTOMER).get(f"/api/products/{made['id']}")
    assert answer.status == 200
    assert [kind for kind, _, _ in counter.events()] == ["product.created"]
    assert await views(counter) == [{"productId": made["id"], "customerId": CUSTOMER}]


async def test_is_told_too_when_the_customer_has_the_page_already(counter: Counter) -> None:
    made = await counter.add()
    url, customer = f"/api/products/{made['id']}", counter.anyone.as_customer(CUSTOMER)
    etag = (await counter.anyone.get(url)).headers["etag"]
    assert (await customer.get(url, {"if-none-match": etag})).status == 304
    assert len(await views(counter)) == 1


async def test_is_told_once_a_minute(counter: Counter) -> None:
    made = await counter.add()
    url, customer = f"/api/products/{made['id']}", counter.anyone.as_customer(CUSTOMER)
    for _ in range(3):
        await customer.get(url)
        assert len(await views(counter)) == 1
    counter.clock.advance(60)
    await customer.get(url)
    assert len(await views(counter)) == 2


async def test_nobody_else_has_views(counter: Counter) -> None:
    made = await counter.add()
    for reader in (counter.anyone, counter.staff):
        await reader.get(f"/api/products/{made['id']}")
    assert await views(counter) == []


async def test_who_objects_to_being_followed_has_no_views(counter: Counter) -> None:
    made = await counter.add()
    customer = counter.anyone.as_customer(CUSTOMER)
    await customer.get(f"/api/products/{made['id']}", {"sec-gpc": "1"})
    assert await views(counter) == []


@pytest.mark.parametrize("path", [NOBODY, "17"])
async def test_of_what_does_not_exist_there_is_no_view(counter: Counter, path: str) -> None:
    answer = await counter.anyone.as_customer(CUSTOMER).get(f"/api/products/{path}")
    assert answer.status == 404
    assert await views(counter) == []


async def test_a_view_changes_nothing_of_the_product(counter: Counter) -> None:
    made = await counter.add()
    url = f"/api/products/{made['id']}"
    before = await counter.anyone.get(url)
    await counter.anyone.as_customer(CUSTOMER).get(url)
    await views(counter)
    after = await counter.anyone.get(url)
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])
