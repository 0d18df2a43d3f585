"""Notification as several processes on one PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from kibble.contracts.inventory import AvailabilityChanged
from kibble.contracts.notification import NotificationRequested
from kibble.platform.config import Settings
from kibble.platform.engines.redis import REST_SECONDS
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.notification.adapters.postgres import PostgresNotificationRepository
from kibble.services.notification.client import NotificationClient
from kibble.services.notification.integration import Mail
from kibble.services.notification.service.delivery import CLAIM
from kibble.services.notification.wiring import build_distributed
from tests.component.notification.conftest import (
    JANE,
    KIBBLE,
    ORDER,
    ContactBook,
    RecordingMailSender,
    RecordingSmsSender,
    Shelves,
    neighbours,
)
from tests.component.notification.test_stream import URL
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space, StartServer, start_server
from tests.fixtures.eventually import eventually
from tests.fixtures.http import Client
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.spaces.redis import redis

__all__ = ["postgres", "redis", "start_server"]

pytestmark = pytest.mark.engine

_namespaces = count()


class Relay(RecordingMailSender):
    """A relay that can be made to wait before it takes a mail."""

    def __init__(self) -> None:
        super().__init__()
        self.offered = 0
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, mail: Mail) -> None:
        self.offered += 1
        await self.open.wait()
        await super().send(mail)


@dataclass
class Replica:
    """One process of Notification."""

    built: Built[NotificationClient, ServiceStore]
    relay: Relay
    shelves: Shelves
    consumer: Consumer[ServiceStore]
    order: EnvelopeMaker
    http: Client

    @property
    def staff(self) -> Client:
        return self.http.with_scopes("notifications:write")

    @property
    def jane(self) -> Client:
        return self.http.as_customer(JANE)

    async def request(self, request_id: str, kind: str = "order_shipped") -> None:
        """Have Jane told something."""
        event = NotificationRequested(
            request_id=request_id, kind=kind, facts={"orderId": ORDER}, customer_id=JANE
        )
        _, body = self.order.make(event, 1)
        await self.consumer.receive(body, event.topic)
        assert await self.built.store.parked() == []

    async def do(self, name: str) -> None:
        """Do some periodic work once."""
        (task,) = (task for task in self.built.tasks if task.name == name)
        assert isinstance(task, Periodic)
        await task.work()

    async def send(self) -> None:
        await self.do("send notifications")

    async def inbox(self) -> list[str]:
        """Return the ids of Jane's messages in the app, oldest first."""
        return [m["id"] for m in (await self.jane.get("/api/notifications")).json()][::-1]


async def replica(settings: Settings, clock: FakeClock, seed: int) -> Replica:
    relay = Relay()
    world = World(clock, fake_ids(clock, seed), random.Random(seed))
    shelves = Shelves()
    built = await build_distributed(
        settings,
        world,
        neighbours=neighbours(ContactBook(), shelves, clock),
        mail=relay,
        sms=RecordingSmsSender(),
    )
    return Replica(
        built,
        relay,
        shelves,
        Consumer(built.name, built.subscriptions, built.store, clock),
        EnvelopeMaker("order", clock, fake_ids(clock, 10 + seed)),
        Client(built.routes, clock),
    )


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
        namespace=f"{postgres.namespace}_{next(_namespaces)}",
    )
    made = [await replica(settings, clock, seed) for seed in (1, 2)]
    yield made
    for each in made:
        for close in each.built.closing:
            await close()


class TestSending:
    async def test_is_done_by_one_of_those_that_find_a_message_due(
        self, replicas: list[Replica]
    ) -> None:
        one, other = replicas
        await one.request("r-1")
        one.relay.open.clear()
        at_work = asyncio.ensure_future(one.send())
        await eventually(lambda: offered(one))
        await other.send()
        assert other.relay.offered == 0
        one.relay.open.set()
        await at_work
        await other.send()
        assert (len(one.relay.sent), len(other.relay.sent)) == (1, 0)

    async def test_of_many_sends_each_once(self, replicas: list[Replica]) -> None:
        for number in range(150):
            await replicas[number % 2].request(f"r-{number}")
        await asyncio.gather(*(each.send() for each in replicas for _ in range(2)))
        sent = [mail.id for each in replicas for mail in each.relay.sent]
        assert len(sent) == len(set(sent)) == 150

    async def test_goes_on_elsewhere_when_a_process_dies_with_messages_in_hand(
        self, replicas: list[Replica], clock: FakeClock
    ) -> None:
        dead, other = replicas
        await dead.request("r-1")
        dead.relay.open.clear()
        at_work = asyncio.ensure_future(dead.send())
        await eventually(lambda: offered(dead))
        at_work.cancel()
        with suppress(asyncio.CancelledError):
            await at_work
        await other.send()
        assert other.relay.sent == []
        clock.advance(CLAIM.total_seconds())
        await other.send()
        assert len(other.relay.sent) == 1

    async def test_a_request_that_two_of_them_receive_is_sent_once(
        self, replicas: list[Replica]
    ) -> None:
        await asyncio.gather(*(each.request("r-1") for each in replicas))
        for each in replicas:
            await each.send()
        assert len(replicas[0].relay.sent) + len(replicas[1].relay.sent) == 1


