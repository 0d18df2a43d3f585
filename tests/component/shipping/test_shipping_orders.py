"""From a paid order to its delivery."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kibble.contracts.customer import CustomerErased
from kibble.contracts.order import OrderCancelled
from kibble.kernel.ids import OrderId
from kibble.platform.clock import SystemClock
from tests.component.shipping.desk import (
    BUNDLE,
    CUSTOMER,
    EAST,
    HOME,
    KIBBLE,
    LEASH,
    WEST,
    Desk,
)
from tests.fixtures.doubles import FakeClock
from tests.fixtures.eventually import eventually


class TestConfirmedOrder:
    async def test_is_labelled_and_announced_once_however_often_it_is_told(
        self, desk: Desk
    ) -> None:
        order_id = await desk.ship()
        shipment = await desk.shipment(order_id)
        assert shipment["status"] == "LABELLED"
        (event,) = desk.published()
        assert event.type == "shipment.created"
        assert (event.order_id, event.tracking_number) == (order_id, shipment["trackingNumber"])
        assert (event.shipments_total, event.shipments_delivered) == (1, 0)

    async def test_is_packed_by_weight(self, desk: Desk) -> None:
        order_id = await desk.ship(allocations=[(KIBBLE, EAST, 5), (LEASH, EAST, 2)])
        parcels = (await desk.shipment(order_id))["parcels"]
        assert [parcel["weightGrams"] for parcel in parcels] == [28_600, 28_000, 14_000]
        assert sum(i["quantity"] for p in parcels for i in p["items"]) == 7

    async def test_is_sent_from_every_warehouse_that_has_a_part(self, desk: Desk) -> None:
        order_id = await desk.ship(
            lines={KIBBLE: 3}, allocations=[(KIBBLE, EAST, 1), (KIBBLE, WEST, 2)]
        )
        shipments = await desk.shipments(order_id)
        assert [shipment["warehouseId"] for shipment in shipments] == [EAST, WEST]
        assert len({shipment["trackingNumber"] for shipment in shipments}) == 2
        assert [event.shipments_total for event in desk.published()] == [2, 2]

    async def test_spreads_the_weight_of_a_bundle_over_its_components(self, desk: Desk) -> None:
        order_id = await desk.ship(
            lines={BUNDLE: 1}, allocations=[(KIBBLE, EAST, 1), (LEASH, EAST, 1)]
        )
        (parcel,) = (await desk.shipment(order_id))["parcels"]
        assert parcel["weightGrams"] == 14_300

    async def test_ships_even_to_a_zip_code_that_rates_do_not_know(self, desk: Desk) -> None:
        nowhere = msgspec.structs.replace(HOME, zip_code="00000")
        order_id = await desk.ship(address=nowhere, method="fedex-expedited")
        assert (await desk.shipment(order_id))["status"] == "LABELLED"

    @pytest.mark.parametrize(
        ("method", "carrier", "length"),
        [("standard", "UPS", 18), ("ups-overnight", "UPS", 18), ("fedex-standard", "FedEx", 12)],
    )
    async def test_goes_with_the_carrier_of_its_method(
        self, desk: Desk, method: str, carrier: str, length: int
    ) -> None:
        shipment = await desk.shipment(await desk.ship(method=method))
        assert shipment["carrier"] == carrier
        assert len(shipment["trackingNumber"]) == length


class TestOrderMarkedAsShipped:
    async def test_is_under_way_and_told_once_until_the_carrier_delivers_it(
        self, desk: Desk
    ) -> None:
        order_id = await desk.ship()
        await desk.tell_shipped(order_id)
        shipment = await desk.shipment(order_id)
        assert shipment["status"] == "IN_TRANSIT"
        assert [entry["status"] for entry in shipment["history"]] == ["LABELLED", "IN_TRANSIT"]
        assert [event.status for event in desk.published()] == ["LABELLED", "IN_TRANSIT"]
        await desk.pass_days(14)
        assert (await desk.shipment(order_id))["status"] == "DELIVERED"
        statuses = [event.status for event in desk.published()]
        assert statuses == ["LABELLED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"]

    async def test_gets_no_label_any_more_if_it_had_none(self, desk: Desk) -> None:
        order_id = await desk.confirm()
        await desk.tell_shipped(order_id)
        await desk.work()
        shipment = await desk.shipment(order_id)
        assert (shipment["status"], shipment.get("trackingNumber")) == ("VOIDED", None)
        assert desk.published() == []


class TestTravel:
    async def test_ends_with_the_delivery_and_tells_every_status_on_the_way(
        self, desk: Desk
    ) -> None:
        order_id = await desk.ship()
        await desk.pass_days(10)
        shipment = await desk.shipment(order_id)
        assert shipment["status"] == "DELIVERED"
        assert shipment["history"][-1]["at"] <= shipment["estimatedDelivery"]
        assert [(event.type, event.status) for event in desk.published()] == [
            ("shipment.created", "LABELLED"),
            ("shipment.updated", "IN_TRANSIT"),
            ("shipment.updated", "OUT_FOR_DELIVERY"),
            ("shipment.delivered", "DELIVERED"),
        ]

    async def test_tells_every_status_even_after_a_long_silence(
        self, desk: Desk, clock: FakeClock
    ) -> None:
        await desk.ship()
        clock.advance(30 * 86_400)
        await desk.work()
        statuses = [event.status for event in desk.published()]
        assert statuses == ["LABELLED", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"]

    async def test_goes_on_after_an_exception(self, desk: Desk) -> None:
        street = msgspec.structs.replace(HOME, street="1 Exception Way")
        order_id = await desk.ship(address=street)
        await desk.pass_days(14)
        assert [event.status for event in desk.published()] == [
            "LABELLED",
            "IN_TRANSIT",
            "OUT_FOR_DELIVERY",
            "EXCEPTION",
            "OUT_FOR_DELIVERY",
            "DELIVERED",
        ]
        assert (await desk.shipment(order_id))["status"] == "DELIVERED"

    async def test_the_last_of_two_parcels_to_arrive_completes_the_order(self, desk: Desk) -> None:
        await desk.ship(lines={KIBBLE: 2}, allocations=[(KIBBLE, EAST, 1), (KIBBLE, WEST, 1)])
        await desk.pass_days(10)
        delivered = [event for event in desk.published() if event.status == "DELIVERED"]
        assert [event.shipments_delivered for event in delivered] == [1, 2]
        assert {event.shipments_total for event in delivered} == {2}

    async def test_the_sequence_of_a_shipments_events_ascends(self, desk: Desk) -> None:
        await desk.ship(lines={KIBBLE: 2}, allocations=[(KIBBLE, EAST, 1), (KIBBLE, WEST, 1)])
        await desk.pass_days(10)
        for subject in {subject for subject, _ in desk.sequences()}:
            sequence = [number for name, number in desk.sequences() if name == subject]
            assert sequence == sorted(set(sequence))

    async def test_asks_the_carrier_only_when_a_scan_is_expected(
        self, desk: Desk, clock: FakeClock
    ) -> None:
        order_id = await desk.ship()
        before = (await desk.shipment(order_id))["updatedAt"]
        clock.advance(3_600)
        await desk.work()
        assert (await desk.shipment(order_id))["updatedAt"] == before

    async def test_takes_seconds_with_the_fast_sandbox(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, SystemClock(), fast=True)
        async with desk.running():
            order_id = await desk.confirm(method="ups-overnight")

            async def status() -> str:
                return str((await desk.shipment(order_id))["status"])

            await eventually(status, until=lambda seen: seen == "DELIVERED", within=20)
        desk.close()


class TestCancelledOrder:
    async def test_has_its_label_voided_and_that_is_told(self, desk: Desk) -> None:
        order_id = await desk.ship()
        await desk.cancel(order_id)
        assert (await desk.shipment(order_id))["status"] == "LABELLED"
        await desk.work()
        assert (await desk.shipment(order_id))["status"] == "VOIDED"
        last = desk.published()[-1]
        assert (last.type, last.status, last.shipments_total) == ("shipment.updated", "VOIDED", 0)

    async def test_is_voided_silently_before_it_has_a_label(self, desk: Desk) -> None:
        order_id = await desk.confirm()
        await desk.cancel(order_id)
        await desk.work()
        assert (await desk.shipment(order_id))["status"] == "VOIDED"
        assert desk.published() == []

    async def test_travels_on_when_the_carrier_has_it_already(self, desk: Desk) -> None:
        order_id = await desk.ship()
        await desk.pass_days(1)
        await desk.cancel(order_id)
        await desk.pass_days(9)
        assert (await desk.shipment(order_id))["status"] == "DELIVERED"

    async def test_is_not_shipped_when_the_confirmation_comes_late(self, desk: Desk) -> None:
        order_id = OrderId(desk.ids.new())
        await desk.cancel(order_id)
        await desk.confirm(order_id)
        await desk.work()
        assert await desk.shipments(order_id) == []

    async def test_a_pick_up_that_nobody_noticed_refuses_the_void(
        self, desk: Desk, clock: FakeClock
    ) -> None:
        order_id = await desk.ship()
        clock.advance(86_400)
        await desk.cancel(order_id)
        await desk.work()
        assert (await desk.shipment(order_id))["status"] == "IN_TRANSIT"


class TestErasedCustomer:
    async def test_is_no_longer_named_on_their_shipments(self, desk: Desk) -> None:
        order_id = await desk.ship()
        await desk.erase(CUSTOMER)
        assert (await desk.customer.get(f"/api/shipping?orderId={order_id}")).json() == []
        assert len(await desk.shipments(order_id)) == 1

    async def test_still_gets_what_is_on_its_way(self, desk: Desk) -> None:
        order_id = await desk.confirm()
        await desk.erase(CUSTOMER)
        await desk.work()
        await desk.pass_days(10)
        assert (await desk.shipment(order_id))["status"] == "DELIVERED"


class TestHandlers:
    async def test_run_again_leave_everything_as_it_was(self, desk: Desk, clock: FakeClock) -> None:
        order = desk.confirmed(allocations=[(KIBBLE, EAST, 1), (LEASH, WEST, 2)])
        cancelled = OrderCancelled(order_id=order.order_id, customer_id=CUSTOMER, reason="test")
        for event in (order, cancelled, CustomerErased(customer_id=CUSTOMER)):
            await desk.deliver(event, times=1)
            before = desk.state()
            clock.advance(60)
            await desk.deliver(event, times=3)
            assert desk.state() == before
