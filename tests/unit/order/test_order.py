"""An order under any sequence of events and wishes, repeated and out of order."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kibble.kernel.errors import Conflict
from kibble.kernel.ids import CustomerId, OrderId, PaymentId, ProductId
from kibble.kernel.money import Money
from kibble.services.order.model.order import (
    Charges,
    Order,
    OrderLine,
    OrderStatus,
    Parcel,
    PaymentStatus,
)
from tests.fixtures.doubles import START

ZERO = Money(0)
DUE = 5_998
MOVES = {
    "PENDING": {"CONFIRMED", "CANCELLED"},
    "CONFIRMED": {"SHIPPED", "CANCELLED", "REFUNDED"},
    "SHIPPED": {"DELIVERED", "REFUNDED"},
    "DELIVERED": {"RETURNED", "REFUNDED"},
    "RETURNED": {"REFUNDED"},
    "CANCELLED": set[str](),
    "REFUNDED": set[str](),
}
"""The table in docs/architecture.md, written down a second time on purpose."""

PAID_FOR = {"CONFIRMED", "SHIPPED", "DELIVERED", "RETURNED", "REFUNDED"}
MONEY_IN = {PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}
PAYMENTS = [PaymentId(f"p-{n}") for n in range(4)]


def an_order() -> Order:
    """Return an order of two bags that was just placed."""
    line = OrderLine("i-1", ProductId("bag"), 2, Money(2999), "Salmon kibble", 1000)
    order = Order(
        order_id=OrderId("o-1"),
        customer_id=CustomerId("ann"),
        email=None,
        lines=(line,),
        charges=Charges(Money(DUE), ZERO, ZERO, ZERO),
        shipping_address={
            "name": "Ann Smith",
            "street": "123 Main St",
            "city": "New York",
            "state": "NY",
            "zipCode": "10001",
            "country": "US",
        },
        shipping_method="standard",
        payment_method="CreditCard",
        promotion_code=None,
        cart_id=None,
        allocations=(),
        hold_expires_at=START + timedelta(minutes=15),
        created_at=START,
        updated_at=START,
    )
    order.place(START)
    return order


class OrderLife(RuleBasedStateMachine):
    """One order, the events about it in any order and any number, and what people ask for.

    What the neighbours promise is kept: of an order's payments at most one succeeds, the last.
    """

    def __init__(self) -> None:
        super().__init__()
        self.order = an_order()
        self.now = START
        self.refunded = ZERO
        self.statuses = ["PENDING"]
        self.was_paid = False

    @initialize(attempts=st.integers(1, len(PAYMENTS)))
    def choose(self, attempts: int) -> None:
        """Choose how many payments there will be; the last of them may succeed."""
        self.payments = PAYMENTS[:attempts]

    def hear(self, event: Callable[[datetime], object]) -> None:
        """Apply an event, and once more: the second time changes nothing at all."""
        self.now += timedelta(seconds=1)
        event(self.now)
        once = deepcopy(self.order)
        assert not event(self.now + timedelta(seconds=1))
        assert self.order == once

    def wish(self, move: Callable[[datetime], object], target: str) -> None:
        """Ask for a move: the table allows it, or it raises and nothing has changed."""
        self.now += timedelta(seconds=1)
        before = deepcopy(self.order)
        allowed = target in MOVES[before.status.value]
        try:
            move(self.now)
        except Conflict:
            assert not allowed
            assert self.order == before
        else:
            assert allowed or self.order == before

    @rule()
    def payment_succeeds(self) -> None:
        self.hear(lambda at: self.order.pay(self.payments[-1], at))
        self.was_paid = True

    @rule(number=st.integers(0, len(PAYMENTS)))
    def payment_fails(self, number: int) -> None:
        payment = self.payments[min(number, len(self.payments) - 1)]
        self.hear(lambda at: self.order.fail_payment(payment, "declined", "No.", at))

    @rule(cents=st.sampled_from([0, 1, 1_000, 3_000, DUE]))
    def money_goes_back(self, cents: int) -> None:
        self.hear(lambda at: self.order.refund(f"r-{cents}", Money(cents), Money(DUE), at))

    @rule(sold_out=st.booleans())
    def hold_expires(self, *, sold_out: bool) -> None:
        self.hear(lambda at: self.order.expire(at, sold_out=sold_out))

    @rule(
        shipment=st.sampled_from(["s-1", "s-2"]),
        status=st.sampled_from(["LABELLED", "IN_TRANSIT", "DELIVERED"]),
        sequence=st.integers(1, 5),
    )
    def parcel_moves(self, shipment: str, status: str, sequence: int) -> None:
        self.hear(lambda at: self.order.track(Parcel(shipment, "1Z", "UPS", status, sequence), at))

    @rule()
    def cancel(self) -> None:
        self.wish(lambda at: self.order.cancel("changed my mind", at), "CANCELLED")

    @rule()
    def ship(self) -> None:
        self.wish(self.order.ship, "SHIPPED")

    @rule()
    def deliver(self) -> None:
        self.wish(self.order.deliver, "DELIVERED")

    @rule()
    def send_back(self) -> None:
        self.wish(lambda at: self.order.send_back("too small", at), "RETURNED")

    @invariant()
    def every_move_is_in_the_table_and_in_the_timeline(self) -> None:
        status = self.order.status.value
        if status != self.statuses[-1]:
            assert status in MOVES[self.statuses[-1]]
            self.statuses.append(status)
        told = [e.type for e in self.order.entries if e.type.startswith("order.")]
        assert told == ["order.placed", *(f"order.{s.lower()}" for s in self.statuses[1:])]

    @invariant()
    def nothing_is_confirmed_without_money(self) -> None:
        if self.order.status.value in PAID_FOR:
            assert self.was_paid
            assert self.order.payment_status in MONEY_IN
            assert self.order.payment_id == self.payments[-1]

    @invariant()
    def what_was_refunded_never_shrinks(self) -> None:
        assert self.order.refunded >= self.refunded
        self.refunded = self.order.refunded

    @invariant()
    def the_payment_status_says_what_went_back(self) -> None:
        refunded, status = self.order.refunded, self.order.payment_status
        assert (status is PaymentStatus.REFUNDED) == (refunded == Money(DUE))
        assert (status is PaymentStatus.PARTIALLY_REFUNDED) == (ZERO < refunded < Money(DUE))
        if self.was_paid:
            assert status in MONEY_IN

    @invariant()
    def the_timeline_ascends_and_no_news_is_in_it_twice(self) -> None:
        times = [entry.at for entry in self.order.entries]
        assert times == sorted(times)
        assert self.order.updated_at == times[-1]
        news = [(e.type, tuple(sorted(e.details.items()))) for e in self.order.entries]
        paid = [what for what in news if what[0] in ("payment.processed", "payment.failed")]
        assert len(paid) == len(set(paid))

    @invariant()
    def a_parcel_is_where_the_latest_news_has_it(self) -> None:
        assert len({p.shipment_id for p in self.order.parcels}) == len(self.order.parcels)


TestOrderLife = OrderLife.TestCase
TestOrderLife.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)


def confirmed() -> Order:
    """Return an order that was paid."""
    order = an_order()
    assert order.pay(PAYMENTS[0], START)
    return order


class TestPayment:
    def test_of_an_order_that_waits_confirms_it(self) -> None:
        order = confirmed()
        assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, PaymentStatus.PAID)
        assert [entry.type for entry in order.entries] == [
            "order.placed",
            "payment.processed",
            "order.confirmed",
        ]

    def test_is_not_told_again_once_money_went_back(self) -> None:
        order = confirmed()
        order.refund("r-1", Money(100), Money(DUE), START)
        assert not order.pay(PAYMENTS[0], START)
        assert order.payment_status is PaymentStatus.PARTIALLY_REFUNDED

    def test_that_is_heard_of_after_its_refund_confirms_only_what_is_left(self) -> None:
        order = an_order()
        order.refund("r-1", Money(100), Money(DUE), START)
        assert order.pay(PAYMENTS[0], START)
        assert order.payment_status is PaymentStatus.PARTIALLY_REFUNDED
        order = an_order()
        order.refund("r-1", Money(DUE), Money(DUE), START)
        assert not order.pay(PAYMENTS[0], START)
        assert order.status is OrderStatus.PENDING

    def test_that_failed_is_told_once_and_only_the_latest(self) -> None:
        order = an_order()
        assert order.fail_payment(PAYMENTS[1], "declined", "No.", START)
        assert not order.fail_payment(PAYMENTS[1], "declined", "No.", START)
        assert not order.fail_payment(PAYMENTS[0], "declined", "No.", START)
        assert order.fail_payment(PAYMENTS[2], "declined", "No.", START)
        assert order.payment_id == PAYMENTS[2]

    def test_may_succeed_after_one_that_failed(self) -> None:
        order = an_order()
        order.fail_payment(PAYMENTS[0], "declined", "No.", START)
        assert order.pay(PAYMENTS[1], START)


class TestExpiry:
    def test_cancels_what_waits_for_its_money(self) -> None:
        order = an_order()
        assert order.expire(START, sold_out=False)
        assert order.entries[-1].details == {"reason": "not paid in time"}

    def test_leaves_a_paid_order_alone_while_there_is_stock(self) -> None:
        order = confirmed()
        assert not order.expire(START, sold_out=False)
        assert order.status is OrderStatus.CONFIRMED

    @pytest.mark.parametrize("labelled", [False, True])
    def test_cancels_a_paid_order_that_is_sold_out_with_or_without_a_label(
        self, *, labelled: bool
    ) -> None:
        order = confirmed()
        if labelled:
            order.track(Parcel("s-1", "1Z", "UPS", "LABELLED", 1), START)
        assert order.expire(START, sold_out=True)
        assert order.status is OrderStatus.CANCELLED

    def test_comes_too_late_for_what_has_shipped(self) -> None:
        order = confirmed()
        order.ship(START)
        assert not order.expire(START, sold_out=True)
        assert order.status is OrderStatus.SHIPPED


class TestParcels:
    def test_do_not_go_back_when_news_comes_late(self) -> None:
        order = confirmed()
        assert order.track(Parcel("s-1", "1Z", "UPS", "DELIVERED", 4), START)
        assert not order.track(Parcel("s-1", "1Z", "UPS", "IN_TRANSIT", 3), START)
        assert [parcel.status for parcel in order.parcels] == ["DELIVERED"]

    def test_follow_the_news_of_each(self) -> None:
        order = confirmed()
        order.track(Parcel("s-1", "1Z", "UPS", "LABELLED", 1), START)
        order.track(Parcel("s-2", "2Z", "FedEx", "LABELLED", 1), START)
        order.track(Parcel("s-2", "2Z", "FedEx", "IN_TRANSIT", 2), START)
        assert [parcel.status for parcel in order.parcels] == ["LABELLED", "IN_TRANSIT"]


class TestRefunds:
    def test_in_full_end_the_order_unless_it_has_ended(self) -> None:
        for end in (None, "cancel", "send_back"):
            order = confirmed()
            if end == "cancel":
                order.cancel("changed my mind", START)
            elif end == "send_back":
                order.ship(START)
                order.deliver(START)
                order.send_back("too small", START)
            assert order.refund("r-1", Money(DUE), Money(DUE), START)
            expected = OrderStatus.CANCELLED if end == "cancel" else OrderStatus.REFUNDED
            assert (order.status, order.payment_status) == (expected, PaymentStatus.REFUNDED)


class TestErasure:
    def test_drops_what_names_the_person_and_keeps_where_tax_was_due(self) -> None:
        order = an_order()
        order.email = "ann@example.com"
        order.forget_person(START)
        assert [order.customer_id, order.email] == [None, None]
        assert order.shipping_address == {"state": "NY", "zipCode": "10001", "country": "US"}
        assert order.charges.due == Money(DUE)
