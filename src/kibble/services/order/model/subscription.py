"""A subscription (Autoship): what a customer wants again and again.

``act_at`` is the moment of the next step of its next order (``cycle.py``), so that one index finds
all that is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from kibble.kernel.errors import Conflict, InvalidInput, RuleViolated
from kibble.kernel.ids import CustomerId, OrderId, SubscriptionId, named_uuid7
from kibble.kernel.personal import Personal, Secret
from kibble.services.order.errors import CutOffPassed, UnknownItem
from kibble.services.order.model.cadence import day_of, moment_of
from kibble.services.order.model.cycle import (
    CUT_OFF,
    LOOK_AGAIN,
    MAX_ITEMS,
    PAYMENT_FAILED,
    PHASES,
    REMIND_BEFORE,
    RETRIES,
    SUBSCRIPTIONS,
    Cycle,
    Item,
    Phase,
    Promised,
    Reason,
    Step,
    SubscriptionStatus,
    Waiting,
)

_S = SubscriptionStatus
_P = Phase
_FIXED = {Phase.SET_ASIDE: Step.PLACE, Phase.RETRYING: Step.SET_ASIDE}
"""What follows a phase whatever the time is."""


@dataclass(slots=True, kw_only=True)
class Subscription:
    """A subscription.

    ``address`` is None for the one that Customer keeps, whatever it is then. ``payment_token`` is
    the provider's name of a saved way to pay: a secret. ``hurry`` is since when the next order is
    wanted at once; ``not_before`` holds up the next step after a trouble. ``tries`` counts the
    order ids that were used up: with the due date it names the next one. ``stale_holds`` are
    orders that will not be placed and whose stock is still to be given back.
    """

    subscription_id: SubscriptionId
    customer_id: CustomerId | None
    name: Personal[str | None]
    items: list[Item]
    time_zone: Personal[str]
    address: Personal[dict[str, str] | None]
    shipping_method: str | None
    payment_method: str
    payment_token: Secret[str | None] = field(repr=False)
    created_at: datetime
    updated_at: datetime
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    reason: Personal[str | None] = None
    resumes_on: date | None = None
    cycle: Cycle = field(default_factory=Cycle)
    hurry: datetime | None = None
    look_again_at: datetime | None = None
    not_before: datetime | None = None
    tries: int = 0
    stale_holds: tuple[OrderId, ...] = ()
    orders_paid: int = 0
    last_order_id: OrderId | None = None
    version: int = 0

    # When what is due.

    @property
    def next_date(self) -> date | None:
        """The day of the next order; None while every line waits, or there is none."""
        if self.status in (_S.CANCELLED, _S.ENDED):
            return None
        if self.cycle.due is not None:
            return self.cycle.due
        return min((item.next_date for item in self.items if item.waiting is None), default=None)

    @property
    def due_at(self) -> datetime | None:
        """The moment at which the next order is placed."""
        day = self.next_date
        if day is None:
            return None
        return self.hurry or moment_of(day, self.time_zone)

    @property
    def cut_off_at(self) -> datetime | None:
        """The moment up to which lines may change."""
        due = self.due_at
        return None if due is None else due - CUT_OFF

    @property
    def act_at(self) -> datetime | None:
        """The moment of the next step; None while nothing is to be done."""
        if self.stale_holds:
            return self.updated_at
        if self.status is _S.PAUSED and self.resumes_on is not None:
            return moment_of(self.resumes_on, self.time_zone)
        if self.status is not _S.ACTIVE:
            return None
        moment = self._next_step_at()
        if moment is not None and self.not_before is not None:
            return max(moment, self.not_before)
        return moment

    def _next_step_at(self) -> datetime | None:
        phase, due = self.cycle.phase, self.due_at
        if phase is _P.PLACED:
            return None
        if phase is _P.RETRYING:
            return self.retry_at
        if phase is _P.SET_ASIDE:
            return due
        before = REMIND_BEFORE if phase is _P.SCHEDULED else CUT_OFF
        moments = [due - before] if due is not None else []
        if self.look_again_at is not None:
            moments.append(self.look_again_at)
        return min(moments, default=None)

    @property
    def retry_at(self) -> datetime | None:
        """The moment at which a failed payment is tried again."""
        cycle = self.cycle
        if cycle.phase is not _P.RETRYING or cycle.failed_at is None:
            return None
        if self.hurry is not None:
            return self.hurry
        return cycle.failed_at + RETRIES[cycle.failures - 1]

    def step(self, now: datetime) -> Step | None:
        """Return what is to be done now."""
        act_at = self.act_at
        if act_at is None or act_at > now:
            return None
        if self.stale_holds:
            return Step.GIVE_BACK
        if self.status is _S.PAUSED:
            return Step.RESUME
        return _FIXED.get(self.cycle.phase) or self._open_step(now)

    def _open_step(self, now: datetime) -> Step:
        if self.look_again_at is not None and self.look_again_at <= now:
            return Step.LOOK_AGAIN
        cut_off = self.cut_off_at
        return Step.SET_ASIDE if cut_off is not None and cut_off <= now else Step.REMIND

    def today(self, now: datetime) -> date:
        """Return which day it is for the customer."""
        return day_of(now, self.time_zone)

    def due_items(self, now: datetime) -> list[Item]:
        """Return the lines of the next order."""
        day = self.next_date
        if day is None:
            return []
        latest = max(day, self.today(now))
        return [i for i in self.items if i.waiting is None and i.next_date <= latest]

    def item(self, item_id: str) -> Item:
        """Return a line; raises ``UnknownItem``."""
        for item in self.items:
            if item.item_id == item_id:
                return item
        raise UnknownItem(item_id)

    # What the customer does.

    def require_changeable(self) -> None:
        """Raise ``CutOffPassed`` once the next order's lines are fixed, and until it is paid."""
        self._require(_S.ACTIVE, _S.PAUSED)
        if self.cycle.phase in (_P.SET_ASIDE, _P.PLACED):
            raise CutOffPassed(self.cycle.due, self.cycle.order_id)

    def replace_items(self, items: Sequence[Item], now: datetime) -> None:
        """Put other lines in; raises ``CutOffPassed``, ``InvalidInput``."""
        self.require_changeable()
        if not items:
            raise InvalidInput.at("/items", "must not be empty: cancel the subscription instead")
        if len(items) > MAX_ITEMS:
            raise InvalidInput.at("/items", f"may be {MAX_ITEMS} at most")
        self.items = list(items)
        self._reschedule(now)

    def skip(self, now: datetime) -> None:
        """Leave the next order out; stock that was set aside for it goes back.

        Raises ``RuleViolated`` when nothing comes again, ``CutOffPassed`` once it was placed.
        """
        self._require_open_cycle()
        if not any(item.cadence for item in self.items):
            raise RuleViolated(
                "Nothing of this comes again: cancel it, or give it another date.",
                code="nothing-recurs",
            )
        today = self.today(now)
        skipped = self._lines_of_cycle(now)
        self._give_up_cycle(now)
        for item in skipped:
            item.advance(max(today, item.next_date))
        self._carry_single(skipped)

    def skip_item(self, item_id: str, now: datetime) -> None:
        """Leave one line out of the next order; raises ``CutOffPassed``, ``RuleViolated``."""
        self.require_changeable()
        item = self.item(item_id)
        if item.cadence is None:
            raise RuleViolated("This ships once: take it out instead.", code="nothing-recurs")
        item.advance(max(self.today(now), item.next_date))
        self._reschedule(now)

    def _carry_single(self, skipped: Iterable[Item]) -> None:
        """What ships once goes along with what comes next."""
        later = min(item.next_date for item in self.items if item.cadence is not None)
        for item in skipped:
            if item.cadence is None:
                item.move_to(later)

    def order_now(self, now: datetime) -> None:
        """Have the next order placed at once; cadences count from today."""
        self._require_open_cycle()
        if self.next_date is None:
            raise RuleViolated("Every line waits for your answer.", code="every-line-waits")
        if self.cycle.phase is not _P.SET_ASIDE:
            today = self.today(now)
            for item in self.due_items(now):
                item.move_to(today)
        self.hurry, self.not_before = now, None
        self.updated_at = now

    def move_next_date(self, day: date, now: datetime) -> None:
        """Have the next order on another day; its lines' cadences count from there."""
        self.require_changeable()
        moved = self.due_items(now)
        for item in moved:
            item.move_to(day)
        if self.cycle.phase is _P.RETRYING:
            self._give_up_cycle(now)
        self._reschedule(now)

    def pause(self, until: date | None, now: datetime, reason: str | None = None) -> None:
        """Place no orders until a day, or until it is resumed; raises ``Conflict``."""
        self.status = SUBSCRIPTIONS.move(self.status, _S.PAUSED)
        self.reason, self.resumes_on = reason, until
        if self.cycle.phase is not _P.PLACED:
            self._give_up_cycle(now)
        self.updated_at = now

    def resume(self, day: date | None, now: datetime) -> None:
        """Go on; what was due meanwhile is due on ``day``, or when its cadence says next.

        Raises ``Conflict``.
        """
        self.status = SUBSCRIPTIONS.move(self.status, _S.ACTIVE)
        self.reason = self.resumes_on = self.not_before = None
        self.updated_at = now
        if self.cycle.phase is _P.PLACED:
            return
        today = self.today(now)
        if day is not None:
            for item in self.due_items(now):
                item.move_to(day)
            self.hurry = now if day <= today else None
            return
        yesterday = today - timedelta(days=1)
        overdue = [item for item in self.items if item.next_date < today]
        for item in overdue:
            if item.cadence is not None:
                item.next_date = item.cadence.after(item.anchor, yesterday)
        for item in overdue:
            if item.cadence is None:
                item.move_to(min((i.next_date for i in self.items if i.cadence), default=today))

    def cancel(self, reason: str | None, now: datetime) -> None:
        """End it for good; an order that was placed goes on. Raises ``Conflict``."""
        self.status = SUBSCRIPTIONS.move(self.status, _S.CANCELLED)
        self.reason, self.resumes_on = reason, None
        if self.cycle.phase is not _P.PLACED:
            self._give_up_cycle(now)
        self.updated_at = now

    def approve(self, item_id: str, now: datetime) -> None:
        """Take the higher price of a line that waits for that; raises ``RuleViolated``."""
        self.require_changeable()
        item = self.item(item_id)
        waiting = item.waiting
        if waiting is None or waiting.reason is not Reason.PRICE or waiting.price is None:
            raise RuleViolated("This line waits for no answer.", code="nothing-asked")
        item.cap = max(item.cap, waiting.price)
        item.agreed = waiting.price
        item.waiting = item.told = None
        self._reschedule(now)

    def pay_by(self, method: str, token: str | None) -> None:
        """Pay the next orders so."""
        self._require(_S.ACTIVE, _S.PAUSED)
        self.payment_method, self.payment_token = method, token

    def live_in(self, zone: str) -> None:
        """Have dates be those of another time zone."""
        self._require(_S.ACTIVE, _S.PAUSED)
        self.time_zone = zone

    def forget_person(self, now: datetime) -> None:
        """Drop what names the customer, and end it."""
        if not SUBSCRIPTIONS.is_final(self.status):
            self.cancel("the account was erased", now)
        self.customer_id = self.address = self.payment_token = self.name = None

    # What the scheduler does.

    def remind(self, now: datetime) -> None:
        """Note that the customer was told of the next order."""
        self._enter(_P.REMINDED, now)

    def set_aside(self, order_id: OrderId, lines: Sequence[Promised], now: datetime) -> None:
        """Fix the next order: its id, under which stock is held, its lines, and their prices."""
        due = self.next_date
        self._enter(_P.SET_ASIDE, now)
        self.cycle.due, self.cycle.lines, self.cycle.order_id = due, tuple(lines), order_id
        self._note_waiting(now)

    def let_wait(self, waiting: Mapping[str, Waiting], now: datetime) -> list[Item]:
        """Leave lines out of the next order; return those whose customer does not know yet."""
        news: list[Item] = []
        for item in self.items:
            if (why := waiting.get(item.item_id)) is not None:
                if item.told is not why.reason:
                    news.append(item)
                item.waiting, item.told = why, why.reason
        self._note_waiting(now)
        return news

    def look_again(self, now: datetime) -> None:
        """Let the lines that wait be judged anew."""
        for item in self.items:
            item.waiting = None
        self.look_again_at = None
        self.updated_at = now

    def _note_waiting(self, now: datetime) -> None:
        waits = any(item.waiting for item in self.items)
        self.look_again_at = now + LOOK_AGAIN if waits else None
        self.updated_at = now

    def next_order_id(self, now: datetime) -> OrderId:
        """Return the id of the next order.

        Who comes to the same step with the same state, at any process, gets the same id: the
        moment of the step (so that it sorts with the orders of its time) and a hash of
        subscription, due date and try.
        """
        moment = max(self.updated_at, self.retry_at or self.due_at or now)
        name = f"{self.subscription_id} {self.next_date} {self.tries}"
        return OrderId(named_uuid7(int(moment.timestamp() * 1000), name))

    def abandon(self, now: datetime) -> None:
        """Give up the next order: no line of it can be had."""
        self._give_up_cycle(now)

    def start_over(self, used: OrderId, now: datetime) -> None:
        """Give up an order id, and set aside anew under another one."""
        cycle, hurry = self.cycle, self.hurry
        self._give_up_cycle(now)
        self.hurry = hurry
        self.cycle.failures, self.cycle.failed_at = cycle.failures, cycle.failed_at
        if used not in self.stale_holds:
            self.stale_holds = (*self.stale_holds, used)
            self.tries += 1

    def place(self, now: datetime) -> None:
        """Note that the next order was placed."""
        self._enter(_P.PLACED, now)
        self.hurry = None
        self.last_order_id = self.cycle.order_id

    def postpone(self, until: datetime, now: datetime) -> None:
        """Leave the next step until later: something is away."""
        self.not_before, self.updated_at = until, now

    def gave_back(self, now: datetime) -> None:
        """Note that no stock is held for orders that will not be placed."""
        self.stale_holds, self.updated_at = (), now

    # What becomes of its orders.

    def paid(self, order_id: OrderId, now: datetime) -> bool:
        """Take the news that an order is paid: its lines get their next dates."""
        if order_id != self.cycle.order_id or self.cycle.phase not in (_P.PLACED, _P.RETRYING):
            return False
        self.orders_paid += 1
        self._settle(now)
        return True

    def given_up(self, order_id: OrderId, now: datetime) -> bool:
        """Take the news that the customer cancelled an order: as if it had been skipped."""
        if order_id != self.cycle.order_id or self.cycle.phase not in (_P.PLACED, _P.RETRYING):
            return False
        self._settle(now)
        return True

    def payment_failed(self, order_id: OrderId, now: datetime) -> bool:
        """Take the news that an order was not paid: it is tried again, at last paused.

        Tell whether it is news; ``retry_at`` says when it is tried again.
        """
        cycle = self.cycle
        if order_id != cycle.order_id or cycle.phase is not _P.PLACED:
            return False
        self.tries += 1
        cycle.failures += 1
        cycle.failed_at = cycle.failed_at or now
        if self.status is not _S.ACTIVE or cycle.failures > len(RETRIES):
            self._new_cycle(now)
            if self.status is _S.ACTIVE:
                self.pause(None, now, PAYMENT_FAILED)
            return True
        self._enter(_P.RETRYING, now)
        return True

    def _settle(self, now: datetime) -> None:
        """The next order is done: look ahead to the one after it."""
        today = self.today(now)
        shipped = {line.item_id for line in self.cycle.lines}
        for item in self.items:
            if item.item_id in shipped:
                item.advance(today)
        self.items = [i for i in self.items if i.item_id not in shipped or i.cadence is not None]
        self.tries += 1
        self._new_cycle(now)
        if not self.items and self.status is _S.ACTIVE:
            self.status = SUBSCRIPTIONS.move(self.status, _S.ENDED)

    # The cycle.

    def _enter(self, phase: Phase, now: datetime) -> None:
        self.cycle.phase = PHASES.move(self.cycle.phase, phase)
        self.not_before, self.updated_at = None, now

    def _new_cycle(self, now: datetime) -> None:
        if self.cycle.phase is not _P.SCHEDULED:
            PHASES.move(self.cycle.phase, _P.SCHEDULED)
        self.cycle = Cycle()
        self.hurry = self.not_before = None
        self._note_waiting(now)

    def _give_up_cycle(self, now: datetime) -> None:
        """Begin anew; stock that was set aside is to be given back, and its order id used up."""
        if self.cycle.phase is _P.SET_ASIDE and self.cycle.order_id is not None:
            self.stale_holds = (*self.stale_holds, self.cycle.order_id)
            self.tries += 1
        self._new_cycle(now)

    def _reschedule(self, now: datetime) -> None:
        """Begin anew after lines changed: a reminder of what is no more so is void.

        A payment that failed is still tried again, with what the lines are now.
        """
        if self.cycle.phase is _P.REMINDED:
            self.cycle = replace(self.cycle, phase=PHASES.move(_P.REMINDED, _P.SCHEDULED))
        if (day := self.next_date) is not None and day > self.today(now):
            self.hurry = None
        self._note_waiting(now)

    def _require_open_cycle(self) -> None:
        """Raise ``Conflict`` for what is not active, ``CutOffPassed`` once the order is placed."""
        self._require(_S.ACTIVE)
        if self.cycle.phase is _P.PLACED:
            raise CutOffPassed(self.cycle.due, self.cycle.order_id)

    def _require(self, *statuses: SubscriptionStatus) -> None:
        if self.status not in statuses:
            raise Conflict(
                f"The subscription is {self.status.value}.",
                code="illegal-move",
                details={"currentStatus": self.status.value},
            )

    def _lines_of_cycle(self, now: datetime) -> list[Item]:
        if self.cycle.phase is _P.SET_ASIDE:
            fixed = {line.item_id for line in self.cycle.lines}
            return [item for item in self.items if item.item_id in fixed]
        return self.due_items(now)
