"""Builds Notification for a profile; the only module that names its adapters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.kernel.languages import Language
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.engines.sqlite.archive import SqliteArchive
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import Outbox
from kibble.platform.persistence.archive import Archive
from kibble.platform.persistence.claims import Claims, LocalClaims
from kibble.platform.security.addresses import networks
from kibble.platform.security.sealing import seal_in, seal_of
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic, Task
from kibble.services.notification import adapters
from kibble.services.notification.adapters.archive import POSTGRES_DERIVED, SHAPES
from kibble.services.notification.adapters.choice import (
    choose_archive,
    choose_mail,
    choose_sms,
    choose_store,
)
from kibble.services.notification.adapters.jinja import packaged_copywriter
from kibble.services.notification.adapters.sandbox import FileSmsSender, FolderMailSender
from kibble.services.notification.adapters.shared import shared_by_processes
from kibble.services.notification.adapters.sqlite import SqliteNotificationRepository
from kibble.services.notification.adapters.webhook_caller import DirectWebhookCaller, Reach
from kibble.services.notification.cache import NotificationCache, in_process
from kibble.services.notification.client import NotificationClient, offers
from kibble.services.notification.controller import guests as visiting
from kibble.services.notification.controller import messages as telling
from kibble.services.notification.controller import webhooks as hooking
from kibble.services.notification.event_processor import (
    offered,
    subscriptions,
    webhook_subscriptions,
)
from kibble.services.notification.integration import (
    Catalogue,
    Contacts,
    Facts,
    Letter,
    MailSender,
    Orders,
    Sealing,
    SmsSender,
    Stock,
    Tokens,
    WebhookCaller,
)
from kibble.services.notification.model import KINDS
from kibble.services.notification.repository.messages import NotificationRepository
from kibble.services.notification.repository.webhooks import WebhookRepository
from kibble.services.notification.service import (
    Confirming,
    DeliveryService,
    DigestService,
    GuestService,
    InboxFeed,
    NotificationService,
    RestockService,
    Shop,
    Unsubscribing,
)
from kibble.services.notification.service.feed import HEARTBEAT_SECONDS, LOOK_SECONDS
from kibble.services.notification.service.restocks import BATCH
from kibble.services.notification.service.signing import Signing
from kibble.services.notification.service.webhook_delivery import WebhookSender
from kibble.services.notification.service.webhooks import WebhookService

NAME = "notification"
WEBHOOKS = "webhooks"
"""The consumer that notes what endpoints outside the shop are to be told."""
SEND_SECONDS = 0.2
SWEEP_SECONDS = 1.0
TELL_SECONDS = 5.0
DIGEST_SECONDS = 30.0
SEAL_SECONDS = 3600.0
SHOP_NAME = "Kibble"
SENDER = f"{SHOP_NAME} <shop@kibble.example>"
PARTITION_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Whom Notification asks, and what signs its links."""

    contacts: Contacts
    orders: Orders
    catalogue: Catalogue
    stock: Stock
    tokens: Tokens


class _Store(NotificationRepository, WebhookRepository, ServiceStore, Protocol):
    """What Notification's use cases and the composition root need together."""


class _LocalStore(_Store, LocalStore, Protocol):
    """The same, in the embedded profile."""


S = TypeVar("S", bound=_Store)


@dataclass(frozen=True, slots=True)
class _Ground:
    """A store of the distributed profile, and what it brings along; ``wave`` as in ``Chosen``."""

    store: _Store
    claims: Claims
    wave: int = BATCH
    tasks: Sequence[Task] = ()
    outboxes: Sequence[Outbox] = ()
    checks: Sequence[Callable[[], Awaitable[None]]] = ()
    closing: Sequence[Callable[[], Awaitable[None]]] = ()


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    randomness: Randomness,
    neighbours: Neighbours,
    *,
    shop_url: str = "http://localhost:8000",
    mail_url: str = "",
    mail_from: str = SENDER,
    sms_url: str = "",
    store_url: str = "",
    mail: MailSender | None = None,
    sms: SmsSender | None = None,
    webhook_reach: Reach | None = None,
    webhooks: WebhookCaller | None = None,
    inline: bool = False,
) -> Built[NotificationClient, LocalStore]:
    """Build Notification over SQLite in ``data_dir``, or over the store that ``store_url`` names.

    Links begin with ``shop_url``. ``mail_url`` and ``sms_url`` name a relay and a provider, unless
    ``mail`` and ``sms`` are given; without any, messages go to the folder ``outbox`` there.
    ``webhook_reach`` says where webhooks may go, unless ``webhooks`` is given, the way there.
    ``inline`` writes in the loop, for the simulator. Raises ``ValueError`` for a relay that there
    is not, or that refuses the credentials.
    """
    chosen = choose_store(store_url, clock, ids.new()) if store_url else None
    store: _LocalStore = chosen.store if chosen else _on_sqlite(data_dir, clock, ids, inline=inline)
    outbox = data_dir / "outbox"
    built: Built[NotificationClient, LocalStore]
    built, _ = _assemble(
        store,
        World(clock, ids, randomness),
        LocalClaims(),
        neighbours,
        seal=seal_in(data_dir, randomness),
        mail=mail or choose_mail(mail_url, mail_from, outbox, clock),
        sms=sms or choose_sms(sms_url, outbox, clock),
        webhooks=webhooks or DirectWebhookCaller(webhook_reach or Reach()),
        shop_url=shop_url,
        cache=in_process(clock),
        wave=chosen.wave if chosen else BATCH,
    )
    return replace(built, checks=chosen.checks, closing=chosen.closing) if chosen else built


