"""Webhooks of several processes on one PostgreSQL: one at a time serves an endpoint."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from kibble.platform.config import Settings
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Worker
from kibble.services.notification.client import NotificationClient
from kibble.services.notification.integration import WebhookRequest
from kibble.services.notification.service.webhook_delivery import CLAIM
from kibble.services.notification.wiring import build_distributed
from tests.component.notification.conftest import (
    ContactBook,
    RecordingMailSender,
    RecordingSmsSender,
    RecordingWebhookCaller,
    Shelves,
    neighbours,
)
from tests.component.notification.hooks import ENDPOINT, URL, placed
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space, start_server
from tests.fixtures.eventually import eventually
from tests.fixtures.http import Client
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.spaces.redis import redis

__all__ = ["postgres", "redis", "start_server"]

pytestmark = pytest.mark.engine

_namespaces = count()


class SlowEndpoint(RecordingWebhookCaller):
    """An endpoint that can be made to wait before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()

    async def call(self, request: WebhookRequest) -> int:
        status = await super().call(request)
        await self.open.wait()
        return status


class Replica:
    """One process of Notification."""

    def __init__(
        self, built: Built[NotificationClient, ServiceStore], caller: SlowEndpoint, clock: FakeClock
    ) -> None:
        self.built, self.caller = built, caller
        self.consumer = Consumer("webhooks", built.consumers["webhooks"], built.store, clock)
        self.staff = Client(built.routes, clock).with_scopes("webhooks:admin")

    async def send(self) -> None:
        """Have what is due sent."""
        (worker,) = (task for task in self.built.tasks if task.name == "send webhooks")
        assert isinstance(worker, Worker)
        await worker.drain()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def replicas(
    postgres: Space, redis: Space, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[list[Replica]]:
    settings = Settings(
        data_dir=tmp_path,
        postgres_url=postgres.url,
        redis_url=redis.url,
        namespace=f"{postgres.namespace}_hooks_{next(_namespaces)}",
    )
    made: list[Replica] = []
    for seed in (1, 2):
        caller = SlowEndpoint()
        built = await build_distributed(
            settings,
            World(clock, fake_ids(clock, seed), random.Random(seed)),
            neighbours=neighbours(ContactBook(), Shelves(), clock),
            mail=RecordingMailSender(),
            sms=RecordingSmsSender(),
            webhooks=caller,
        )
        made.append(Replica(built, caller, clock))
    yield made
    for each in made:
        for close in each.built.closing:
            await close()


async def test_an_event_is_told_once_by_whichever_is_at_it(
    replicas: list[Replica], clock: FakeClock
) -> None:
    one, other = replicas
    wanted = {"url": ENDPOINT, "events": ["order.placed"]}
    assert (await one.staff.post(URL, wanted)).status == 201
    _, body = EnvelopeMaker("order", clock, fake_ids(clock, 9)).make(placed(), 1)
    for each in (one, other, one):
        await each.consumer.receive(body, "order_events")
    one.caller.open.clear()
    at_work = asyncio.ensure_future(one.send())
    await eventually(lambda: _called(one))
    await other.send()
    assert other.caller.called == []
    clock.advance(CLAIM.total_seconds() + 1)
    await other.send()
    one.caller.open.set()
    await at_work
    assert [len(each.caller.called) for each in replicas] == [1, 1]
    ids = {call.headers["webhook-id"] for each in replicas for call in each.caller.called}
    assert len(ids) == 1


async def _called(replica: Replica) -> int:
    return len(replica.caller.called)
