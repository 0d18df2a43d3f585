"""Orders, and the intents to place one."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId, OrderId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.services.order.model.order import Entry, Intent, Order
from kibble.services.order.model.search import OrderFilter


class OrderRepository(Store, Protocol):
    """Saves ``Order`` (with its new timeline entries), saves and removes ``Intent``.

    A cart becomes one order at most: saving a second one of the same cart is a ``StaleVersion``.
    """

    async def order(self, order_id: OrderId) -> Order | None:
        """Return an order."""
        ...

    async def orders(self, wanted: OrderFilter, limit: int, cursor: str | None) -> Page[Order]:
        """Return orders, newest first.

        With ``updated_since`` in the order of their latest change: an order that changes while
        pages are read moves to the end, so that none is missed.
        """
        ...

    async def orders_of_customer(self, customer_id: CustomerId) -> list[Order]:
        """Return all orders of a customer, for erasure and export."""
        ...

    async def timeline(self, order_id: OrderId) -> list[Entry]:
        """Return an order's timeline, oldest first."""
        ...

    async def intent(self, key: str) -> Intent | None:
        """Return the open intent of an idempotency key."""
        ...

    async def intents_before(self, moment: datetime) -> list[Intent]:
        """Return the intents that were left open since before ``moment``."""
        ...

    async def is_intended(self, order_id: OrderId) -> bool:
        """Tell whether there is an open intent to place the order."""
        ...
