"""Webhooks of several processes on one PostgreSQL: one at a time serves an endpoint."""

from __future__ import annotations

import asyncio

import pytest

from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.tasks import Worker
from kibble.services.notification.integration import WebhookRequest
from kibble.services.notification.service.webhook_delivery import CLAIM
from tests.component.notification.conftest import (
    OpenProcess,
    Process,
    RecordingWebhookCaller,
)
from tests.component.notification.hooks import ENDPOINT, URL, placed
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.eventually import eventually
from tests.fixtures.http import Client

pytestmark = pytest.mark.engine


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

    def __init__(self, built: Process, caller: SlowEndpoint, clock: FakeClock) -> None:
        self.built, self.caller = built, caller
        self.consumer = Consumer("webhooks", built.consumers["webhooks"], built.store, clock)
        self.staff = Client(built.routes, clock).with_scopes("webhooks:admin")

    async def send(self) -> None:
        """Have what is due sent."""
        (worker,) = (task for task in self.built.tasks if task.name == "send webhooks")
        assert isinstance(worker, Worker)
        await worker.drain()


@pytest.fixture
async def replicas(open_process: OpenProcess, clock: FakeClock) -> list[Replica]:
    made: list[Replica] = []
    for seed in (1, 2):
        caller = SlowEndpoint()
        made.append(Replica(await open_process(seed, webhooks=caller), caller, clock))
    return made


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