def _on_sqlite(
    data_dir: Path, clock: Clock, ids: IdSource, *, inline: bool
) -> SqliteNotificationRepository:
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    return SqliteNotificationRepository(database, EnvelopeMaker(NAME, clock, ids))


async def build_distributed(
    settings: Settings,
    world: World,
    *,
    neighbours: Neighbours,
    mail: MailSender | None = None,
    sms: SmsSender | None = None,
    webhooks: WebhookCaller | None = None,
) -> Built[NotificationClient, ServiceStore]:
    """Build Notification over PostgreSQL and Redis, as one of any number of processes.

    Over the store that the settings name, if they do, instead of PostgreSQL.

    Without a relay or a provider, messages go to the folder ``outbox`` in the data folder, which
    all processes of one machine share. Raises ``Unavailable`` when PostgreSQL is away, and
    ``ValueError`` as ``build_embedded`` does.
    """
    # The embedded profile has no drivers of PostgreSQL and Redis.
    from kibble.platform.engines.redis import RedisCache

    clock = world.clock
    ground = await _ground(settings, world)
    redis = RedisCache(settings.redis_url, settings.namespace, clock)
    outbox = settings.data_dir / "outbox"
    built: Built[NotificationClient, ServiceStore]
    built, feed = _assemble(
        ground.store,
        world,
        ground.claims,
        neighbours,
        seal=seal_of(settings, world.randomness),
        mail=mail or choose_mail(settings.mail_url, settings.mail_from, outbox, clock),
        sms=sms or choose_sms(settings.sms_url, outbox, clock),
        webhooks=webhooks or DirectWebhookCaller(webhook_reach(settings)),
        shop_url=settings.public_url,
        cache=shared_by_processes(redis),
        wave=ground.wave,
    )
    return replace(
        built,
        tasks=[
            *built.tasks,
            Periodic("look for others' messages", LOOK_SECONDS, feed.look, clock),
            *ground.tasks,
        ],
        outboxes=ground.outboxes,
        checks=ground.checks,
        closing=[redis.close, *ground.closing],
    )


async def _ground(settings: Settings, world: World) -> _Ground:
    if settings.notification_store:
        chosen = choose_store(settings.notification_store, world.clock, world.ids.new())
        return _Ground(
            chosen.store, chosen.claims, chosen.wave, checks=chosen.checks, closing=chosen.closing
        )
    return await _on_postgres(settings, world)


async def _on_postgres(settings: Settings, world: World) -> _Ground:
    from kibble.platform.engines.postgres import PostgresClaims, ensure_partitions, open_postgres
    from kibble.services.notification.adapters.postgres import (
        PARTED,
        PostgresNotificationRepository,
    )

    clock, ids = world.clock, world.ids
    postgres = await open_postgres(settings, NAME, adapters.__name__)

    async def part() -> None:
        await ensure_partitions(postgres, PARTED, clock.now())

    await part()
    holder = ids.new()
    store = PostgresNotificationRepository(postgres, EnvelopeMaker(NAME, clock, ids), holder)
    return _Ground(
        store,
        PostgresClaims(postgres, holder),
        tasks=[Periodic("part by month", PARTITION_SECONDS, part, clock)],
        outboxes=[store],
        closing=[store.close],
    )


