"""A warehouse's packing list, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from kibble.kernel.ids import WarehouseId
from tests.component.shipping.desk import DAY, EAST, HOME, INSULIN, KIBBLE, LEASH, WEST, Desk
from tests.fixtures.doubles import FakeClock
from tests.fixtures.http import Answer


async def _list(desk: Desk, warehouse_id: WarehouseId = EAST) -> list[dict[str, Any]]:
    answer = await desk.staff.get(f"/api/shipping/packing?warehouseId={warehouse_id}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json()
    return found


async def _put(desk: Desk, shipment_id: str, stage: str) -> Answer:
    return await desk.staff.put(f"/api/shipping/{shipment_id}/packing", {"stage": stage})


class TestAPackingList:
    async def test_has_what_goes_into_each_parcel_and_whom_it_is_for(self, desk: Desk) -> None:
        order_id = await desk.ship(allocations=[(KIBBLE, EAST, 1), (LEASH, EAST, 2)])
        (entry,) = await _list(desk)
        assert (entry["orderId"], entry["stage"], entry["hasLabel"]) == (order_id, "TO_PICK", True)
        assert (entry["name"], entry["zipCode"]) == (HOME.name, HOME.zip_code)
        (parcel,) = entry["parcels"]
        assert parcel["items"] == [
            {"productId": KIBBLE, "quantity": 1},
            {"productId": LEASH, "quantity": 2},
        ]

    async def test_is_of_one_warehouse_oldest_first(self, desk: Desk) -> None:
        first = await desk.ship()
        await desk.ship(allocations=[(KIBBLE, WEST, 1)])
        last = await desk.ship()
        assert [entry["orderId"] for entry in await _list(desk)] == [first, last]

    async def test_follows_picking_and_packing_and_a_step_back(self, desk: Desk) -> None:
        await desk.ship()
        (entry,) = await _list(desk)
        for stage in ("PICKED", "PACKED", "PACKED", "PICKED"):
            answer = await _put(desk, entry["shipmentId"], stage)
            assert (answer.status, answer.json()["stage"]) == (200, stage)
        assert [entry["stage"] for entry in await _list(desk)] == ["PICKED"]

    async def test_packs_nothing_that_was_not_picked(self, desk: Desk) -> None:
        await desk.ship()
        (entry,) = await _list(desk)
        answer = await _put(desk, entry["shipmentId"], "PACKED")
        assert (answer.status, answer.json()["currentStatus"]) == (409, "TO_PICK")

    async def test_loses_an_order_that_is_cancelled(self, desk: Desk) -> None:
        order_id = await desk.ship()
        (entry,) = await _list(desk)
        await desk.cancel(order_id)
        assert await _list(desk) == []
        answer = await _put(desk, entry["shipmentId"], "PICKED")
        assert (answer.status, answer.json()["code"]) == (409, "shipment-left")

    async def test_loses_an_order_that_staff_marked_as_shipped(self, desk: Desk) -> None:
        order_id = await desk.ship()
        (entry,) = await _list(desk)
        await desk.tell_shipped(order_id)
        assert await _list(desk) == []
        answer = await _put(desk, entry["shipmentId"], "PICKED")
        assert (answer.status, answer.json()["code"]) == (409, "shipment-left")

    async def test_keeps_the_second_parcel_of_an_order_whose_first_was_scanned(
        self, desk: Desk
    ) -> None:
        assert isinstance(desk.clock, FakeClock)
        desk.clock.advance(4 * DAY)  # a Friday: what spoils waits for the Monday
        order_id = await desk.ship(allocations=[(KIBBLE, EAST, 1), (INSULIN, WEST, 1)])
        await desk.pass_days(1)
        assert [await _list(desk), len(await _list(desk, WEST))] == [[], 1]
        await desk.tell_shipped(order_id)
        assert len(await _list(desk, WEST)) == 1

    async def test_keeps_a_replacement_of_what_staff_marked_as_shipped_before(
        self, desk: Desk
    ) -> None:
        order_id = await desk.ship()
        await desk.tell_shipped(order_id)
        replacement = {"orderId": order_id, "parcels": [{"weightGrams": 14_000}]}
        asked = await desk.staff.post("/api/shipping", replacement)
        assert asked.status == 201, asked.body
        await desk.work()
        await desk.tell_shipped(order_id)  # as a part of it is refunded
        assert (await desk.shipments(order_id))[-1]["status"] == "LABELLED"

    async def test_survives_a_crash(self, desk: Desk) -> None:
        await desk.ship()
        (entry,) = await _list(desk)
        await _put(desk, entry["shipmentId"], "PICKED")
        desk.kill_and_start()
        assert [entry["stage"] for entry in await _list(desk)] == ["PICKED"]

    @pytest.mark.parametrize("query", ["", "?warehouseId=east", "?warehouseId="])
    async def test_needs_a_warehouse(self, desk: Desk, query: str) -> None:
        assert (await desk.staff.get(f"/api/shipping/packing{query}")).status == 400


async def test_what_the_carrier_has_is_off_the_list(desk: Desk) -> None:
    assert isinstance(desk.clock, FakeClock)
    await desk.ship()
    assert len(await _list(desk)) == 1
    await desk.pass_days(3)
    assert await _list(desk) == []
