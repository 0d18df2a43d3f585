"""Parcels: boxes, what travels apart, what waits for a Monday."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.component.shipping.desk import (
    DAY,
    EAST,
    INSULIN,
    KIBBLE,
    LEASH,
    PILLOW,
    SPRAY,
    WEST,
    Desk,
)
from tests.fixtures.doubles import FakeClock

CHRISTMAS = datetime(2030, 12, 19, 15, tzinfo=UTC)
TO = {"zipCode": "94105"}


async def rates(desk: Desk, *product_ids: str) -> dict[str, dict[str, Any]]:
    """Return the ways to ship one of each product to California."""
    items = [{"productId": product_id, "quantity": 1} for product_id in product_ids]
    answer = await desk.http.post("/api/shipping/rates", {"address": TO, "items": items})
    assert answer.status == 200, answer.body
    return {rate["method"]: rate for rate in answer.json()}


class TestAnOrder:
    async def test_is_split_by_warehouse_and_by_handling(self, desk: Desk) -> None:
        order_id = await desk.ship(
            allocations=[
                (KIBBLE, EAST, 1),
                (INSULIN, EAST, 2),
                (SPRAY, EAST, 1),
                (LEASH, WEST, 1),
            ],
            method="ups-standard",
        )
        seen = {
            (one["warehouseId"], one["parcels"][0]["handling"]): one["method"]
            for one in await desk.shipments(order_id)
        }
        assert seen == {
            (EAST, "plain"): "ups-standard",
            (EAST, "cold"): "ups-expedited",
            (EAST, "hazardous"): "ups-standard",
            (WEST, "plain"): "ups-standard",
        }
        numbers = {one["trackingNumber"] for one in await desk.shipments(order_id)}
        assert None not in numbers
        assert len(numbers) == 4
        assert {event.shipments_total for event in desk.published()} <= {1, 2, 3, 4}

    async def test_is_delivered_with_its_last_parcel(self, desk: Desk) -> None:
        await desk.ship(allocations=[(KIBBLE, EAST, 1), (INSULIN, EAST, 1)], method="ups-standard")
        await desk.pass_days(14)
        last = desk.published()[-1]
        assert (last.shipments_delivered, last.shipments_total) == (2, 2)


class TestWhatSpoils:
    async def test_is_not_labelled_before_the_day_it_may_leave(self, desk: Desk) -> None:
        assert isinstance(desk.clock, FakeClock)
        desk.clock.advance(4 * DAY)  # a Friday
        order_id = await desk.ship(allocations=[(INSULIN, EAST, 1)], method="ups-standard")
        assert (await desk.shipment(order_id))["status"] == "REQUESTED"
        promised = (await desk.shipment(order_id))["estimatedDelivery"]
        assert promised.startswith("2026-03-11")
        await desk.pass_days(3)
        assert (await desk.shipment(order_id))["trackingNumber"]
        await desk.pass_days(3)
        shipment = await desk.shipment(order_id)
        assert shipment["status"] == "DELIVERED"
        assert all("2026-03-09" <= scan["at"][:10] <= "2026-03-11" for scan in shipment["history"])

    async def test_costs_what_takes_two_days(self, desk: Desk) -> None:
        found = await rates(desk, INSULIN)
        assert "ups-standard" not in found
        assert {"ups-expedited", "ups-overnight", "fedex-expedited"} <= set(found)

    async def test_leaves_the_rest_of_an_order_to_what_was_chosen(self, desk: Desk) -> None:
        both, plain, cold = [
            await rates(desk, *ids) for ids in ([INSULIN, LEASH], [LEASH], [INSULIN])
        ]
        assert both["ups-standard"]["cost"] == round(
            plain["ups-standard"]["cost"] + cold["ups-expedited"]["cost"], 2
        )


class TestWhatIsHazardous:
    async def test_is_not_offered_a_flight(self, desk: Desk) -> None:
        assert set(await rates(desk, SPRAY)) <= {"standard", "ups-standard", "fedex-standard"}

    async def test_stays_on_the_ground_when_the_rest_flies(self, desk: Desk) -> None:
        order_id = await desk.ship(
            allocations=[(SPRAY, EAST, 1), (LEASH, EAST, 1)], method="fedex-overnight"
        )
        methods = {
            one["parcels"][0]["handling"]: one["method"] for one in await desk.shipments(order_id)
        }
        assert methods == {"plain": "fedex-overnight", "hazardous": "fedex-standard"}


class TestABox:
    async def test_is_chosen_by_size_and_told(self, desk: Desk) -> None:
        order_id = await desk.ship(allocations=[(PILLOW, EAST, 1)])
        (parcel,) = (await desk.shipment(order_id))["parcels"]
        assert (parcel["box"], parcel["sizeMm"]) == ("XL", [610, 460, 460])

    async def test_costs_by_its_room_where_that_is_more_than_its_weight(self, desk: Desk) -> None:
        light, heavy = await rates(desk, PILLOW), await rates(desk, KIBBLE)
        assert light["ups-standard"]["cost"] > heavy["ups-standard"]["cost"]

    async def test_is_paid_for_each(self, desk: Desk) -> None:
        two = await rates(desk, PILLOW, KIBBLE)
        assert two["ups-standard"]["cost"] > (await rates(desk, KIBBLE))["ups-standard"]["cost"]


class TestWhatSpoilsBeforeChristmas:
    async def test_goes_overnight_at_the_price_that_was_asked(self, desk: Desk) -> None:
        assert isinstance(desk.clock, FakeClock)
        ordinary = (await rates(desk, INSULIN))["ups-expedited"]
        desk.clock.advance((CHRISTMAS - desk.clock.now()).total_seconds())
        rate = (await rates(desk, INSULIN))["ups-expedited"]
        assert rate["cost"] == ordinary["cost"]
        order_id = await desk.ship(allocations=[(INSULIN, EAST, 1)], method="ups-expedited")
        shipment = await desk.shipment(order_id)
        assert shipment["method"] == "ups-overnight"
        assert shipment["estimatedDelivery"] == rate["estimatedDelivery"]
        assert "instead of UPS 2nd Day Air" in shipment["history"][0]["text"]
