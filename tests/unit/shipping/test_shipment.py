"""The life of a shipment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kibble.kernel.errors import Conflict
from kibble.services.shipping.model.shipment import ERASED, MOVES, Scan, Shipment, Status
from tests.unit.shipping.builders import ADDRESS, LABEL, LATER, NOW, labelled, requested


def scan(status: Status, hours: int) -> Scan:
    return Scan(NOW + timedelta(hours=hours), status, status.value.lower())


def statuses(shipment: Shipment) -> list[Status]:
    return [entry.status for entry in shipment.history]


class TestLabel:
    def test_a_bought_label_is_kept_and_tracked_from_the_first_scan_on(self) -> None:
        shipment = labelled()
        assert (shipment.status, shipment.label) == (Status.LABELLED, LABEL)
        assert shipment.due_at == LATER

    def test_a_second_answer_of_the_same_purchase_changes_nothing(self) -> None:
        shipment = labelled()
        other = replace(LABEL, tracking_number="other")
        assert not shipment.record_label(other, NOW, LATER, LATER)
        assert shipment.label == LABEL
        assert statuses(shipment) == [Status.LABELLED]

    def test_a_label_that_comes_after_the_void_is_to_be_voided_too(self) -> None:
        shipment = requested()
        shipment.request_void(NOW)
        shipment.record_void(NOW)
        assert not shipment.record_label(LABEL, LATER, LATER, LATER + timedelta(days=1))
        assert (shipment.status, shipment.void_wanted) == (Status.VOIDED, True)
        assert shipment.due_at == LATER

    def test_there_is_nothing_to_print_before_the_purchase(self) -> None:
        with pytest.raises(Conflict, match="REQUESTED"):
            requested().printable_label()

    def test_there_is_nothing_to_print_after_the_void(self) -> None:
        shipment = labelled()
        shipment.record_void(NOW)
        with pytest.raises(Conflict, match="VOIDED"):
            shipment.printable_label()


class TestScans:
    def test_moves_one_status_at_a_time_and_is_due_for_the_rest(self) -> None:
        shipment = labelled()
        scans = [scan(Status.IN_TRANSIT, 1), scan(Status.OUT_FOR_DELIVERY, 2)]
        assert shipment.record_scans(scans, NOW, LATER)
        assert (shipment.status, shipment.due_at) == (Status.IN_TRANSIT, NOW)
        assert shipment.record_scans(scans, NOW, LATER)
        assert (shipment.status, shipment.due_at) == (Status.OUT_FOR_DELIVERY, LATER)

    def test_the_same_scans_again_change_nothing(self) -> None:
        shipment = labelled()
        scans = [scan(Status.IN_TRANSIT, 1)]
        shipment.record_scans(scans, NOW, LATER)
        assert not shipment.record_scans(scans, NOW, LATER)
        assert statuses(shipment) == [Status.LABELLED, Status.IN_TRANSIT]

    def test_a_scan_of_the_same_status_only_adds_to_the_history(self) -> None:
        shipment = labelled()
        scans = [scan(Status.IN_TRANSIT, 1), scan(Status.IN_TRANSIT, 5)]
        shipment.record_scans(scans, NOW, LATER)
        assert not shipment.record_scans(scans, NOW, LATER)
        assert statuses(shipment)[1:] == [Status.IN_TRANSIT] * 2

    def test_takes_scans_in_the_order_of_their_time(self) -> None:
        shipment = labelled()
        scans = [scan(Status.OUT_FOR_DELIVERY, 2), scan(Status.IN_TRANSIT, 1)]
        shipment.record_scans(scans, NOW, LATER)
        assert shipment.status is Status.IN_TRANSIT

    def test_a_missed_scan_is_skipped(self) -> None:
        shipment = labelled()
        shipment.record_scans([scan(Status.DELIVERED, 9)], NOW, LATER)
        assert (shipment.status, shipment.due_at) == (Status.DELIVERED, None)

    def test_an_exception_is_left_again(self) -> None:
        shipment = labelled()
        scans = [
            scan(Status.IN_TRANSIT, 1),
            scan(Status.EXCEPTION, 2),
            scan(Status.OUT_FOR_DELIVERY, 3),
        ]
        for _ in scans:
            shipment.record_scans(scans, NOW, LATER)
        assert shipment.status is Status.OUT_FOR_DELIVERY

    def test_takes_over_a_new_estimate(self) -> None:
        shipment = labelled()
        shipment.record_scans([], NOW, LATER, LATER + timedelta(days=1))
        assert shipment.estimated_delivery == LATER + timedelta(days=1)


class TestVoid:
    def test_waits_for_the_carrier_first(self) -> None:
        shipment = labelled()
        assert shipment.request_void(LATER)
        assert (shipment.status, shipment.due_at) == (Status.LABELLED, LATER)

    def test_asking_twice_changes_nothing(self) -> None:
        shipment = labelled()
        shipment.request_void(NOW)
        assert not shipment.request_void(LATER)
        assert shipment.due_at == NOW

    def test_nothing_is_left_to_do_afterwards(self) -> None:
        shipment = labelled()
        shipment.request_void(NOW)
        assert shipment.record_void(LATER)
        assert (shipment.status, shipment.due_at) == (Status.VOIDED, None)

    def test_parcels_that_were_picked_up_travel_on(self) -> None:
        shipment = labelled()
        shipment.record_scans([scan(Status.IN_TRANSIT, 1)], NOW, LATER)
        assert not shipment.request_void(NOW)
        assert not shipment.void_wanted

    def test_a_refusal_of_the_carrier_returns_to_tracking(self) -> None:
        shipment = labelled()
        shipment.request_void(NOW)
        shipment.record_void_refused(LATER)
        assert (shipment.void_wanted, shipment.due_at) == (False, LATER)


class TestFailure:
    def test_waits_longer_each_time_up_to_ten_minutes(self) -> None:
        shipment = requested()
        waits = []
        for _ in range(40):
            shipment.record_failure(NOW)
            assert shipment.due_at is not None
            waits.append((shipment.due_at - NOW).total_seconds())
        assert waits[:4] == [1, 2, 4, 8]
        assert waits == sorted(waits)
        assert waits[-1] == 600

    def test_a_success_forgets_the_failures(self) -> None:
        shipment = requested()
        shipment.record_failure(NOW)
        shipment.record_label(LABEL, LATER, NOW, LATER)
        assert shipment.failures == 0


class TestErasure:
    def test_drops_the_person_at_once_when_the_label_is_bought(self) -> None:
        shipment = labelled()
        shipment.erase(NOW)
        assert (shipment.customer_id, shipment.address.name) == (None, None)
        assert shipment.address.street == ERASED
        assert shipment.address.zip_code == ADDRESS.zip_code

    def test_keeps_the_address_until_the_label_is_bought(self) -> None:
        shipment = requested()
        shipment.erase(NOW)
        assert shipment.address == ADDRESS
        shipment.record_label(LABEL, LATER, NOW, LATER)
        assert shipment.address.street == ERASED

    def test_drops_the_address_when_the_shipment_is_voided_instead(self) -> None:
        shipment = requested()
        shipment.erase(NOW)
        shipment.record_void(NOW)
        assert shipment.address.street == ERASED


class AnyOrder(RuleBasedStateMachine):
    """Labels, scans, voids, failures and erasures, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.shipment = requested()
        self.before = self.shipment.status
        self.now = NOW

    @rule(status=st.sampled_from(Status), hours=st.integers(0, 200))
    def scanned(self, status: Status, hours: int) -> None:
        if self.shipment.label is not None and status is not Status.VOIDED:
            entry = scan(status, hours)
            self.shipment.record_scans([entry], self.now, self.now + timedelta(hours=1))

    @rule()
    def label_bought(self) -> None:
        self.shipment.record_label(LABEL, LATER, self.now, LATER)

    @rule()
    def void_requested(self) -> None:
        self.shipment.request_void(self.now)

    @rule(refused=st.booleans())
    def void_answered(self, *, refused: bool) -> None:
        if self.shipment.void_wanted:
            record = self.shipment.record_void_refused if refused else self.shipment.record_void
            record(self.now)

    @rule()
    def failed(self) -> None:
        if self.shipment.due_at is not None:
            self.shipment.record_failure(self.now)

    @rule()
    def erased(self) -> None:
        self.shipment.erase(self.now)

    @invariant()
    def only_moves_as_the_table_says(self) -> None:
        after = self.shipment.status
        assert after is self.before or MOVES.allows(self.before, after)
        self.before = after

    @invariant()
    def something_is_due_until_it_is_finished(self) -> None:
        finished = MOVES.is_final(self.shipment.status) and not self.shipment.void_wanted
        assert (self.shipment.due_at is None) == finished

    @invariant()
    def travels_only_under_a_label(self) -> None:
        if self.shipment.status not in {Status.REQUESTED, Status.VOIDED}:
            assert self.shipment.label is not None


TestAnyOrder = AnyOrder.TestCase
