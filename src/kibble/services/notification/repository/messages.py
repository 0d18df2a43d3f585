"""Messages, preferences, who waits for what: the port that Notification's store implements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId, NotificationId, ProductId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.services.notification.model import Message, Preferences, Restock, Waiting


class NotificationRepository(Store, Protocol):
    """Messages in the order of their commits, what customers prefer, and what they wait for.

    A second message of one request on one channel raises ``StaleVersion`` at the commit, as does a
    customer's or an address's second waiting for one product. Removing an ``Erasure`` removes all
    that is kept about its customer, removing an ``AddressErasure`` about a guest's address,
    removing a ``Delisting`` all who wait for its product. Pruning, or the store itself, ends
    what was asked more than ``WAIT_LIFE`` ago.
    """

    async def preferences(self, customer_id: CustomerId) -> Preferences | None:
        """Return what a customer prefers; None when that was never said."""
        ...

    async def message(self, message_id: NotificationId) -> Message | None:
        """Return one message."""
        ...

    async def has_request(self, request_id: str) -> bool:
        """Tell whether a request became messages already."""
        ...

    async def claim(self, now: datetime, until: datetime, limit: int) -> list[Message]:
        """Return pending messages whose time has come, the longest waiting first.

        Not those that are collected.
        They are the caller's until it gives them back or ``until`` has come: of several processes
        that claim at once, each gets others.
        """
        ...

    async def give_back(self, message_ids: Sequence[NotificationId]) -> None:
        """End the caller's claims on some messages."""
        ...

    async def inbox(
        self, customer_id: CustomerId, *, unread: bool, limit: int, cursor: str | None
    ) -> Page[Message]:
        """Return what the app shows, newest first; with ``unread``, only what was not read."""
        ...

    async def newest_positions(
        self, customer_ids: Sequence[CustomerId]
    ) -> Mapping[CustomerId, int]:
        """Return the position of each customer's newest message; who has none is missing.

        All of the customer's messages up to it can be read: none is committed later.
        """
        ...

    async def position(self, customer_id: CustomerId, message_id: NotificationId) -> int:
        """Return the position of one of the customer's messages; 0 when there is no such."""
        ...

    async def inbox_after(
        self, customer_id: CustomerId, position: int, limit: int
    ) -> Sequence[Message]:
        """Return what the app shows after a position, oldest first."""
        ...

    async def messages_about(self, order_id: str) -> Sequence[Message]:
        """Return every message that an order caused, oldest first."""
        ...

    async def digests_due(self, now: datetime, limit: int) -> Sequence[CustomerId]:
        """Return customers of whom collected messages are due."""
        ...

    async def collected(self, customer_id: CustomerId, now: datetime) -> Sequence[Message]:
        """Return the pending collected messages of a customer that are due, oldest first."""
        ...

    async def waits_of(self, customer_id: CustomerId) -> Sequence[Waiting]:
        """Return what a customer waits for, in the order of asking."""
        ...

    async def waits_at(self, email: str) -> Sequence[Waiting]:
        """Return what a guest's address waits for, in the order of asking."""
        ...

    async def waiting_for(self, product_id: ProductId, limit: int) -> Sequence[Waiting]:
        """Return who waits for a product, the first to ask first."""
        ...

    async def restock(self, product_id: ProductId) -> Restock | None:
        """Return when the next of those who wait for a product are told, if that is planned."""
        ...

    async def restocks_due(self, now: datetime, limit: int) -> Sequence[Restock]:
        """Return the products whose next wave is due, the longest overdue first."""
        ...

    async def messages_of(self, customer_id: CustomerId) -> Sequence[Message]:
        """Return every message of a customer, oldest first."""
        ...

    async def messages_to(self, email: str) -> Sequence[Message]:
        """Return every message to a guest's address, oldest first, maybe as of a moment ago."""
        ...
