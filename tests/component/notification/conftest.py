"""Notification whole, on a store of its own, with its neighbours and relays doubled."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest

from kibble.contracts.customer import Contact, OneTimeLink
from kibble.contracts.notification import NotificationRequested
from kibble.contracts.product import Component, Quote
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId, OrderId, ProductId
from kibble.platform.config import Settings
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.platform.security.keys import new_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.notification.client import NotificationClient
from kibble.services.notification.integration import Mail, Sms, WebhookRequest
from kibble.services.notification.wiring import Neighbours, build_distributed, build_embedded
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.http import Client
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.spaces.redis import redis

__all__ = ["postgres", "redis"]

_namespaces = count()

JANE = CustomerId("0193a7f0-0000-7000-8000-000000000001")
JOHN = CustomerId("0193a7f0-0000-7000-8000-000000000002")
NOBODY = CustomerId("0193a7f0-0000-7000-8000-00000000ffff")
KIBBLE = ProductId("0193a7f0-2222-7000-8000-000000000001")
ROPE = ProductId("0193a7f0-2222-7000-8000-000000000002")
ORDER = "0193a7f0-1111-7222-8333-abcdef012345"


class ContactBook:
    """Customer, as Notification knows it."""

    def __init__(self) -> None:
        self.contacts = {
            JANE: Contact(
                customer_id=JANE, name="Jane", email="jane@example.com", phone="+12125550100"
            ),
            JOHN: Contact(customer_id=JOHN, name="John", email="john@example.com"),
        }
        self.links: dict[str, str] = {}
        self.away = False

    async def contact(self, customer_id: CustomerId) -> Contact | None:
        if self.away:
            raise Unavailable("Customer is away.")
        return self.contacts.get(customer_id)

    async def one_time_link(self, request_id: str) -> OneTimeLink | None:
        email = self.links.get(request_id)
        return OneTimeLink(token=f"secret-{request_id}", email=email) if email else None


class GuestBook:
    """Order, as Notification knows it: what opens a guest's order."""

    async def guest_token(self, order_id: OrderId) -> str | None:
        return f"opens-{order_id}"


class Shelves:
    """Product and Inventory, as Notification knows them: what there is, and how many of it."""

    def __init__(self) -> None:
        self.units = {KIBBLE: 0, ROPE: 0}
        self.bundles: set[ProductId] = set()

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        del fresh
        return {each: self._quote(each) for each in product_ids if each in self.units}

    def _quote(self, product_id: ProductId) -> Quote:
        parts = [Component(product_id=ROPE, quantity=1)] if product_id in self.bundles else []
        name = "Salmon kibble" if product_id == KIBBLE else "Rope toy"
        return Quote(
            product_id=product_id,
            name=name,
            price=1_999,
            currency="USD",
            weight_grams=500,
            components=parts,
        )

    async def available(self, product_ids: Sequence[ProductId]) -> dict[ProductId, int]:
        return {each: self.units[each] for each in product_ids if each in self.units}


