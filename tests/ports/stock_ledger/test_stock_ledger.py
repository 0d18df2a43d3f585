"""What every ``StockLedger`` does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import ProductId, WarehouseId
from kibble.platform.messaging.log import ParkedEvent
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import DuplicateEvent, InboxMark, StoredReply
from kibble.services.inventory import model
from kibble.services.inventory.errors import (
    BelowReserved,
    HoldDiffers,
    HoldSettled,
    NotEnoughStock,
    UnknownProduct,
    UnknownWarehouse,
)
from kibble.services.inventory.model import Book, Stock, Warehouse
from tests.ports.stock_ledger.depot import MINUTES, Depot

NOBODYS = "0193c1a0-0000-7000-8000-00000000dead"
UPDATED = "inventory.stock_updated"
AVAILABILITY = "inventory.availability_changed"
EXPIRED = "inventory.reservation_expired"


class TestLevels:
    async def test_are_as_they_were_set_in_each_warehouse(self, depot: Depot) -> None:
        west = await depot.open_warehouse("WEST", 2)
        food = await depot.product(10, {west: 5})
        stock = await depot.service.stock(food)
        assert {w: level.on_hand for w, level in stock.levels.items()} == {
            depot.warehouse_id: 10,
            west: 5,
        }
        assert stock.listed

    async def test_count_their_changes(self, depot: Depot) -> None:
        food = await depot.product(10)
        before = (await depot.service.stock(food)).version
        changed = await depot.service.set_level(food, depot.warehouse_id, 3)
        assert changed.version > before
        assert (await depot.service.stock(food)).version == changed.version

    async def test_do_not_change_by_what_is_refused(self, depot: Depot) -> None:
        food = await depot.product(10)
        await depot.hold(depot.order(), {food: 4})
        with pytest.raises(BelowReserved):
            await depot.service.set_level(food, depot.warehouse_id, 3)
        with pytest.raises(UnknownWarehouse):
            await depot.service.set_level(food, WarehouseId(NOBODYS), 3)
        with pytest.raises(UnknownProduct):
            await depot.service.set_level(ProductId(NOBODYS), depot.warehouse_id, 3)
        with pytest.raises(UnknownProduct):
            await depot.service.set_level(ProductId("no id"), depot.warehouse_id, 3)
        assert await depot.figures(food) == (10, 4)

    async def test_of_many_products_are_set_at_once_or_not_at_all(self, depot: Depot) -> None:
        food, toy = await depot.product(1), await depot.product()
        levels = {food: {depot.warehouse_id: 7}, toy: {depot.warehouse_id: 8}}
        unknown = ProductId(NOBODYS)
        told = await depot.service.stock_up({**levels, unknown: {depot.warehouse_id: 1}})
        assert told == [unknown]
        assert (await depot.figures(food), await depot.figures(toy)) == ((7, 0), (8, 0))
        with pytest.raises(UnknownWarehouse):
            await depot.service.stock_up(
                {food: {depot.warehouse_id: 1}, toy: {WarehouseId(NOBODYS): 1}}
            )
        assert (await depot.figures(food), await depot.figures(toy)) == ((7, 0), (8, 0))

    async def test_add_up_when_many_adjust_them_at_once(self, depot: Depot) -> None:
        food = await depot.product(1)
        await asyncio.gather(*(self._adjust(depot, food) for _ in range(20)))
        assert await depot.figures(food) == (21, 0)
        page = await depot.ledger.movements(food, 100, None)
        assert sum(recorded.movement.delta for recorded in page.items) == 21

    async def _adjust(self, depot: Depot, product_id: ProductId) -> Stock:
        return await depot.service.adjust(
            product_id, depot.warehouse_id, 1, "found", lambda _: None
        )

    async def test_of_what_is_unknown_are_left_out(self, depot: Depot) -> None:
        food, gone = await depot.product(1), await depot.product(1)
        await depot.know(gone, listed=False)
        asked = [food, gone, ProductId(NOBODYS), ProductId("no id")]
        assert list(await depot.ledger.stock(asked)) == [food]

    async def test_of_a_delisted_product_stay_delisted(self, depot: Depot) -> None:
        food = await depot.product(1)
        await depot.know(food, listed=False)
        await depot.know(food)
        assert await depot.ledger.stock([food]) == {}


class TestMovements:
    async def test_tell_each_change_newest_first_a_page_at_a_time(self, depot: Depot) -> None:
        food = await depot.product(10)
        for level in (9, 8, 7, 6):
            depot.clock.advance(60)
            await depot.service.set_level(food, depot.warehouse_id, level)
        first = await depot.ledger.movements(food, 3, None)
        second = await depot.ledger.movements(food, 3, first.cursor)
        recorded = [*first.items, *second.items]
        assert [r.movement.delta for r in recorded] == [-1, -1, -1, -1, 10]
        assert [r.position for r in recorded] == sorted(r.position for r in recorded)[::-1]
        assert recorded[0].at == depot.clock.now()
        assert second.cursor is None

    async def test_name_the_order_that_they_are_for(self, depot: Depot) -> None:
        food, order = await depot.product(10), depot.order()
        await depot.hold(order, {food: 2})
        await depot.deduct(order)
        await depot.service.release(order, "returned")
        page = await depot.ledger.movements(food, 2, None)
        seen = [(r.movement.delta, r.movement.reason, r.movement.reference) for r in page.items]
        assert seen == [(2, "returned", order), (-2, "sold", order)]

    async def test_of_an_unknown_product_are_none(self, depot: Depot) -> None:
        assert (await depot.ledger.movements(ProductId(NOBODYS), 5, None)).items == []
        assert (await depot.ledger.movements(ProductId("no id"), 5, None)).items == []


class TestHolds:
    async def test_come_back_as_they_were_taken(self, depot: Depot) -> None:
        west = await depot.open_warehouse("WEST", 2)
        food = await depot.product(2, {west: 3})
        order, until = depot.order(), depot.clock.now() + timedelta(microseconds=1_234_567)
        first = await depot.service.reserve(order, {food: 4}, until)
        again = await depot.service.reserve(order, {food: 4}, until + MINUTES)
        assert again == first
        assert (again.expires_at, len(again.takes)) == (until, 2)
        assert await depot.figures(food) == (5, 4)

    async def test_are_for_the_same_lines_when_repeated(self, depot: Depot) -> None:
        food, order = await depot.product(5), depot.order()
        await depot.hold(order, {food: 1})
        with pytest.raises(HoldDiffers):
            await depot.hold(order, {food: 2})
        assert await depot.figures(food) == (5, 1)

    async def test_are_of_all_lines_or_of_none(self, depot: Depot) -> None:
        food, toy, order = await depot.product(5), await depot.product(1), depot.order()
        with pytest.raises(NotEnoughStock) as caught:
            await depot.service.reserve(order, {food: 2, toy: 2}, depot.clock.now() + MINUTES)
        assert [(lack.product_id, lack.available) for lack in caught.value.lacks] == [(toy, 1)]
        assert (await depot.figures(food), await depot.figures(toy)) == ((5, 0), (1, 0))
        assert await depot.hold(order, {food: 2, toy: 1})

    async def test_are_settled_once(self, depot: Depot) -> None:
        food, order = await depot.product(5), depot.order()
        await depot.hold(order, {food: 2})
        assert [await depot.deduct(order), await depot.deduct(order)] == [True, True]
        assert await depot.figures(food) == (3, 0)
        with pytest.raises(HoldSettled):
            await depot.hold(order, {food: 2})
        assert await depot.service.release(order, "returned")
        assert not await depot.service.release(order, "returned")
        assert not await depot.deduct(order)
        assert await depot.figures(food) == (5, 0)

    async def test_of_nobody_cannot_be_settled(self, depot: Depot) -> None:
        order = depot.order()
        assert not await depot.deduct(order)
        assert not await depot.service.release(order, "x")
        assert not await depot.service.extend(order, depot.clock.now())

    async def test_of_fifty_buyers_of_ten_units_are_exactly_ten(self, depot: Depot) -> None:
        food = await depot.product(10)
        held = await asyncio.gather(*(depot.hold(depot.order(), {food: 1}) for _ in range(50)))
        assert sum(held) == 10
        assert await depot.figures(food) == (10, 10)

    async def test_of_products_in_opposite_orders_do_not_wait_for_each_other(
        self, depot: Depot
    ) -> None:
        food, toy = await depot.product(6), await depot.product(6)
        there, back = {food: 1, toy: 1}, {toy: 1, food: 1}
        held = await asyncio.gather(
            *(depot.hold(depot.order(), there if n % 2 else back) for n in range(16))
        )
        assert sum(held) == 6
        assert (await depot.figures(food), await depot.figures(toy)) == ((6, 6), (6, 6))

    async def test_of_one_order_asked_for_by_several_at_once_are_one(self, depot: Depot) -> None:
        food, toy, order = await depot.product(9), await depot.product(9), depot.order()
        wanted = {food: 2, toy: 1}
        assert all(await asyncio.gather(*(depot.hold(order, wanted) for _ in range(4))))
        assert (await depot.figures(food), await depot.figures(toy)) == ((9, 2), (9, 1))

    async def test_end_once_however_many_end_them_at_once(self, depot: Depot) -> None:
        food, order = await depot.product(9), depot.order()
        await depot.hold(order, {food: 2})
        await asyncio.gather(
            *(depot.deduct(order) for _ in range(3)),
            *(depot.service.release(order, "cancelled") for _ in range(3)),
        )
        assert await depot.figures(food) == (9, 0)


class TestExpiry:
    async def test_is_found_oldest_first_up_to_a_limit(self, depot: Depot) -> None:
        food = await depot.product(9)
        orders = [depot.order() for _ in range(3)]
        for order, minutes in zip(orders, (3, 1, 2), strict=True):
            until = depot.clock.now() + timedelta(minutes=minutes)
            await depot.service.reserve(order, {food: 1}, until)
        now = depot.clock.now()
        assert await depot.ledger.expired_orders(now, 5) == []
        depot.clock.advance(121)
        now = depot.clock.now()
        assert await depot.ledger.expired_orders(now, 5) == [orders[1], orders[2]]
        assert await depot.ledger.expired_orders(now, 1) == [orders[1]]

    async def test_gives_back_and_tells_once(self, depot: Depot) -> None:
        food, order = await depot.product(9), depot.order()
        await depot.hold(order, {food: 9})
        depot.clock.advance(901)
        assert await depot.service.expire_holds() == 1
        assert await depot.service.expire_holds() == 0
        assert await depot.figures(food) == (9, 0)
        assert await depot.told(EXPIRED) == [{"orderId": order, "soldOut": False}]

    async def test_waits_for_a_hold_that_was_extended(self, depot: Depot) -> None:
        food, order = await depot.product(9), depot.order()
        await depot.hold(order, {food: 9})
        assert await depot.service.extend(order, depot.clock.now() + 4 * MINUTES)
        depot.clock.advance(901)
        assert await depot.service.expire_holds() == 0
        depot.clock.advance(3601)
        assert await depot.service.expire_holds() == 1

    async def test_of_holds_long_past_is_found_too(self, depot: Depot) -> None:
        food, order = await depot.product(9), depot.order()
        await depot.hold(order, {food: 9})
        depot.clock.advance(3 * 86_400)
        expired = [await depot.service.expire_holds() for _ in range(40)]
        assert sum(expired) == 1

    async def test_lets_a_paid_order_take_its_stock_anew(self, depot: Depot) -> None:
        food, order = await depot.product(9), depot.order()
        await depot.hold(order, {food: 4})
        depot.clock.advance(901)
        await depot.service.expire_holds()
        assert await depot.deduct(order)
        assert await depot.figures(food) == (5, 0)
        assert await depot.service.expire_holds() == 0

    async def test_tells_a_paid_order_that_it_is_sold_out(self, depot: Depot) -> None:
        food, toy, order = await depot.product(9), await depot.product(1), depot.order()
        await depot.hold(order, {food: 4, toy: 1})
        depot.clock.advance(901)
        await depot.service.expire_holds()
        await depot.hold(depot.order(), {food: 6})

        def decide(book: Book) -> None:
            if not model.deduct(book):
                book.sold_out = book.hold is not None

        await depot.ledger.change(decide, order_id=order)
        assert [told["soldOut"] for told in await depot.told(EXPIRED)] == [False, True]
        assert (await depot.figures(food), await depot.figures(toy)) == ((9, 6), (1, 0))
        assert not await depot.service.release(order, "cancelled")
        with pytest.raises(HoldSettled):
            await depot.hold(order, {food: 1})


class TestEvents:
    async def test_end_with_the_state_of_each_product(self, depot: Depot) -> None:
        food, toy = await depot.product(5), await depot.product(3)
        await depot.hold(depot.order(), {food: 1, toy: 3})
        latest = {told["productId"]: told for told in await depot.told(UPDATED)}
        assert latest == {
            food: {"productId": food, "onHand": 5, "reserved": 1, "available": 4},
            toy: {"productId": toy, "onHand": 3, "reserved": 3, "available": 0},
        }

    async def test_ascend_per_product(self, depot: Depot) -> None:
        food = await depot.product(5)
        for _ in range(3):
            await depot.hold(depot.order(), {food: 1})
            await depot.published()
        sequences = [e.sequence for e in await depot.published() if e.type == UPDATED]
        assert sequences == sorted(set(sequences))
        assert sequences[-1] == (await depot.service.stock(food)).version

    async def test_tell_when_a_product_sells_out_and_comes_back(self, depot: Depot) -> None:
        food, order = await depot.product(1), depot.order()
        await depot.published()
        await depot.hold(order, {food: 1})
        await depot.published()
        await depot.service.release(order, "cancelled")
        assert [told["available"] for told in await depot.told(AVAILABILITY)] == [1, 0, 1]

    async def test_are_none_for_what_was_refused(self, depot: Depot) -> None:
        food = await depot.product(1)
        before = len(await depot.published())
        await depot.hold(depot.order(), {food: 2})
        assert len(await depot.published()) == before


class TestWarehouses:
    async def test_come_back_by_priority(self, depot: Depot) -> None:
        west = await depot.open_warehouse("WEST", 0)
        found = await depot.ledger.warehouses()
        assert [w.warehouse_id for w in found] == [west, depot.warehouse_id]
        assert found[0] == Warehouse(west, "WEST", "Depot WEST", {"city": "Köln"}, 0, 1)
        assert await depot.ledger.warehouse(west) == found[0]
        assert await depot.ledger.warehouse(WarehouseId(NOBODYS)) is None
        assert await depot.ledger.warehouse(WarehouseId("no id")) is None

    async def test_are_not_overwritten_by_who_read_them_before(self, depot: Depot) -> None:
        (first,), (second,) = await depot.ledger.warehouses(), await depot.ledger.warehouses()
        await self._save(depot, first)
        with pytest.raises(StaleVersion):
            await self._save(depot, second)

    async def test_have_codes_of_their_own(self, depot: Depot) -> None:
        with pytest.raises(StaleVersion):
            await depot.open_warehouse("EAST", 5)

    async def _save(self, depot: Depot, warehouse: Warehouse) -> None:
        changes = Changes()
        changes.save(warehouse)
        await depot.ledger.commit(changes)


def reply(key: str, body: bytes = b"{}") -> StoredReply:
    return StoredReply(key, "print", 201, {"location": "/x"}, body)


class TestAnswers:
    async def test_are_kept_under_their_key_for_a_day(self, depot: Depot) -> None:
        await depot.ledger.commit(Changes(), reply=reply("a"))
        assert await depot.ledger.find_reply("a") == reply("a")
        assert await depot.ledger.find_reply("b") is None
        with pytest.raises(StaleVersion):
            await depot.ledger.commit(Changes(), reply=reply("a", b"other"))
        depot.clock.advance(86_401)
        assert await depot.ledger.find_reply("a") is None

    async def test_are_kept_with_the_change_that_they_answer(self, depot: Depot) -> None:
        food = await depot.product(5)
        adjust = partial(
            depot.service.adjust, food, depot.warehouse_id, -2, "torn", lambda _: reply("k")
        )
        assert (await adjust()).on_hand == 3
        assert await depot.ledger.find_reply("k") == reply("k")
        with pytest.raises(StaleVersion):
            await adjust()
        assert await depot.figures(food) == (3, 0)

    async def test_belong_to_one_of_several_changes_under_one_key(self, depot: Depot) -> None:
        food = await depot.product(50)
        adjust = partial(
            depot.service.adjust, food, depot.warehouse_id, -2, "torn", lambda _: reply("k")
        )
        results = await asyncio.gather(*(adjust() for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(result, StaleVersion) for result in results) == 4
        assert await depot.figures(food) == (48, 0)

    async def test_are_not_kept_for_what_was_refused(self, depot: Depot) -> None:
        food = await depot.product(5)
        await depot.hold(depot.order(), {food: 5})
        with pytest.raises(BelowReserved):
            await depot.service.adjust(food, depot.warehouse_id, -1, "torn", lambda _: reply("k"))
        assert await depot.ledger.find_reply("k") is None

    async def test_are_kept_with_a_warehouse(self, depot: Depot) -> None:
        changes = Changes()
        changes.save(Warehouse(WarehouseId(depot.ids.new()), "N", "North", {}, 3))
        await depot.ledger.commit(changes, reply=reply("w"))
        assert await depot.ledger.find_reply("w") == reply("w")


class TestInbox:
    async def test_takes_each_event_once_a_consumer(self, depot: Depot) -> None:
        mark = InboxMark("inventory", "event-1")
        await depot.ledger.commit(Changes(), inbox=mark)
        with pytest.raises(DuplicateEvent):
            await depot.ledger.commit(Changes(), inbox=mark)
        await depot.ledger.commit(Changes(), inbox=InboxMark("other", "event-1"))

    async def test_parks_events_oldest_first_until_they_are_taken_out(self, depot: Depot) -> None:
        for event_id, status in (("b", "retrying"), ("a", "dead")):
            await depot.ledger.park(parked(event_id, status=status))
        await depot.ledger.park(parked("b", attempts=2, status="retrying"))
        found = await depot.ledger.parked("inventory")
        assert [(event.event_id, event.attempts) for event in found] == [("b", 2), ("a", 1)]
        assert found[1] == parked("a", status="dead")
        assert [e.event_id for e in await depot.ledger.parked(status="dead")] == ["a"]
        assert await depot.ledger.parked("other") == []
        assert await depot.ledger.unpark("inventory", "b")
        assert not await depot.ledger.unpark("inventory", "b")


def parked(event_id: str, *, attempts: int = 1, status: str) -> ParkedEvent:
    at = "2026-03-02T15:00:00.000000Z"
    return ParkedEvent(
        consumer="inventory",
        topic="order_events",
        key="k",
        type="order.confirmed",
        event_id=event_id,
        envelope=b"\x00{}",
        error="NotFound: x",
        attempts=attempts,
        status=status,
        due_at=at,
        parked_at=at,
    )


class TestTotals:
    async def test_count_products_by_what_is_left_of_them_and_all_units(self, depot: Depot) -> None:
        before = await depot.ledger.totals()
        await depot.product(0)
        plenty, few = await depot.product(10), await depot.product(3)
        assert await depot.hold(depot.order(), {plenty: 4, few: 1})
        after = await depot.ledger.totals()
        assert after.products - before.products == 3
        assert after.sold_out - before.sold_out == 1
        assert after.low - before.low == 1
        assert after.on_hand - before.on_hand == 13
        assert after.reserved - before.reserved == 5

    async def test_leave_out_what_is_no_longer_listed(self, depot: Depot) -> None:
        before = await depot.ledger.totals()
        await depot.know(ProductId(depot.ids.new()), listed=False)
        assert await depot.ledger.totals() == before