def _assemble(
    store: S,
    world: World,
    claims: Claims,
    neighbours: Neighbours,
    *,
    seal: Sealing,
    mail: MailSender,
    sms: SmsSender,
    webhooks: WebhookCaller,
    shop_url: str,
    cache: NotificationCache,
    wave: int,
) -> tuple[Built[NotificationClient, S], InboxFeed]:
    """Build what is the same over any store."""
    clock, contacts = world.clock, neighbours.contacts
    unsubscribing = Unsubscribing(neighbours.tokens, shop_url)
    copywriter = packaged_copywriter()
    feed = InboxFeed(store, clock)
    service = NotificationService(
        store,
        contacts,
        copywriter,
        cache=cache,
        feed=feed,
        clock=clock,
        ids=world.ids,
        copies=[one for one in (mail, sms) if isinstance(one, FolderMailSender | FileSmsSender)],
    )
    restocks = RestockService(
        store,
        service,
        neighbours.catalogue,
        neighbours.stock,
        clock=clock,
        ids=world.ids,
        wave=wave,
    )
    confirming = Confirming(neighbours.tokens)
    guests = GuestService(store, service, restocks, confirming, clock=world.clock, ids=world.ids)
    delivery = DeliveryService(
        store,
        contacts,
        neighbours.orders,
        copywriter,
        mail=mail,
        sms=sms,
        shop=Shop(SHOP_NAME, shop_url),
        unsubscribing=unsubscribing,
        confirming=confirming,
        cache=cache,
        clock=clock,
        randomness=world.randomness,
    )
    signing = Signing(seal, world.randomness)
    sender = WebhookSender(
        store,
        webhooks,
        copywriter,
        claims,
        signing,
        clock=clock,
        ids=world.ids,
        randomness=world.randomness,
    )
    webhook_service = WebhookService(
        store,
        webhooks,
        offered(),
        signing,
        clock=clock,
        ids=world.ids,
        wake=sender.worker.submit,
    )
    digests = DigestService(store, copywriter, cache=cache, clock=clock, ids=world.ids)
    client = NotificationClient(service, restocks)
    controller = telling.NotificationController(
        service, restocks, guests, unsubscribing, feed=feed, store=store
    )
    built = Built(
        name=NAME,
        store=store,
        client=client,
        routes=[
            *telling.routes(controller),
            *visiting.routes(visiting.GuestController(guests, store)),
            *hooking.routes(hooking.WebhookController(webhook_service, store, clock, offered())),
        ],
        subscriptions=subscriptions(service, restocks),
        consumers={WEBHOOKS: webhook_subscriptions(webhook_service)},
        tasks=[
            Periodic("send notifications", SEND_SECONDS, delivery.send_all_due, clock),
            Periodic("tell who waits", TELL_SECONDS, restocks.tell_due, clock),
            Periodic("write digests", DIGEST_SECONDS, digests.write_due, clock),
            Periodic("inbox heartbeat", HEARTBEAT_SECONDS, feed.beat, clock),
            sender.worker,
            Periodic("find due webhooks", SWEEP_SECONDS, sender.sweep, clock),
            Periodic("seal webhooks' secrets", SEAL_SECONDS, webhook_service.reseal, clock),
        ],
        offers=offers(client),
    )
    return built, feed


def webhook_reach(settings: Settings) -> Reach:
    """Return where webhooks may go; raises ``ValueError`` for networks that are none."""
    try:
        return Reach(networks(settings.webhook_networks), clear=not settings.production)
    except ValueError as error:
        raise ValueError(f"KIBBLE_WEBHOOK_NETWORKS: {error}") from error


def kinds() -> list[str]:
    """Return the names of all kinds of message, in order."""
    return sorted(KINDS)


def preview(kind: str, facts: Facts, language: Language) -> tuple[str, str]:
    """Return the plain text and the HTML of the e-mail about some facts."""
    copywriter = packaged_copywriter()
    copy = copywriter.write(kind, facts, language)
    link = f"https://kibble.example{copy.action_path}" if copy.action_path else None
    text, html = copywriter.lay_out(Letter(copy=copy, name="Sam", link=link, shop=SHOP_NAME))
    return f"{copy.title}\n\n{text}", html


def archive_embedded(data_dir: Path, store_url: str = "") -> Archive:
    """Return Notification's state in ``data_dir``, or where ``store_url`` says.

    Nobody else may have it open.
    """
    if store_url:
        return choose_archive(store_url)
    return SqliteArchive(data_dir / f"{NAME}.db", SHAPES)


async def archive_distributed(settings: Settings, world: World) -> Archive:
    """Return Notification's state on PostgreSQL, or in the store that the settings name.

    Raises ``Unavailable``.
    """
    if settings.notification_store:
        return choose_archive(settings.notification_store)
    from kibble.platform.engines.postgres import ensure_partitions, open_postgres
    from kibble.platform.engines.postgres.archive import PostgresArchive
    from kibble.services.notification.adapters.postgres import PARTED

    postgres = await open_postgres(settings, NAME, adapters.__name__)
    await ensure_partitions(postgres, PARTED, world.clock.now())
    return PostgresArchive(NAME, postgres, SHAPES, POSTGRES_DERIVED)
