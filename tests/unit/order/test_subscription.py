"""A subscription under everything that may happen to it, in any order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kibble.kernel.errors import Conflict, RuleViolated
from kibble.kernel.ids import CustomerId, OrderId, ProductId, SubscriptionId
from kibble.kernel.money import Money
from kibble.services.order.model.cadence import Cadence, Unit
from kibble.services.order.model.cycle import (
    PHASES,
    SUBSCRIPTIONS,
    Item,
    Phase,
    Promised,
    Reason,
    Step,
    SubscriptionStatus,
    Waiting,
)
from kibble.services.order.model.subscription import Subscription

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
SUBSCRIPTION = SubscriptionId("0193c1a0-0000-7000-8000-0000000000f1")
CUSTOMER = CustomerId("0193c1a0-0000-7000-8000-0000000000c1")
PRODUCT = ProductId("0193c1a0-0000-7000-8000-0000000000a1")
PRICE = Money(1_000)


def an_item(name: str, cadence: Cadence | None, day: date) -> Item:
    return Item(name, PRODUCT, 1, cadence, day, day, PRICE, PRICE)


def a_subscription() -> Subscription:
    day = date(2026, 3, 9)
    return Subscription(
        subscription_id=SUBSCRIPTION,
        customer_id=CUSTOMER,
        name=None,
        items=[
            an_item("weekly", Cadence(1, Unit.WEEK), day),
            an_item("monthly", Cadence(1, Unit.MONTH), day),
            an_item("once", None, day),
        ],
        time_zone="America/New_York",
        address=None,
        shipping_method=None,
        payment_method="CreditCard",
        payment_token="tok_saved",
        created_at=START,
        updated_at=START,
    )


class Life(RuleBasedStateMachine):
    """The customer, the scheduler and the payments act in any order, over months."""

    def __init__(self) -> None:
        super().__init__()
        self.subscription = a_subscription()
        self.now = START
        self.placed: list[OrderId] = []
        self.set_aside: set[OrderId] = set()
        self.given_back: set[OrderId] = set()
        self.shipped: list[tuple[str, OrderId]] = []

    @rule(hours=st.sampled_from([1, 12, 24, 100, 800]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(what=st.sampled_from(["skip", "order_now", "pause", "resume", "cancel"]))
    def customer_acts(self, what: str) -> None:
        s = self.subscription
        acts = {
            "skip": lambda: s.skip(self.now),
            "order_now": lambda: s.order_now(self.now),
            "pause": lambda: s.pause(None, self.now),
            "resume": lambda: s.resume(None, self.now),
            "cancel": lambda: s.cancel(None, self.now),
        }
        before = repr(s)
        try:
            acts[what]()
        except (Conflict, RuleViolated):
            assert repr(s) == before

    @rule(waits=st.booleans())
    def scheduler_acts(self, *, waits: bool) -> None:
        s = self.subscription
        step = s.step(self.now)
        if step is Step.GIVE_BACK:
            self.given_back |= set(s.stale_holds)
            s.gave_back(self.now)
        elif step is Step.REMIND:
            s.remind(self.now)
        elif step is Step.LOOK_AGAIN:
            s.look_again(self.now)
        elif step is Step.SET_ASIDE:
            self._set_aside(waits=waits)
        elif step is Step.PLACE:
            order_id = s.cycle.order_id
            assert order_id is not None
            self.placed.append(order_id)
            self.shipped += [(line.item_id, order_id) for line in s.cycle.lines]
            s.place(self.now)

    def _set_aside(self, *, waits: bool) -> None:
        s = self.subscription
        order_id = s.next_order_id(self.now)
        assert order_id == s.next_order_id(self.now)
        items = s.due_items(self.now)
        assert items
        if waits:
            s.let_wait({items[0].item_id: Waiting(Reason.STOCK)}, self.now)
            items = items[1:]
        lines = [Promised(i.item_id, i.product_id, i.quantity, PRICE) for i in items]
        if lines:
            assert order_id not in self.set_aside, "an order id was used twice"
            self.set_aside.add(order_id)
            s.set_aside(order_id, lines, self.now)
        elif s.cycle.phase is Phase.RETRYING:
            s.abandon(self.now)

    @precondition(lambda self: self.placed)
    @rule(paid=st.booleans(), old=st.booleans())
    def payment_is_told(self, *, paid: bool, old: bool) -> None:
        order_id = self.placed[0 if old else -1]
        if paid:
            self.subscription.paid(order_id, self.now)
        else:
            self.subscription.payment_failed(order_id, self.now)

    @precondition(lambda self: self.placed)
    @rule()
    def order_is_cancelled(self) -> None:
        self.subscription.given_up(self.placed[-1], self.now)

    @invariant()
    def no_order_is_placed_twice(self) -> None:
        assert len(set(self.placed)) == len(self.placed)

    @invariant()
    def what_is_set_aside_is_placed_held_or_given_back(self) -> None:
        held = {self.subscription.cycle.order_id} | set(self.subscription.stale_holds)
        assert self.set_aside - set(self.placed) <= held | self.given_back

    @invariant()
    def what_is_over_stays_over(self) -> None:
        s = self.subscription
        if s.status in (SubscriptionStatus.CANCELLED, SubscriptionStatus.ENDED):
            assert s.next_date is None
            assert s.step(self.now) in (None, Step.GIVE_BACK)

    @invariant()
    def something_is_due_or_somebody_is_waited_for(self) -> None:
        s = self.subscription
        if s.status is SubscriptionStatus.ACTIVE and s.cycle.phase is not Phase.PLACED:
            assert s.act_at is not None

    @invariant()
    def a_step_that_is_due_is_found_by_its_moment(self) -> None:
        s = self.subscription
        due = s.act_at is not None and s.act_at <= self.now
        assert due == (s.step(self.now) is not None)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_every_phase_and_status_has_its_row() -> None:
    assert set(PHASES.moves) == set(Phase)
    assert set(SUBSCRIPTIONS.moves) == set(SubscriptionStatus)


def test_says_nothing_of_its_payment_token() -> None:
    assert "tok_saved" not in repr(a_subscription())