class TestWhoWaits:
    async def test_is_told_by_one_of_those_that_find_the_product_back(
        self, replicas: list[Replica]
    ) -> None:
        here = replicas[0]
        for number in range(20):
            customer = here.http.as_customer(f"0193a7f0-0000-7000-8000-{number:012x}")
            answer = await customer.put(f"/api/notifications/back-in-stock/{KIBBLE}", {})
            assert answer.status == 200
        event = AvailabilityChanged(product_id=KIBBLE, available=5)
        for each in replicas:
            each.shelves.units[KIBBLE] = 5
        _, body = here.order.make(event, 2)
        for each in (*replicas, *replicas):
            await each.consumer.receive(body, event.topic)
        await asyncio.gather(*(each.do("tell who waits") for each in replicas for _ in range(3)))
        told = await postgres_rows(here, "SELECT count(DISTINCT request_id) FROM messages")
        waiting = await postgres_rows(here, "SELECT count(*) FROM waits")
        assert (told, waiting) == (5, 15)


class TestTheEmailOfTheDay:
    async def test_is_one_when_every_process_finds_its_hour_come(
        self, replicas: list[Replica], clock: FakeClock
    ) -> None:
        here, elsewhere = replicas
        daily = {"digest": {"at": "18:00", "timeZone": "America/New_York"}}
        await here.jane.put(f"/api/notifications/preferences/{JANE}", daily)
        for number in range(6):
            await replicas[number % 2].request(f"r-{number}", "promotion")
            await replicas[number % 2].request(f"r-{number}", "promotion")  # delivered again
        clock.advance(8 * 3600)
        await asyncio.gather(*(each.do("write digests") for each in replicas for _ in range(3)))
        await asyncio.gather(*(each.send() for each in replicas for _ in range(2)))
        (mail,) = [*here.relay.sent, *elsewhere.relay.sent]
        assert mail.subject == "6 things for you today"
        assert await postgres_rows(here, "SELECT count(*) FROM messages WHERE kind = 'digest'") == 1

    async def test_waits_for_the_end_of_quiet_hours_also_when_its_parts_come_again(
        self, replicas: list[Replica], clock: FakeClock
    ) -> None:
        here, elsewhere = replicas
        quiet = {"start": "09:00", "end": "19:00", "timeZone": "America/New_York"}
        await here.jane.put(f"/api/notifications/preferences/{JANE}", {"quietHours": quiet})
        for each in (*replicas, *replicas):
            await each.request("r-1")
            await each.send()
        assert here.relay.offered + elsewhere.relay.offered == 0
        clock.advance(9 * 3600)
        await asyncio.gather(*(each.send() for each in replicas for _ in range(2)))
        assert len(here.relay.sent) + len(elsewhere.relay.sent) == 1


async def postgres_rows(replica: Replica, query: str) -> int:
    store = replica.built.store
    assert isinstance(store, PostgresNotificationRepository)
    ((count,),) = await store.postgres.fetch(query)
    return int(count)


class TestTheStream:
    async def test_shows_what_another_process_wrote(self, replicas: list[Replica]) -> None:
        here, elsewhere = replicas
        async with aclosing(here.jane.stream(URL)) as stream:
            await anext(stream)  # it is open now
            coming = asyncio.ensure_future(next_id(stream))
            await elsewhere.request("r-1")
            await here.do("look for others' messages")
            async with asyncio.timeout(5):
                assert [await coming] == await here.inbox()

    async def test_goes_on_at_any_process(self, replicas: list[Replica]) -> None:
        here, elsewhere = replicas
        for number in range(3):
            await here.request(f"r-{number}")
        first, *rest = await here.inbox()
        async with aclosing(elsewhere.jane.stream(URL, {"last-event-id": first})) as stream:
            async with asyncio.timeout(5):
                assert [await next_id(stream), await next_id(stream)] == rest


class TestStatuses:
    async def test_that_one_process_changed_are_new_at_all(
        self, replicas: list[Replica], clock: FakeClock
    ) -> None:
        one, other = replicas
        await one.request("r-1", "order_confirmed")
        await one.send()
        message_id = one.relay.sent[0].id
        url = f"/api/notifications/{message_id}"
        for each in replicas:
            assert (await each.staff.get(url)).json()["status"] == "SENT"
        assert (await one.staff.post(f"{url}/resend")).status == 202
        for each in (one, other):
            await eventually(lambda: status(each, url, clock), until=lambda now: now == "PENDING")  # noqa: B023 - it is waited for

    async def test_are_right_when_redis_is_killed(
        self, postgres: Space, clock: FakeClock, tmp_path: Path, start_server: StartServer
    ) -> None:
        server = start_server("redis")
        settings = Settings(
            data_dir=tmp_path,
            postgres_url=postgres.url,
            redis_url=server.url,
            namespace=f"{postgres.namespace}_{next(_namespaces)}",
        )
        one = await replica(settings, clock, 1)
        await one.request("r-1", "order_confirmed")
        await one.send()
        url = f"/api/notifications/{one.relay.sent[0].id}"
        assert (await one.staff.get(url)).json()["status"] == "SENT"
        await server.kill()
        assert (await one.staff.get(url)).json()["status"] == "SENT"
        assert (await one.staff.post(f"{url}/resend")).status == 202
        assert (await one.staff.get(url)).json()["status"] == "PENDING"
        await one.send()
        assert (await one.staff.get(url)).json()["status"] == "SENT"
        assert len(one.relay.sent) == 2
        for close in one.built.closing:
            await close()


async def status(replica: Replica, url: str, clock: FakeClock) -> str:
    """Return a message's status; should Redis have been too slow, it is tried again by now."""
    clock.advance(REST_SECONDS)
    return str((await replica.staff.get(url)).json()["status"])


async def next_id(stream: AsyncGenerator[bytes, None]) -> str:
    """Return the id of a stream's next message."""
    async for part in stream:
        if part.startswith(b"id: "):
            return part.splitlines()[0].decode().removeprefix("id: ")
    raise AssertionError("the stream ended")


async def offered(replica: Replica) -> int:
    return replica.relay.offered
