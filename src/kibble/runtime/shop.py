"""The embedded profile: all eight services, the bus and the gateway in one process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kibble import __version__
from kibble.gateway import audit, events, operating, pages, reports, session
from kibble.gateway.cache import EdgeCache
from kibble.gateway.edge import Edge
from kibble.gateway.shedding import Shedder
from kibble.gateway.storefront.reading import InProcess
from kibble.gateway.storefront.wiring import storefront
from kibble.kernel.clock import to_text
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite.audit import SqliteAuditLog, audit_path
from kibble.platform.messaging.bus import LogBus
from kibble.platform.security.addresses import networks
from kibble.platform.security.keys import KeyRing, key_path
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.service import Built, LocalStore, World
from kibble.platform.tasks import Periodic, Task
from kibble.platform.telemetry import metrics
from kibble.platform.web.app import WebApp
from kibble.platform.web.auditing import Auditor
from kibble.platform.web.router import Router
from kibble.runtime import outlets
from kibble.runtime.joining import GuestTokens, Revocations, consumers, limits, measure_parked
from kibble.runtime.outside import following, outside_provider
from kibble.runtime.punctuality import LoopWatch
from kibble.runtime.stocking import STOCKING_SECONDS, hand_over
from kibble.services.customer import wiring as customer
from kibble.services.customer.client import CustomerClient
from kibble.services.customer.integration import PersonalData
from kibble.services.inventory import wiring as inventory
from kibble.services.inventory.client import InventoryClient
from kibble.services.notification import wiring as notification
from kibble.services.notification.client import NotificationClient
from kibble.services.order import wiring as order
from kibble.services.order.client import OrderClient
from kibble.services.payment import wiring as payment
from kibble.services.payment.client import PaymentClient
from kibble.services.product import wiring as product
from kibble.services.product.client import ProductClient
from kibble.services.recommendation import wiring as recommendation
from kibble.services.recommendation.client import RecommendationClient
from kibble.services.shipping import wiring as shipping
from kibble.services.shipping.client import ShippingClient

PRUNE_SECONDS = 3600.0
MEASURE_SECONDS = 2.0
MAX_LOADING_LAG_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Services:
    """The eight services, built."""

    product: Built[ProductClient, LocalStore]
    inventory: Built[InventoryClient, LocalStore]
    order: Built[OrderClient, LocalStore]
    payment: Built[PaymentClient, LocalStore]
    customer: Built[CustomerClient, LocalStore]
    recommendation: Built[RecommendationClient, LocalStore]
    shipping: Built[ShippingClient, LocalStore]
    notification: Built[NotificationClient, LocalStore]

    def all(self) -> list[Built[Any, LocalStore]]:
        """Return the services in the order in which they are listed everywhere."""
        return [
            self.product,
            self.inventory,
            self.order,
            self.payment,
            self.customer,
            self.recommendation,
            self.shipping,
            self.notification,
        ]


def build_services(settings: Settings, world: World, *, inline: bool = False) -> Services:
    """Build all services over SQLite in the data folder; neighbours first."""
    data_dir, clock, ids, randomness = settings.data_dir, world.clock, world.ids, world.randomness
    issuer = TokenIssuer(KeyRing.open(key_path(data_dir), clock), clock, ids)
    exports: list[PersonalData] = []
    products = product.build_embedded(
        data_dir,
        clock,
        ids,
        currency=settings.currency,
        files_url=settings.files_url,
        inline=inline,
    )
    stock = inventory.build_embedded(data_dir, clock, ids, settings.hold, inline=inline)
    customers = customer.build_embedded(
        data_dir,
        clock,
        ids,
        randomness,
        production=settings.production,
        neighbours=exports,
        issuer=settings.public_url,
        tokens=issuer,
        inline=inline,
    )
    payments = payment.build_embedded(
        data_dir, clock, ids, randomness, stock.client, settings=settings, inline=inline
    )
    shipments = shipping.build_embedded(
        data_dir,
        clock,
        ids,
        randomness,
        products.client,
        default_method=settings.default_shipping,
        fast=settings.sandbox_fast,
        settings=settings,
        inline=inline,
    )
    orders = order.build_embedded(
        data_dir,
        clock,
        ids,
        catalogue=products.client,
        stock=stock.client,
        cashier=payments.client,
        shipping=shipments.client,
        addresses=customers.client,
        tokens=GuestTokens(issuer),
        currency=settings.currency,
        default_shipping=settings.default_shipping,
        hold=settings.hold,
        clicks=settings.has_clicks,
        inline=inline,
    )
    messages = notification.build_embedded(
        data_dir,
        clock,
        ids,
        randomness,
        notification.Neighbours(
            customers.client, orders.client, products.client, stock.client, issuer
        ),
        shop_url=settings.public_url,
        mail_url=settings.mail_url,
        mail_from=settings.mail_from,
        sms_url=settings.sms_url,
        store_url=settings.notification_store,
        webhook_reach=notification.webhook_reach(settings),
        inline=inline,
    )
    recommendations = recommendation.build_embedded(
        data_dir, clock, ids, products.client, inline=inline
    )
    exports += [
        products.client,
        orders.client,
        payments.client,
        recommendations.client,
        shipments.client,
        messages.client,
    ]
    return Services(
        products, stock, orders, payments, customers, recommendations, shipments, messages
    )


class Shop:
    """A built shop: its ASGI application, its bus and its background work."""

    def __init__(self, settings: Settings, world: World, *, inline: bool = False) -> None:
        self.settings = settings
        self.world = world
        self.services = build_services(settings, world, inline=inline)
        told = outlets.build_embedded(settings, world, inline=inline)
        self._parts: list[Built[Any, LocalStore]] = [*self.services.all(), *told]
        self.consumers = consumers(self._parts, world.clock)
        logs = [(built.store, set(built.publishes)) for built in self.services.all()]
        self.bus = LogBus(logs, self.consumers, world.clock)
        self.services.product.client.keep_pace(self._keep_pace)
        self.ready = False
        self.audit = SqliteAuditLog(audit_path(settings.data_dir), inline=inline)
        self._shedder = Shedder(self.bus.lag_seconds, world.clock)
        self._outside = outside_provider(settings, world.clock)
        self.app = self._edge()

    def _edge(self) -> Edge:
        clock = self.world.clock
        stores = {consumer.name: consumer.store for consumer in self.consumers}
        letters = events.routes(events.EventsController(stores, self._lags, clock))
        tables = [(built.name, built.routes) for built in self.services.all()]
        tables.append(("events", letters))
        operating_controller = operating.OperatingController(self.settings, "embedded", __version__)
        tables.append(("settings", operating.routes(operating_controller)))
        verifier = TokenVerifier(
            KeyRing.open(key_path(self.settings.data_dir), clock), clock, self._outside
        )
        controller = session.SessionController(
            self.services.customer.client,
            verifier,
            session.address_of_peer,
            now=lambda: clock.now().timestamp(),
        )
        tables.append(("session", session.routes(controller)))
        tables.append(("audit", audit.routes(audit.AuditController(self.audit))))
        own = pages.routes(
            pages.PageController(
                tables,
                __version__,
                lambda: self.ready,
                metrics_from=networks(self.settings.metrics_from),
            )
        )
        own += reports.routes(reports.ReportController())
        routes = [*own, *(route for _, table in tables for route in table)]
        self._verifier = verifier
        self.web = WebApp(routes, verifier)
        """For who fills the shop from inside: the operator, of whom nothing is written down."""
        watched = WebApp(routes, verifier, Auditor(self.audit, clock, self.world.ids))
        router = Router(routes)
        return Edge(
            storefront(watched, router, InProcess(self.web), self.settings, clock),
            router=router,
            cache=EdgeCache(clock),
            shedder=self._shedder,
            ids=self.world.ids,
            limits=limits(self.settings, clock),
            subject_of=verifier.subject_of,
            hosts=self.settings.hosts,
        )

    def tasks(self) -> list[Task]:
        """Return everything that runs beside requests, but for the bus."""
        clock = self.world.clock
        tasks = [task for built in self.services.all() for task in built.tasks]
        return [
            *tasks,
            LoopWatch(clock),
            *following(self._outside, clock),
            Revocations(self.services.customer.client, self._verifier).task(clock),
            Periodic("measure", MEASURE_SECONDS, self._measure, clock),
            Periodic("hand over stock", STOCKING_SECONDS, self._hand_over_stock, clock),
            Periodic("prune", PRUNE_SECONDS, self._prune, clock),
        ]

    async def run(self) -> None:
        """Deliver events and do background work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.bus.run())
            for task in self.tasks():
                group.create_task(task.run())
            self.ready = True

    async def _lags(self) -> dict[str, float]:
        return self.bus.backlog()

    async def _hand_over_stock(self) -> None:
        services = self.services
        while await hand_over(services.product.client, services.inventory.client):
            await self._keep_pace()

    async def _keep_pace(self) -> None:
        """Wait until the consumers keep up: a load must not take the shop's breath."""
        while self.bus.lag_seconds() > MAX_LOADING_LAG_SECONDS:
            await self.world.clock.sleep(0.05)

    async def _measure(self) -> None:
        metrics.set_lag(self.bus.backlog())
        for log, (waiting, age) in self.bus.outboxes().items():
            metrics.set_outbox(log, waiting, age)
        await measure_parked(self.consumers)

    async def _prune(self) -> None:
        before = to_text(self.world.clock.now() - timedelta(hours=24))
        for built in self._parts:
            await built.store.prune(before)

    async def check(self) -> None:
        """Ask outside parties whether they know the shop; raises ``ValueError`` if one does not."""
        for built in self._parts:
            for check in built.checks:
                await check()

    async def end(self) -> None:
        """Close the shop, as every host of an application can be."""
        for built in self._parts:
            for closing in built.closing:
                await closing()
        self.close()

    def close(self) -> None:
        """Commit what waits and close every store."""
        for built in self._parts:
            built.store.close()
        self.audit.close()
