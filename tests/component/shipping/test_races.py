"""The same shipment worked on twice, and shipments of one order at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.claims import LocalClaims
from kibble.services.shipping import adapters
from kibble.services.shipping.adapters.sandbox import SandboxCarrier
from kibble.services.shipping.adapters.sqlite import SqliteShipmentRepository
from kibble.services.shipping.integration import Carrier, Purchase
from kibble.services.shipping.model.shipment import Shipment, Status
from kibble.services.shipping.service import Dispatcher
from tests.component.shipping.carriers import ZONES, FaultyCarrier
from tests.component.shipping.desk import EAST, KIBBLE, WEST, Desk
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.eventually import eventually
from tests.unit.shipping.builders import NOW, requested


class HesitantCarrier(FaultyCarrier):
    """Lets others run before it answers."""

    async def buy_label(self, shipment: Shipment) -> Purchase:
        await asyncio.sleep(0)
        return await super().buy_label(shipment)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[SqliteShipmentRepository]:
    database = Database(tmp_path / "shipping.db", Durability.FULL)
    migrate(database, adapters.__name__)
    made = SqliteShipmentRepository(database, EnvelopeMaker("shipping", clock, fake_ids(clock)))
    yield made
    made.close()


async def saved(store: SqliteShipmentRepository, shipment: Shipment) -> Shipment:
    changes = Changes()
    changes.save(shipment)
    await store.commit(changes)
    return shipment


def dispatcher(store: SqliteShipmentRepository, clock: FakeClock, carrier: Carrier) -> Dispatcher:
    return Dispatcher(store, LocalClaims(), {carrier.name: carrier}, clock)


async def test_a_shipment_is_in_one_hand_at_a_time(
    store: SqliteShipmentRepository, clock: FakeClock
) -> None:
    shipment = await saved(store, requested())
    carrier = HesitantCarrier("UPS", clock)
    desk = dispatcher(store, clock, carrier)
    await asyncio.gather(*(desk.advance(shipment.id) for _ in range(5)))
    assert len(carrier.sold) == 1


async def test_two_processes_at_one_shipment_end_with_one_label_and_one_event(
    store: SqliteShipmentRepository, clock: FakeClock
) -> None:
    shipment = await saved(store, requested())
    carrier = HesitantCarrier("UPS", clock)
    await asyncio.gather(*(dispatcher(store, clock, carrier).advance(shipment.id) for _ in "ab"))
    found = await store.find(shipment.id)
    assert found is not None
    assert found.status is Status.LABELLED
    assert set(carrier.sold) == {found.printable_label().tracking_number}
    assert len(store.read_log("shipping_events", 0, 10)) == 1


async def test_a_label_that_is_bought_while_the_order_is_cancelled_is_voided(
    store: SqliteShipmentRepository, clock: FakeClock
) -> None:
    shipment = await saved(store, requested())

    class CancelledMeanwhile(FaultyCarrier):
        """The order's cancellation is applied while the label is bought."""

        async def buy_label(self, shipment: Shipment) -> Purchase:
            purchase = await super().buy_label(shipment)
            current = await store.find(shipment.id)
            assert current is not None
            current.request_void(clock.now())
            await saved(store, current)
            return purchase

    carrier = CancelledMeanwhile("UPS", clock)
    await dispatcher(store, clock, carrier).advance(shipment.id)
    found = await store.find(shipment.id)
    assert found is not None
    assert (found.status, found.due_at) == (Status.VOIDED, None)
    assert carrier.voided == [shipment.id]


async def test_of_two_parcels_that_arrive_at_once_one_is_told_to_be_the_last(
    tmp_path: Path, clock: FakeClock
) -> None:
    carriers = [SandboxCarrier(name, ZONES, clock) for name in ("UPS", "FedEx")]
    desk = Desk(tmp_path / "desk", clock, carriers=carriers)
    both = [(KIBBLE, EAST, 1), (KIBBLE, WEST, 1)]
    orders = [await desk.ship(lines={KIBBLE: 2}, allocations=both) for _ in range(10)]
    clock.advance(30 * 86_400)
    async with desk.running():

        async def arrived() -> bool:
            shipments = [one for order_id in orders for one in await desk.shipments(order_id)]
            return all(one["status"] == "DELIVERED" for one in shipments)

        await eventually(arrived)
    for order_id in orders:
        told = [event for event in desk.published() if event.order_id == order_id]
        counts = [event.shipments_delivered for event in told if event.status == "DELIVERED"]
        assert counts == [1, 2]
    desk.close()
