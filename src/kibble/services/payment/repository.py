"""Where payments are kept: the port that Payment's store implements."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId, OrderId, PaymentId, SavedMethodId
from kibble.platform.persistence.store import Store
from kibble.services.payment.model import Books, Payable, Payment, PaymentToken, SavedMethod


class PaymentRepository(Store, Protocol):
    """Payables, payments with their refunds, tokens, saved payment methods, and the ledger.

    Saving a payment writes its refunds and adds its postings to the ledger. At most one payment
    of an order is not FAILED: a second one is a ``StaleVersion``.
    """

    async def find_payable(self, order_id: OrderId) -> Payable | None:
        """Return what an order owes."""
        ...

    async def payables_of(self, customer_id: CustomerId) -> list[Payable]:
        """Return what all orders of a customer owe or owed."""
        ...

    async def prepared_before(self, moment: datetime, limit: int) -> list[Payable]:
        """Return payables made before ``moment`` whose order was never placed, oldest first."""
        ...

    async def find_token(self, order_id: OrderId) -> PaymentToken | None:
        """Return the payment token for an order's next charge."""
        ...

    async def find_payment(self, payment_id: PaymentId) -> Payment | None:
        """Return a payment with its refunds."""
        ...

    async def payments_of(self, order_id: OrderId) -> list[Payment]:
        """Return all payments of an order, newest first."""
        ...

    async def due(self, moment: datetime | None, limit: int) -> list[PaymentId]:
        """Return payments to look at by ``moment`` (None: whenever), the longest due first."""
        ...

    async def books(self, provider: str, since: datetime | None = None) -> Books:
        """Return a provider's charges and refunds that went through, and what is undecided.

        What went through is that of payments and refunds made since then, if ``since`` is given.
        """
        ...

    async def find_saved(self, saved_id: SavedMethodId) -> SavedMethod | None:
        """Return a saved payment method, whatever its status."""
        ...

    async def saved_of(self, customer_id: CustomerId) -> list[SavedMethod]:
        """Return a customer's saved payment methods, those being signed up too, oldest first."""
        ...

    async def saved_due(self, moment: datetime, limit: int) -> list[SavedMethodId]:
        """Return saved payment methods to ask the provider of by ``moment``, longest due first."""
        ...
