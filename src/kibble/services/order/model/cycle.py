"""What a subscription is made of: its lines, and how far its next order is.

Two tables say what may follow what. *Status* is the customer's: active, paused, over. *Phase* is
the shop's, of the one order that comes next::

    SCHEDULED  72 h before it is due: the customer is reminded            -> REMINDED
    REMINDED   24 h before (the cut-off): prices fixed, stock set aside   -> SET_ASIDE
    SET_ASIDE  due: the order is placed                                   -> PLACED
    PLACED     paid: every line gets its next date                        -> SCHEDULED
               not paid: tried again a day, three, five days later        -> RETRYING -> SET_ASIDE
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from kibble.kernel.ids import OrderId, ProductId
from kibble.kernel.money import Money
from kibble.kernel.state_machine import StateMachine
from kibble.services.order.model.cadence import Cadence

REMIND_BEFORE = timedelta(hours=72)
CUT_OFF = timedelta(hours=24)
RETRIES = (timedelta(days=1), timedelta(days=3), timedelta(days=5))
"""When a failed payment is tried again, counted from the first failure."""
HELD_AFTER_DUE = timedelta(hours=20)
"""How long a due order's stock stays held: the customer may pay it meanwhile by other means."""
LOOK_AGAIN = timedelta(days=1)
"""How often a line that waits is looked at."""
LATE = timedelta(days=3)
"""A line that is this late starts its cadence anew: else the next order would come too soon."""
TOLERANCE_BASIS_POINTS = 1_000
"""How much dearer a line may get before the customer is asked, unless a cap says otherwise."""
MAX_ITEMS = 50
PAYMENT_FAILED = "payment-failed"
"""Why a subscription pauses whose payment was tried often enough."""


class SubscriptionStatus(Enum):
    """What its customer wants of a subscription."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"
    ENDED = "ENDED"


class Phase(Enum):
    """How far the next order of a subscription is."""

    SCHEDULED = "SCHEDULED"
    REMINDED = "REMINDED"
    SET_ASIDE = "SET_ASIDE"
    PLACED = "PLACED"
    RETRYING = "RETRYING"


_S = SubscriptionStatus
SUBSCRIPTIONS = StateMachine(
    "subscription",
    {
        _S.ACTIVE: frozenset({_S.PAUSED, _S.CANCELLED, _S.ENDED}),
        _S.PAUSED: frozenset({_S.ACTIVE, _S.PAUSED, _S.CANCELLED}),
        _S.CANCELLED: frozenset(),
        _S.ENDED: frozenset(),
    },
    _S.ACTIVE,
)

_P = Phase
PHASES = StateMachine(
    "next order",
    {
        _P.SCHEDULED: frozenset({_P.REMINDED, _P.SET_ASIDE}),
        _P.REMINDED: frozenset({_P.SCHEDULED, _P.SET_ASIDE}),
        _P.SET_ASIDE: frozenset({_P.SCHEDULED, _P.PLACED}),
        _P.PLACED: frozenset({_P.SCHEDULED, _P.RETRYING}),
        _P.RETRYING: frozenset({_P.SCHEDULED, _P.SET_ASIDE}),
    },
    _P.SCHEDULED,
)


class Step(Enum):
    """What is to be done for a subscription."""

    GIVE_BACK = "give back"
    RESUME = "resume"
    REMIND = "remind"
    SET_ASIDE = "set aside"
    PLACE = "place"
    LOOK_AGAIN = "look again"


class Reason(Enum):
    """Why a line waits."""

    PRICE = "price"
    STOCK = "stock"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Waiting:
    """That a line is left out until something changes; ``price`` is what it would cost now."""

    reason: Reason
    price: Money | None = None


@dataclass(slots=True)
class Item:
    """A line. ``cadence`` is None for one that ships once.

    ``agreed`` is the price of one unit when the customer chose it, ``cap`` the most that is
    charged for it without asking. ``anchor`` is the date that the cadence counts from; ``told`` is
    why it waits as far as the customer knows.
    """

    item_id: str
    product_id: ProductId
    quantity: int
    cadence: Cadence | None
    anchor: date
    next_date: date
    agreed: Money
    cap: Money
    waiting: Waiting | None = None
    told: Reason | None = None

    def move_to(self, day: date) -> None:
        """Let the line be due on another day, from which its cadence counts on."""
        self.anchor = self.next_date = day

    def advance(self, today: date) -> None:
        """Let a line that shipped, or was skipped, be due when its cadence says."""
        if self.cadence is None:
            return
        if today - self.next_date >= LATE:
            self.anchor = today
        self.next_date = self.cadence.after(self.anchor, max(self.next_date, today))
        self.waiting = self.told = None


def cap_of(price: Money) -> Money:
    """Return the most that is charged without asking, where the customer named no cap."""
    return price + price.percentage(TOLERANCE_BASIS_POINTS)


@dataclass(frozen=True, slots=True)
class Promised:
    """A line of the next order as it was fixed at the cut-off; the price is of one unit."""

    item_id: str
    product_id: ProductId
    quantity: int
    price: Money


@dataclass(slots=True)
class Cycle:
    """The next order, from its reminder to its payment.

    ``failures`` counts payments that failed, the first of them ``failed_at``.
    """

    phase: Phase = Phase.SCHEDULED
    due: date | None = None
    lines: tuple[Promised, ...] = ()
    order_id: OrderId | None = None
    failures: int = 0
    failed_at: datetime | None = None
