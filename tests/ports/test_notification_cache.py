"""What every cache of Notification's values does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time
from itertools import count

import pytest

from kibble.platform.clock import SystemClock
from kibble.platform.engines.redis import RedisCache
from kibble.services.notification.adapters.shared import shared_by_processes
from kibble.services.notification.cache import NotificationCache, in_process
from kibble.services.notification.model import Channel, Preferences, QuietHours
from tests.fixtures.engines import Space
from tests.fixtures.spaces.redis import redis
from tests.ports.notification_repository.test_notification_repository import JANE, NOW, message

__all__ = ["redis"]

_namespaces = count()


@pytest.fixture
async def in_redis(redis: Space) -> AsyncIterator[NotificationCache]:
    namespace = f"{redis.namespace}_n{next(_namespaces)}"
    shared = RedisCache(redis.url, namespace, SystemClock(), deadline_seconds=5.0)
    yield shared_by_processes(shared)
    await shared.close()


@pytest.fixture
async def in_this_process() -> NotificationCache:
    return in_process(SystemClock())


@pytest.fixture(params=["in_this_process", pytest.param("in_redis", marks=pytest.mark.engine)])
def cache(request: pytest.FixtureRequest) -> NotificationCache:
    made: NotificationCache = request.getfixturevalue(request.param)
    return made


async def test_gives_back_a_message_as_it_was(cache: NotificationCache) -> None:
    kept = message(1, channel=Channel.EMAIL, email="a@example.com", version=3, position=7)
    assert cache.messages.put(kept.id, kept) is kept
    assert await cache.messages.get(kept.id) == kept
    assert await cache.messages.get(message(2).id) is None


async def test_gives_back_preferences_as_they_were(cache: NotificationCache) -> None:
    chosen = Preferences(customer_id=JANE)
    hours = QuietHours(time(22), time(7, 30), "America/New_York")
    chosen.revise({Channel.SMS: True}, {"order_shipped": {Channel.EMAIL: False}}, hours, NOW)
    cache.preferences.put(JANE, chosen)
    assert await cache.preferences.get(JANE) == chosen


async def test_forgets_what_changed(cache: NotificationCache) -> None:
    cache.preferences.put(JANE, Preferences(customer_id=JANE))
    cache.preferences.forget(JANE)
    assert await cache.preferences.get(JANE) is None


@pytest.mark.engine
async def test_takes_what_it_cannot_read_for_nothing(redis: Space) -> None:
    shared = RedisCache(redis.url, f"{redis.namespace}_odd", SystemClock(), deadline_seconds=5.0)
    shared.put(f"preferences:{JANE}", b'{"of": "another version"}', 60)
    assert await shared_by_processes(shared).preferences.get(JANE) is None
    await shared.close()
