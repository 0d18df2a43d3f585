"""What every ``ShipmentRepository`` does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CustomerId, OrderId, ShipmentId, WarehouseId
from kibble.platform.persistence.changes import Changes
from kibble.services.shipping.model.handling import Handling
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.picking import Picking, Stage
from kibble.services.shipping.model.shipment import (
    CancelledOrder,
    Label,
    LabelImage,
    PrintedLabels,
    Scan,
    Shipment,
    Status,
)
from kibble.services.shipping.repository import ShipmentRepository
from tests.unit.shipping.builders import CUSTOMER, LABEL, LATER, NOW, ORDER, labelled, requested

EAST = WarehouseId("0199a000-0000-7000-8000-0000000000e1")
NOBODYS = "0199a000-0000-7000-8000-00000000dead"


async def save(
    repository: ShipmentRepository, *aggregates: Shipment | CancelledOrder | PrintedLabels | Picking
) -> None:
    changes = Changes()
    for aggregate in aggregates:
        changes.save(aggregate)
    await repository.commit(changes)


async def test_gives_back_what_was_saved(repository: ShipmentRepository) -> None:
    shipment = labelled(warehouse_id=EAST, request_key="staff\nPOST\nkey", erase_wanted=True)
    scan = Scan(LATER, Status.IN_TRANSIT, "Picked up – früh", "OH")
    shipment.record_scans([scan], LATER, LATER + timedelta(hours=1))
    shipment.record_failure(LATER)
    await save(repository, shipment)
    assert await repository.find(shipment.id) == shipment


async def test_gives_back_a_shipment_that_has_no_label_yet(repository: ShipmentRepository) -> None:
    shipment = requested(customer_id=None, void_wanted=True)
    await save(repository, shipment)
    assert await repository.find(shipment.id) == shipment


async def test_gives_back_a_change(repository: ShipmentRepository) -> None:
    shipment = requested()
    await save(repository, shipment)
    shipment.record_label(LABEL, LATER, NOW, LATER)
    await save(repository, shipment)
    assert await repository.find(shipment.id) == shipment


async def test_finds_what_a_warehouse_has_to_hand_over_oldest_first(
    repository: ShipmentRepository,
) -> None:
    first, second = labelled(warehouse_id=EAST), requested(warehouse_id=EAST)
    second.id, second.order_id = ShipmentId(f"{first.id[:-3]}fff"), OrderId(f"{ORDER[:-3]}fff")
    await save(repository, first, second)
    assert await repository.awaiting_pick_up(EAST, 10) == [first, second]
    assert await repository.awaiting_pick_up(EAST, 1) == [first]
    assert await repository.awaiting_pick_up(WarehouseId(NOBODYS), 10) == []
    scan = Scan(LATER, Status.IN_TRANSIT, "Picked up")
    first.record_scans([scan], LATER, LATER + timedelta(hours=1))
    second.request_void(LATER)
    await save(repository, first, second)
    assert await repository.awaiting_pick_up(EAST, 10) == []


async def test_knows_how_far_a_warehouse_is(repository: ShipmentRepository) -> None:
    shipment = labelled(warehouse_id=EAST)
    await save(repository, shipment)
    assert await repository.pickings([shipment.id]) == []
    picking = Picking(shipment.id, Stage.PICKED, NOW)
    await save(repository, picking)
    picking.move(Stage.PACKED, LATER)
    await save(repository, picking)
    assert await repository.pickings([shipment.id, ShipmentId(NOBODYS)]) == [picking]


async def test_has_nothing_under_what_is_unknown(repository: ShipmentRepository) -> None:
    await save(repository, labelled())
    assert await repository.find(ShipmentId(NOBODYS)) is None
    assert await repository.of_order(OrderId(NOBODYS)) == []
    assert await repository.of_customer(CustomerId(NOBODYS)) == []
    assert await repository.by_tracking_number("1Z") is None
    assert await repository.by_request_key("key") is None


async def test_refuses_to_overwrite_what_changed_meanwhile(repository: ShipmentRepository) -> None:
    await save(repository, requested())
    first = await repository.find(requested().id)
    second = await repository.find(requested().id)
    assert first is not None
    assert second is not None
    await save(repository, first)
    with pytest.raises(StaleVersion):
        await save(repository, second)


async def test_keeps_one_shipment_an_order_and_warehouse(repository: ShipmentRepository) -> None:
    await save(repository, requested(1, warehouse_id=EAST))
    with pytest.raises(StaleVersion):
        await save(repository, requested(2, warehouse_id=EAST))


async def test_keeps_one_more_of_each_handling(repository: ShipmentRepository) -> None:
    cold = Parcel(200, box="XS", size_mm=(240, 170, 90), handling=Handling.COLD)
    await save(repository, requested(1, warehouse_id=EAST))
    await save(repository, requested(2, warehouse_id=EAST, parcels=(cold,)))
    with pytest.raises(StaleVersion):
        await save(repository, requested(3, warehouse_id=EAST, parcels=(cold,)))
    found = await repository.find(requested(2).id)
    assert found is not None
    assert (found.parcels, found.handling) == ((cold,), Handling.COLD)


async def test_keeps_any_number_that_no_warehouse_was_named_for(
    repository: ShipmentRepository,
) -> None:
    await save(repository, requested(1), requested(2))
    assert len(await repository.of_order(ORDER)) == 2


async def test_keeps_one_shipment_a_request_key(repository: ShipmentRepository) -> None:
    await save(repository, requested(1, request_key="key"))
    with pytest.raises(StaleVersion):
        await save(repository, requested(2, request_key="key"))
    assert await repository.by_request_key("key") == requested(1, request_key="key", version=1)


async def test_lists_an_orders_and_a_customers_shipments_oldest_first(
    repository: ShipmentRepository,
) -> None:
    other = OrderId("0199a000-0000-7000-8000-0000000000fe")
    await save(
        repository,
        requested(3),
        requested(1, customer_id=None),
        requested(2, order_id=other),
    )
    assert [shipment.id[-1] for shipment in await repository.of_order(ORDER)] == ["1", "3"]
    assert [shipment.id[-1] for shipment in await repository.of_customer(CUSTOMER)] == ["2", "3"]


async def test_finds_the_newest_shipment_of_a_number_that_was_used_again(
    repository: ShipmentRepository,
) -> None:
    await save(repository, labelled(2), labelled(9), labelled(5))
    found = await repository.by_tracking_number(LABEL.tracking_number)
    assert found is not None
    assert found.id == labelled(9).id


async def test_lists_what_is_due_the_longest_first(repository: ShipmentRepository) -> None:
    done = labelled(4, label=Label("1Z4", "r"), due_at=None)
    done.due_at = None
    await save(
        repository,
        requested(1, due_at=NOW),
        requested(2, due_at=NOW - timedelta(hours=1)),
        requested(3, due_at=NOW + timedelta(microseconds=1)),
        done,
    )
    assert [due[-1] for due in await repository.due(NOW, 10)] == ["2", "1"]
    assert [due[-1] for due in await repository.due(NOW, 1)] == ["2"]


async def test_remembers_cancelled_orders(repository: ShipmentRepository) -> None:
    await save(repository, CancelledOrder(ORDER, NOW))
    assert await repository.is_cancelled(ORDER)
    assert not await repository.is_cancelled(OrderId(NOBODYS))


async def test_keeps_printed_labels_until_they_are_dropped(repository: ShipmentRepository) -> None:
    shipment = labelled()
    images = (LabelImage(b"\x89PNG\x00", "image/png"), LabelImage(b"%PDF", "application/pdf"))
    await save(repository, shipment, PrintedLabels(shipment.id, images))
    kept = await repository.printed(shipment.id)
    assert kept == PrintedLabels(shipment.id, images, version=1)
    changes = Changes()
    changes.remove(kept)
    await repository.commit(changes)
    assert await repository.printed(shipment.id) is None
