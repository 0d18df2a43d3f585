"""Carriers that fail, answers that get lost, processes that die."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kibble.services.shipping.integration import Purchase
from kibble.services.shipping.model.shipment import Shipment
from tests.component.shipping.carriers import BrokenCarrier, FaultyCarrier
from tests.component.shipping.desk import Desk
from tests.fixtures.doubles import FakeClock


@pytest.fixture
def ups(clock: FakeClock) -> FaultyCarrier:
    return FaultyCarrier("UPS", clock)


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, ups: FaultyCarrier) -> Iterator[Desk]:
    desk = Desk(tmp_path, clock, carriers=[ups, BrokenCarrier("FedEx")])
    yield desk
    desk.close()


async def pass_seconds(desk: Desk, clock: FakeClock, seconds: int) -> None:
    for _ in range(seconds):
        clock.advance(1)
        await desk.work()


async def test_a_label_is_bought_when_the_carrier_is_back(
    desk: Desk, clock: FakeClock, ups: FaultyCarrier
) -> None:
    ups.failures = 4
    order_id = await desk.ship()
    assert (await desk.shipment(order_id))["status"] == "REQUESTED"
    await pass_seconds(desk, clock, 20)
    assert (await desk.shipment(order_id))["status"] == "LABELLED"
    assert len(ups.sold) == 1


async def test_a_failing_carrier_is_asked_less_and_less(
    desk: Desk, clock: FakeClock, ups: FaultyCarrier
) -> None:
    ups.failures = 1_000
    await desk.ship()
    await pass_seconds(desk, clock, 120)
    assert 1_000 - ups.failures == 7, "after 0, 1, 3, 7, 15, 31 and 63 seconds"


async def test_a_lost_answer_buys_no_second_label(
    desk: Desk, clock: FakeClock, ups: FaultyCarrier
) -> None:
    ups.lost_answers = 1
    order_id = await desk.ship()
    await pass_seconds(desk, clock, 5)
    shipment = await desk.shipment(order_id)
    assert len(ups.sold) == 2
    assert set(ups.sold) == {shipment["trackingNumber"]}


async def test_a_label_whose_answer_was_lost_is_voided_with_the_order(
    desk: Desk, clock: FakeClock, ups: FaultyCarrier
) -> None:
    ups.lost_answers = 1
    order_id = await desk.ship()
    await desk.cancel(order_id)
    await pass_seconds(desk, clock, 5)
    shipment = await desk.shipment(order_id)
    assert shipment["status"] == "VOIDED"
    assert ups.voided == [shipment["id"]]


async def test_a_void_is_repeated_until_the_carrier_answers(
    desk: Desk, clock: FakeClock, ups: FaultyCarrier
) -> None:
    order_id = await desk.ship()
    ups.failures = 3
    await desk.cancel(order_id)
    await pass_seconds(desk, clock, 10)
    assert (await desk.shipment(order_id))["status"] == "VOIDED"


async def test_a_killed_process_buys_the_label_after_its_start(
    desk: Desk, ups: FaultyCarrier
) -> None:
    order_id = await desk.confirm()
    desk.kill_and_start()
    await desk.work()
    assert ups.sold == [(await desk.shipment(order_id))["trackingNumber"]]


async def test_one_carriers_failure_does_not_stop_the_other(desk: Desk) -> None:
    stuck = await desk.confirm(method="fedex-overnight")
    moving = await desk.confirm(method="ups-overnight")
    await desk.work()
    assert (await desk.shipment(stuck))["status"] == "REQUESTED"
    assert (await desk.shipment(moving))["status"] == "LABELLED"


async def test_a_label_that_cannot_be_printed_now_is_503(
    tmp_path: Path, clock: FakeClock, ups: FaultyCarrier
) -> None:
    desk = Desk(tmp_path / "other", clock, carriers=[ups])
    shipment = await desk.shipment(await desk.ship())
    desk.close()
    broken = Desk(tmp_path / "other", clock, carriers=[BrokenCarrier("UPS")])
    answer = await broken.staff.get(f"/api/shipping/{shipment['id']}/label")
    assert answer.status == 503
    assert "retry-after" in answer.headers
    broken.close()


class DyingCarrier(FaultyCarrier):
    """Takes the process down with it while ``dying``."""

    dying = True

    async def buy_label(self, shipment: Shipment) -> Purchase:
        purchase = await super().buy_label(shipment)
        if self.dying:
            raise RuntimeError("killed")
        return purchase


async def test_a_request_that_is_repeated_after_a_crash_finds_its_shipment(
    tmp_path: Path, clock: FakeClock
) -> None:
    carrier = DyingCarrier("UPS", clock)
    carrier.dying = False
    desk = Desk(tmp_path / "other", clock, carriers=[carrier])
    order_id = await desk.ship()
    body = {"orderId": order_id, "parcels": [{"weightGrams": 500}]}
    key = {"Idempotency-Key": "replacement-1"}
    carrier.dying = True
    assert (await desk.staff.post("/api/shipping", body, key)).status == 500
    desk.kill_and_start()
    carrier.dying = False
    answer = await desk.staff.post("/api/shipping", body, key)
    assert (answer.status, answer.json()["status"]) == (201, "LABELLED")
    assert len(await desk.shipments(order_id)) == 2
    assert len(set(carrier.sold)) == 2
    desk.close()
