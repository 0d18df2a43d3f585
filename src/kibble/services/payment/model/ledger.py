"""The double-entry ledger: money only moves from one account to another.

A posting names both of its accounts, so that it cannot be written by half: over all accounts the
balances of a currency sum to zero, always.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from kibble.kernel.money import Money


class Account(Enum):
    """Where an order's money can be.

    CUSTOMER: theirs. AUTHORIZED: set aside at their bank. CAPTURED: the shop's, at the provider.
    DISPUTED: with the provider until a dispute is decided. FEES: what providers kept for disputes.
    """

    CUSTOMER = "CUSTOMER"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    DISPUTED = "DISPUTED"
    FEES = "FEES"


class Transfer(Enum):
    """What moves money, with the account that it leaves and the one that it reaches."""

    AUTHORIZE = (Account.CUSTOMER, Account.AUTHORIZED)
    CAPTURE = (Account.AUTHORIZED, Account.CAPTURED)
    VOID = (Account.AUTHORIZED, Account.CUSTOMER)
    REFUND = (Account.CAPTURED, Account.CUSTOMER)
    DISPUTE = (Account.CAPTURED, Account.DISPUTED)
    DISPUTE_FEE = (Account.CAPTURED, Account.FEES)
    DISPUTE_FEE_BACK = (Account.FEES, Account.CAPTURED)
    DISPUTE_WON = (Account.DISPUTED, Account.CAPTURED)
    DISPUTE_LOST = (Account.DISPUTED, Account.CUSTOMER)

    @property
    def debit(self) -> Account:
        """The account that the money leaves."""
        return self.value[0]

    @property
    def credit(self) -> Account:
        """The account that the money reaches."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement of money.

    ``reference`` is the id of the payment, refund or dispute that caused it; a reference has one
    posting of each kind at most.
    """

    transfer: Transfer
    reference: str
    amount: Money


def balances(postings: Iterable[Posting]) -> dict[Account, int]:
    """Return what each account holds in minor units, of postings in one currency."""
    held = dict.fromkeys(Account, 0)
    for posting in postings:
        held[posting.transfer.debit] -= posting.amount.minor
        held[posting.transfer.credit] += posting.amount.minor
    return held
