"""What an order owes: known before its first payment, and the frame of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kibble.kernel.cards import is_card_number
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import CustomerId, OrderId
from kibble.kernel.money import Money
from kibble.kernel.personal import Secret
from kibble.kernel.state_machine import StateMachine
from kibble.services.payment.errors import OrderClosed


class PaymentMethod(Enum):
    """How a customer pays."""

    CREDIT_CARD = "CreditCard"
    PAYPAL = "PayPal"


class PayableStatus(Enum):
    """PREPARED: the order may still not come about. OPEN: it was placed. CLOSED: owes no more."""

    PREPARED = "PREPARED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


PAYABLE_MOVES = StateMachine(
    "payable",
    {
        PayableStatus.PREPARED: frozenset({PayableStatus.OPEN, PayableStatus.CLOSED}),
        PayableStatus.OPEN: frozenset({PayableStatus.CLOSED}),
        PayableStatus.CLOSED: frozenset(),
    },
    PayableStatus.PREPARED,
)


@dataclass(slots=True)
class Payable:
    """The amount that an order owes, and whose order it is (None: a guest's, or an erased one's).

    Every payment of the order is made, and withdrawn, together with a save of its payable: that
    puts a new payment and the order's cancellation into an order.
    """

    order_id: OrderId
    customer_id: CustomerId | None
    amount: Money
    method: PaymentMethod
    created_at: datetime
    hold_expires_at: datetime | None = None
    status: PayableStatus = PayableStatus.PREPARED
    attempts: int = 0
    version: int = 0

    def revise(self, amount: Money, method: PaymentMethod) -> bool:
        """Take what an order that is still being placed says now; tell whether it is news."""
        if self.status is not PayableStatus.PREPARED or (amount, method) == (
            self.amount,
            self.method,
        ):
            return False
        self.amount, self.method = amount, method
        return True

    def place(self, amount: Money, method: PaymentMethod, hold_expires_at: datetime) -> None:
        """Take over what the placed order says; raises ``Conflict`` when it was placed before."""
        self.status = PAYABLE_MOVES.move(self.status, PayableStatus.OPEN)
        self.amount = amount
        self.method = method
        self.hold_expires_at = hold_expires_at

    def attempt(self) -> None:
        """Count one more payment; raises ``OrderClosed`` when nothing is to be paid."""
        if self.status is PayableStatus.CLOSED:
            raise OrderClosed
        self.attempts += 1

    def close(self) -> None:
        """Take no more payments; raises ``Conflict`` when it is closed."""
        self.status = PAYABLE_MOVES.move(self.status, PayableStatus.CLOSED)


@dataclass(slots=True)
class PaymentToken:
    """The payment token of an order's next charge: a secret, dropped once it was used.

    ``off_session``: the customer is not there when it is charged.
    """

    order_id: OrderId
    value: Secret[str] = field(repr=False)
    off_session: bool = False
    version: int = 0

    @classmethod
    def of(cls, order_id: OrderId, value: str, *, off_session: bool = False) -> PaymentToken:
        """Return the token; raises ``InvalidInput`` for a card number, which is none of ours."""
        if is_card_number(value):
            raise InvalidInput.at("/paymentToken", "is a card number; send a token of it")
        return cls(order_id, value, off_session)