class RecordingMailSender:
    """A relay that keeps what it takes; ``failures`` come first, one a call."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.failures: list[Exception] = []

    async def send(self, mail: Mail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(mail)


class RecordingSmsSender:
    """A provider that keeps what it takes."""

    def __init__(self) -> None:
        self.sent: list[Sms] = []

    async def send(self, sms: Sms) -> None:
        self.sent.append(sms)


class RecordingWebhookCaller:
    """The way out to endpoints: it keeps what they were told; ``answers`` come first, one a call.

    An answer is a status, or what is raised.
    """

    def __init__(self) -> None:
        self.called: list[WebhookRequest] = []
        self.answers: list[int | Exception] = []
        self.standing: int | Exception = 204

    def objection(self, url: str) -> str | None:
        return None if url.startswith("https://") else "must begin with https://"

    async def call(self, request: WebhookRequest) -> int:
        self.called.append(request)
        answer = self.answers.pop(0) if self.answers else self.standing
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Office:
    """Notification, and what a test needs around it."""

    built: Built[NotificationClient, LocalStore]
    http: Client
    clock: FakeClock
    envelopes: EnvelopeMaker
    consumer: Consumer[LocalStore]
    contacts: ContactBook
    shelves: Shelves
    mail: RecordingMailSender
    sms: RecordingSmsSender
    webhooks: RecordingWebhookCaller
    requests: int = field(default=0)

    @property
    def staff(self) -> Client:
        return self.http.with_scopes("notifications:write")

    @property
    def jane(self) -> Client:
        return self.http.as_customer(JANE)

    def sealed(self, event: Event, sequence: int = 1) -> bytes:
        """Return an event in an envelope of its own."""
        return self.envelopes.make(event, sequence)[1]

    async def deliver(self, event: Event) -> None:
        """Have the bus deliver an event."""
        await self.consumer.receive(self.sealed(event), event.topic)

    async def request(self, kind: str = "order_confirmed", **fields: Any) -> str:
        """Have Jane told something; return the request's id."""
        self.requests += 1
        request_id = fields.pop("request_id", f"request-{self.requests}")
        facts = fields.pop("facts", {"orderId": ORDER, "total": "59.98", "currency": "USD"})
        event = NotificationRequested(
            request_id=request_id, kind=kind, facts=facts, **{"customer_id": JANE, **fields}
        )
        await self.deliver(event)
        return str(request_id)

    async def send(self) -> None:
        """Send what is due."""
        await self._task("send notifications").work()

    async def write_digests(self) -> None:
        """Write the e-mails of the day that are due."""
        await self._task("write digests").work()

    async def tell(self) -> None:
        """Tell the next of those who wait for what is back."""
        await self._task("tell who waits").work()

    async def beat(self) -> None:
        """Let the heart of the streams beat."""
        await self._task("inbox heartbeat").work()

    def _task(self, name: str) -> Periodic:
        (task,) = (task for task in self.built.tasks if task.name == name)
        assert isinstance(task, Periodic)
        return task

    def rows(self, columns: str = "channel, status, reason") -> list[tuple[Any, ...]]:
        """Return columns of all messages in the order of commits."""
        database = self.built.store.database  # type: ignore[attr-defined]  # the store behind the port
        rows: list[tuple[Any, ...]] = database.read(
            f"SELECT {columns} FROM messages ORDER BY position"  # noqa: S608 - the test's own words
        )
        return rows

    def everything(self) -> bytes:
        """Return all that the service keeps, but for its inbox of events."""
        database = self.built.store.database  # type: ignore[attr-defined]  # as above
        return msgspec.json.encode(
            [
                database.read("SELECT * FROM messages ORDER BY position"),
                database.read("SELECT * FROM preferences"),
                database.read("SELECT * FROM waits"),
            ]
        )


def neighbours(contacts: ContactBook, shelves: Shelves, clock: FakeClock) -> Neighbours:
    """Return whom Notification asks."""
    tokens = TokenIssuer(new_key(), clock, fake_ids(clock, 7))
    return Neighbours(contacts, GuestBook(), shelves, shelves, tokens)


def office_in(folder: Path, *, sandbox: bool = False) -> Office:
    clock = FakeClock()
    contacts, mail, sms = ContactBook(), RecordingMailSender(), RecordingSmsSender()
    webhooks = RecordingWebhookCaller()
    shelves = Shelves()
    built = build_embedded(
        folder,
        clock,
        fake_ids(clock),
        random.Random(5),
        neighbours(contacts, shelves, clock),
        mail=None if sandbox else mail,
        sms=None if sandbox else sms,
        webhooks=webhooks,
        inline=True,
    )
    return Office(
        built,
        Client(built.routes, clock),
        clock,
        EnvelopeMaker("order", clock, fake_ids(clock, 9)),
        Consumer(built.name, built.subscriptions, built.store, clock),
        contacts,
        shelves,
        mail,
        sms,
        webhooks,
    )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = office_in(tmp_path)
    yield made
    made.built.store.close()


Process = Built[NotificationClient, ServiceStore]


class OpenProcess(Protocol):
    """Opens one more process of Notification."""

    async def __call__(
        self,
        seed: int,
        *,
        mail: RecordingMailSender | None = None,
        webhooks: RecordingWebhookCaller | None = None,
        shelves: Shelves | None = None,
        redis_url: str = "",
    ) -> Process:
        """Open it; ``seed`` is its own, ``redis_url`` names another Redis than the tests'."""
        ...


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def open_process(
    postgres: Space, redis: Space, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[OpenProcess]:
    """Open processes of one shop on PostgreSQL and Redis; they end with the test."""
    namespace = f"{postgres.namespace}_{next(_namespaces)}"
    opened: list[Process] = []

    async def open_one(
        seed: int,
        *,
        mail: RecordingMailSender | None = None,
        webhooks: RecordingWebhookCaller | None = None,
        shelves: Shelves | None = None,
        redis_url: str = "",
    ) -> Process:
        process = await build_distributed(
            Settings(
                data_dir=tmp_path,
                postgres_url=postgres.url,
                redis_url=redis_url or redis.url,
                namespace=namespace,
            ),
            World(clock, fake_ids(clock, seed), random.Random(seed)),
            neighbours=neighbours(ContactBook(), shelves or Shelves(), clock),
            mail=mail or RecordingMailSender(),
            sms=RecordingSmsSender(),
            webhooks=webhooks,
        )
        opened.append(process)
        return process

    yield open_one
    for process in opened:
        for close in process.closing:
            await close()
