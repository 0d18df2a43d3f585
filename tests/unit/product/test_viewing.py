"""Which views are told, and when."""

from __future__ import annotations

import pytest

from kibble.contracts.product import ProductViewed
from kibble.kernel.ids import CustomerId, ProductId
from kibble.services.product.service.viewing import MOST_RECENT, MOST_WAITING, ViewService
from tests.fixtures.doubles import FakeClock

ANNA, BEN = CustomerId("anna"), CustomerId("ben")
FOOD, TOY = ProductId("food"), ProductId("toy")


class Desk:
    """Views, and a store that keeps what is told of them, or fails."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.views = ViewService(self.clock)

    async def told(self, *, kept: bool = True) -> list[tuple[str, str]]:
        """Return the customers and products of what is published now."""
        changes = (await self.views.publish()).changes
        if kept:
            for hook in changes.after_commit:
                hook()
        events = [publish.event for publish in changes.events]
        return [(e.customer_id, e.product_id) for e in events if isinstance(e, ProductViewed)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_each_customer_and_product_is_told_in_order(desk: Desk) -> None:
    for customer, product in ((ANNA, FOOD), (BEN, FOOD), (ANNA, TOY)):
        desk.views.note(customer, product)
    assert await desk.told() == [(ANNA, FOOD), (BEN, FOOD), (ANNA, TOY)]


async def test_nothing_is_written_when_nobody_looked(desk: Desk) -> None:
    assert not (await desk.views.publish()).changes
    desk.views.note(ANNA, FOOD)
    await desk.told()
    assert not (await desk.views.publish()).changes


async def test_looking_again_within_a_minute_is_no_new_view(desk: Desk) -> None:
    desk.views.note(ANNA, FOOD)
    desk.views.note(ANNA, FOOD)
    assert await desk.told() == [(ANNA, FOOD)]
    desk.clock.advance(59.9)
    desk.views.note(ANNA, FOOD)
    assert await desk.told() == []
    desk.clock.advance(0.1)
    desk.views.note(ANNA, FOOD)
    assert await desk.told() == [(ANNA, FOOD)]


async def test_what_could_not_be_kept_is_told_again(desk: Desk) -> None:
    desk.views.note(ANNA, FOOD)
    assert await desk.told(kept=False) == [(ANNA, FOOD)]
    desk.views.note(BEN, FOOD)
    assert await desk.told() == [(ANNA, FOOD), (BEN, FOOD)]


async def test_a_view_that_comes_while_others_are_written_waits_for_the_next_time(
    desk: Desk,
) -> None:
    desk.views.note(ANNA, FOOD)
    changes = (await desk.views.publish()).changes
    desk.views.note(BEN, FOOD)
    for hook in changes.after_commit:
        hook()
    assert await desk.told() == [(BEN, FOOD)]


async def test_more_than_can_be_told_at_once_is_dropped(desk: Desk) -> None:
    crowd = [CustomerId(f"customer {number}") for number in range(MOST_WAITING + 10)]
    for customer in crowd:
        desk.views.note(customer, FOOD)
    assert [customer for customer, _ in await desk.told()] == crowd[:MOST_WAITING]
    desk.views.note(crowd[-1], FOOD)
    assert await desk.told() == [(crowd[-1], FOOD)]


async def test_remembers_a_bounded_number_of_views(desk: Desk) -> None:
    desk.views.note(ANNA, FOOD)
    for number in range(MOST_RECENT):
        desk.views.note(CustomerId(f"customer {number}"), FOOD)
        if number % MOST_WAITING == 0:
            await desk.told()
    await desk.told()
    desk.views.note(ANNA, FOOD)
    assert await desk.told() == [(ANNA, FOOD)]
