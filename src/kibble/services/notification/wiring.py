"""Builds Notification for a profile; the only module that names its adapters."""

from __future__ import annotations

from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Periodic
from kibble.services.notification import adapters
from kibble.services.notification.adapters.jinja import JinjaCopywriter, packaged
from kibble.services.notification.adapters.sandbox import FileSmsSender, FolderMailSender
from kibble.services.notification.adapters.sqlite import SqliteNotificationRepository
from kibble.services.notification.cache import NotificationCache
from kibble.services.notification.client import NotificationClient
from kibble.services.notification.controller import NotificationController, routes
from kibble.services.notification.event_processor import subscriptions
from kibble.services.notification.integration import Contacts, MailSender, SmsSender
from kibble.services.notification.service import (
    DeliveryService,
    InboxFeed,
    NotificationService,
    Shop,
)
from kibble.services.notification.service.feed import HEARTBEAT_SECONDS

NAME = "notification"
SEND_SECONDS = 0.2
SHOP_NAME = "Kibble"
SENDER = f"{SHOP_NAME} <shop@kibble.example>"


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    randomness: Randomness,
    contacts: Contacts,
    *,
    shop_url: str = "http://localhost:8000",
    mail: MailSender | None = None,
    sms: SmsSender | None = None,
    inline: bool = False,
) -> Built[NotificationClient, LocalStore]:
    """Build Notification over SQLite in ``data_dir``.

    Links begin with ``shop_url``. Without a ``mail`` relay and an ``sms`` provider, messages go to
    the folder ``outbox`` there. ``inline`` writes in the loop, for the simulator.
    """
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    store = SqliteNotificationRepository(database, EnvelopeMaker(NAME, clock, ids))
    outbox = data_dir / "outbox"
    copywriter = JinjaCopywriter(packaged())
    cache = NotificationCache(clock)
    feed = InboxFeed(store, clock)
    service = NotificationService(
        store, contacts, copywriter, cache=cache, feed=feed, clock=clock, ids=ids
    )
    delivery = DeliveryService(
        store,
        contacts,
        copywriter,
        mail=mail or FolderMailSender(outbox / "email", SENDER, clock),
        sms=sms or FileSmsSender(outbox / "sms.jsonl", clock),
        shop=Shop(SHOP_NAME, shop_url),
        cache=cache,
        clock=clock,
        randomness=randomness,
    )
    return Built(
        name=NAME,
        store=store,
        client=NotificationClient(service),
        routes=routes(NotificationController(service, feed, store)),
        subscriptions=subscriptions(service),
        tasks=[
            Periodic("send notifications", SEND_SECONDS, delivery.send_all_due, clock),
            Periodic("inbox heartbeat", HEARTBEAT_SECONDS, feed.beat, clock),
        ],
    )
