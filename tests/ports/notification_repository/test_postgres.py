"""What messages on PostgreSQL do beside what every store does."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from kibble.kernel.clock import to_text
from kibble.kernel.ids import NotificationId, uuid7
from kibble.services.notification.adapters.postgres import (
    REQUEST_LIFE,
    PostgresNotificationRepository,
)
from tests.fixtures.doubles import START
from tests.ports.notification_repository.test_notification_repository import NOW, message, save

pytestmark = pytest.mark.engine

THIS_MONTH = NotificationId(uuid7(int(START.timestamp() * 1000), 1))


async def test_a_message_is_in_the_partition_of_its_month(
    on_postgres: PostgresNotificationRepository,
) -> None:
    await save(on_postgres, message(1), dataclasses.replace(message(2), id=THIS_MONTH))
    rows = await on_postgres.postgres.fetch(
        "SELECT request_id, tableoid::regclass::text FROM messages ORDER BY position"
    )
    assert [tuple(row) for row in rows] == [("r1", "messages_rest"), ("r2", "messages_2026_03")]


async def test_a_request_is_known_for_longer_than_an_event_may_repeat_it(
    on_postgres: PostgresNotificationRepository,
) -> None:
    await save(on_postgres, message(1))
    await on_postgres.prune(to_text(NOW + REQUEST_LIFE))
    assert await on_postgres.has_request("r1")
    await on_postgres.prune(to_text(NOW + REQUEST_LIFE + timedelta(seconds=1)))
    assert not await on_postgres.has_request("r1")
