"""Outlets of events to AWS, where the settings name some: consumers beside the services' own.

``KIBBLE_OUTLETS`` has their URLs, separated by blanks:

=====================================================  ===========================================
an URL                                                 events go
=====================================================  ===========================================
``sns://REGION/TOPIC-ARN``                             to a topic of SNS
``sqs://REGION/QUEUE``                                 to a queue of SQS
``kinesis://REGION/STREAM``                            to a stream of Kinesis
=====================================================  ===========================================

``KEY:SECRET@`` before the region are credentials, if the machine has none of its own. ``?types=``
names event types, separated by commas, with ``*`` for anything; ``?since=`` leaves out what was
before a moment; ``?endpoint=`` leads elsewhere than to AWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from kibble.contracts import (
    customer,
    inventory,
    notification,
    order,
    payment,
    product,
    shipping,
    subscription,
)
from kibble.kernel.clock import Clock, to_text
from kibble.kernel.errors import KibbleError
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, SqliteStore, migrate
from kibble.platform.engines.sqlite.migrations import PLATFORM
from kibble.platform.engines.together import Together
from kibble.platform.messaging.asyncapi import event_types
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.event import Event
from kibble.platform.messaging.handler import Subscription
from kibble.platform.messaging.outlet import Letter, Outlet, Shape, letter, matching, rows
from kibble.platform.outside_url import OutsideUrl
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.runtime import clicks
from kibble.runtime.clicks import Pseudonyms
from kibble.runtime.names import OUTLETS

S = TypeVar("S", bound=ServiceStore)

VARIABLE = "KIBBLE_OUTLETS"
CONTRACTS = (customer, inventory, notification, order, payment, product, shipping, subscription)
"""The modules whose events others may be told of."""
KEPT_INSIDE = ("customer.*", "notification.*", "product.viewed", "cart.changed")
"""What others are told only when they ask for it by name: people's data, and people's clicks."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An outlet, and what it is told."""

    outlet: Outlet
    kinds: Sequence[type[Event]]
    since: str
    shape: Shape

    def rows(self) -> list[Subscription]:
        """Return its table; events that arrive together are handed over together."""

        async def work(_: str, letters: Sequence[Letter]) -> list[tuple[None, KibbleError | None]]:
            return [(None, error) for error in await self.outlet.hand_over(letters)]

        together: Together[str, Letter] = Together(work)

        async def send(letter: Letter) -> None:
            await together.join("", letter)

        return rows(self.kinds, send, self.since, self.shape)


def choose(urls: str, clock: Clock, pseudonyms: Pseudonyms) -> list[Chosen]:
    """Return the outlets of a setting; raises ``ValueError`` with a sentence for the operator."""
    chosen = [_choose(OutsideUrl(VARIABLE, text), clock, pseudonyms) for text in urls.split()]
    names = [one.outlet.name for one in chosen]
    if len(set(names)) != len(names):
        raise ValueError(f"{VARIABLE} names one outlet twice.")
    return chosen


def _choose(url: OutsideUrl, clock: Clock, pseudonyms: Pseudonyms) -> Chosen:
    if url.scheme not in ("sns", "sqs", "kinesis"):
        raise url.wrong("must begin with sns://, sqs:// or kinesis://")
    if not url.path:
        raise url.wrong(f"names no topic, queue or stream: {url.scheme}://REGION/NAME")
    kinds = _kinds(url)
    if not kinds:
        raise url.wrong("has types that match no event")
    since = _since(url)
    shape = partial(clicks.letter, pseudonyms) if url.scheme == "kinesis" else letter
    return Chosen(_open(url, clock), kinds, since, shape)


def _open(url: OutsideUrl, clock: Clock) -> Outlet:
    try:
        from kibble.platform.engines.aws import outlets  # noqa: PLC0415 - boto3
        from kibble.platform.engines.aws.account import account_at  # noqa: PLC0415 - boto3
    except ImportError as error:
        raise url.needs("aws", error) from error
    account = account_at(url)
    if url.scheme == "sns":
        return outlets.SnsOutlet(VARIABLE, account, url.path)
    if url.scheme == "sqs":
        return outlets.SqsOutlet(VARIABLE, account, url.path)
    return outlets.KinesisOutlet(VARIABLE, account, url.path, clock)


def _kinds(url: OutsideUrl) -> list[type[Event]]:
    modules = {module.__name__ for module in CONTRACTS}
    known = [kind for kind in event_types() if kind.__module__ in modules]
    if types := url.options.get("types"):
        return matching(known, types.split(","))
    if url.scheme == "kinesis":
        return matching(known, clicks.TOLD)
    inside = matching(known, KEPT_INSIDE)
    return [kind for kind in known if kind not in inside]


def _since(url: OutsideUrl) -> str:
    text = url.options.get("since")
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        return to_text(moment)
    except ValueError as error:
        raise url.wrong(
            "has a 'since' that is no time with a zone, as 2026-11-28T23:00Z"
        ) from error


def build_embedded(
    settings: Settings, world: World, *, inline: bool = False
) -> list[Built[None, LocalStore]]:
    """Build the outlets over an SQLite file of their own; nothing where there are none."""
    if not settings.outlets.strip():
        return []
    chosen = choose(settings.outlets, world.clock, clicks.pseudonyms(settings, world.randomness))
    database = Database(settings.data_dir / f"{OUTLETS}.db", Durability.FULL, inline=inline)
    migrate(database, PLATFORM)
    store: LocalStore = SqliteStore(database, EnvelopeMaker(OUTLETS, world.clock, world.ids), {})
    return [_built(store, chosen)]


async def build_distributed(settings: Settings, world: World) -> Built[None, ServiceStore]:
    """Build the outlets over PostgreSQL, as one of any number of processes.

    Raises ``ValueError`` where the settings name none, and ``Unavailable``.
    """
    # Only this profile installs the driver.
    from kibble.platform.engines.postgres import PostgresStore, open_postgres  # noqa: PLC0415
    from kibble.platform.engines.postgres.migrations import PLATFORM as TABLES  # noqa: PLC0415

    if not settings.outlets.strip():
        raise ValueError(f"{VARIABLE} names no outlet.")
    chosen = choose(settings.outlets, world.clock, clicks.pseudonyms(settings, world.randomness))
    postgres = await open_postgres(settings, OUTLETS, TABLES)
    store = PostgresStore(postgres, EnvelopeMaker(OUTLETS, world.clock, world.ids), {})
    built: Built[None, ServiceStore] = _built(store, chosen)
    return replace(built, closing=[*built.closing, store.close])


def _built(store: S, chosen: Sequence[Chosen]) -> Built[None, S]:
    return Built(
        name=OUTLETS,
        store=store,
        client=None,
        routes=[],
        consumers={one.outlet.name: one.rows() for one in chosen},
        checks=[one.outlet.check for one in chosen],
        closing=[one.outlet.close for one in chosen],
    )
