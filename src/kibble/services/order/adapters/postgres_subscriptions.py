"""Subscriptions on PostgreSQL, beside the orders that they become."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from kibble.kernel.ids import CustomerId, SubscriptionId
from kibble.kernel.paging import Page, encode_cursor, page_of
from kibble.platform.engines.postgres import (
    INTEGER,
    JSON,
    TEXT,
    TIME,
    UUID,
    Postgres,
    Table,
    Write,
)
from kibble.platform.persistence.rows import AS_THEY_ARE
from kibble.services.order.adapters.postgres_pages import newest
from kibble.services.order.adapters.subscription_rows import SubscriptionRows, wanted
from kibble.services.order.model.cycle import SubscriptionStatus
from kibble.services.order.model.subscription import Subscription

_SUBSCRIPTIONS = Table(
    "subscriptions",
    "subscription_id",
    customer_id=UUID,
    name=TEXT,
    status=TEXT,
    reason=TEXT,
    time_zone=TEXT,
    address=JSON,
    shipping_method=TEXT,
    payment_method=TEXT,
    payment_token=TEXT,
    items=JSON,
    cycle=JSON,
    resumes_on=TEXT,
    hurry=TIME,
    look_again_at=TIME,
    not_before=TIME,
    tries=INTEGER,
    stale_holds=JSON,
    orders_paid=INTEGER,
    last_order_id=UUID,
    act_at=TIME,
    created_at=TIME,
    updated_at=TIME,
)
_SELECT = f"SELECT {_SUBSCRIPTIONS.columns} FROM subscriptions"
_ROWS = SubscriptionRows(AS_THEY_ARE)


class _HasPostgres(Protocol):
    @property
    def postgres(self) -> Postgres: ...


class PostgresSubscriptions:
    """Implements ``SubscriptionRepository`` for a store."""

    async def subscription(
        self: _HasPostgres, subscription_id: SubscriptionId
    ) -> Subscription | None:
        """See ``SubscriptionRepository.subscription``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} WHERE subscription_id = $1",
            subscription_id,
        )
        return _ROWS.subscription(rows[0]) if rows else None

    async def subscriptions(
        self: _HasPostgres,
        customer_id: CustomerId | None,
        status: SubscriptionStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Subscription]:
        """See ``SubscriptionRepository.subscriptions``."""
        conditions = [
            (f"{column} = {{}}", (value,)) for column, value in wanted(customer_id, status)
        ]
        key = "subscription_id"
        rows = await newest(self.postgres, _SELECT, key, conditions, limit=limit + 1, cursor=cursor)
        return page_of(
            [_ROWS.subscription(row) for row in rows],
            limit,
            lambda last: encode_cursor(last.subscription_id),
        )

    async def subscriptions_of_customer(
        self: _HasPostgres, customer_id: CustomerId
    ) -> list[Subscription]:
        """See ``SubscriptionRepository.subscriptions_of_customer``."""
        rows = await self.postgres.fetch(
            f"{_SELECT} WHERE customer_id = $1",
            customer_id,
        )
        return [_ROWS.subscription(row) for row in rows]

    async def due_subscriptions(
        self: _HasPostgres, now: datetime, limit: int
    ) -> list[SubscriptionId]:
        """See ``SubscriptionRepository.due_subscriptions``."""
        rows = await self.postgres.fetch(
            "SELECT subscription_id::text FROM subscriptions WHERE act_at <= $1"
            " ORDER BY act_at LIMIT $2",
            now,
            limit,
        )
        return [SubscriptionId(row[0]) for row in rows]


def save_subscription(subscription: Subscription, expected: int) -> Iterator[Write]:
    """Write a subscription."""
    yield _SUBSCRIPTIONS.save(_ROWS.of_subscription(subscription), expected)
