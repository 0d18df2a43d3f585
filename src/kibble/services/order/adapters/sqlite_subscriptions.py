"""Subscriptions on SQLite, beside the orders that they become."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Protocol

from kibble.kernel.clock import to_text
from kibble.kernel.ids import CustomerId, SubscriptionId
from kibble.kernel.paging import Page, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database, Table
from kibble.platform.persistence.rows import AS_TEXT
from kibble.services.order.adapters.sqlite_pages import newest
from kibble.services.order.adapters.subscription_rows import SubscriptionRows, wanted
from kibble.services.order.model.cycle import SubscriptionStatus
from kibble.services.order.model.subscription import Subscription

_SUBSCRIPTIONS = Table(
    "subscriptions",
    "subscription_id",
    "customer_id",
    "name",
    "status",
    "reason",
    "time_zone",
    "address",
    "shipping_method",
    "payment_method",
    "payment_token",
    "items",
    "cycle",
    "resumes_on",
    "hurry",
    "look_again_at",
    "not_before",
    "tries",
    "stale_holds",
    "orders_paid",
    "last_order_id",
    "act_at",
    "created_at",
    "updated_at",
)
_SELECT = f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions"
_ROWS = SubscriptionRows(AS_TEXT)


class _HasDatabase(Protocol):
    @property
    def database(self) -> Database: ...


class SqliteSubscriptions:
    """Implements ``SubscriptionRepository`` for a store."""

    async def subscription(
        self: _HasDatabase, subscription_id: SubscriptionId
    ) -> Subscription | None:
        """See ``SubscriptionRepository.subscription``."""
        row = self.database.read_one(
            f"{_SELECT} WHERE subscription_id = ?",
            (subscription_id,),
        )
        return _ROWS.subscription(row) if row else None

    async def subscriptions(
        self: _HasDatabase,
        customer_id: CustomerId | None,
        status: SubscriptionStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Subscription]:
        """See ``SubscriptionRepository.subscriptions``."""
        conditions = [(f"{column} = ?", value) for column, value in wanted(customer_id, status)]
        rows = newest(
            self.database, _SELECT, "subscription_id", conditions, limit=limit + 1, cursor=cursor
        )
        return page_of(
            [_ROWS.subscription(row) for row in rows],
            limit,
            lambda last: encode_cursor(last.subscription_id),
        )

    async def subscriptions_of_customer(
        self: _HasDatabase, customer_id: CustomerId
    ) -> list[Subscription]:
        """See ``SubscriptionRepository.subscriptions_of_customer``."""
        rows = self.database.read(
            f"{_SELECT} WHERE customer_id = ?",
            (customer_id,),
        )
        return [_ROWS.subscription(row) for row in rows]

    async def due_subscriptions(
        self: _HasDatabase, now: datetime, limit: int
    ) -> list[SubscriptionId]:
        """See ``SubscriptionRepository.due_subscriptions``."""
        rows = self.database.read(
            "SELECT subscription_id FROM subscriptions WHERE act_at <= ? ORDER BY act_at LIMIT ?",
            (to_text(now), limit),
        )
        return [SubscriptionId(row[0]) for row in rows]


def save_subscription(
    connection: sqlite3.Connection, subscription: Subscription, expected: int
) -> None:
    """Write a subscription."""
    _SUBSCRIPTIONS.save(connection, _ROWS.of_subscription(subscription), expected)
