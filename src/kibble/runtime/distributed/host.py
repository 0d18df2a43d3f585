"""One service in a process of its own: its API, its events, its outbox, its background work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from kibble import __version__
from kibble.gateway import pages
from kibble.gateway.edge import Edge
from kibble.gateway.limits import Limits
from kibble.gateway.shedding import Shedder
from kibble.kernel.clock import to_text
from kibble.kernel.errors import Unavailable
from kibble.platform.config import Settings
from kibble.platform.engines.kafka import Cluster, KafkaBus, KafkaPublisher
from kibble.platform.engines.postgres.audit import PostgresAuditLog
from kibble.platform.messaging import asyncapi
from kibble.platform.messaging.relay import Relay
from kibble.platform.rpc import Offer
from kibble.platform.security.tokens import TokenVerifier
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Periodic, Task
from kibble.platform.telemetry import metrics
from kibble.platform.web import internal
from kibble.platform.web.app import WebApp
from kibble.platform.web.auditing import Auditor
from kibble.platform.web.router import Router
from kibble.runtime.distributed import letters
from kibble.runtime.distributed.addresses import public_keys
from kibble.runtime.joining import Revocations, TellsRevoked, consumers, measure_parked
from kibble.runtime.outside import following, outside_provider
from kibble.runtime.punctuality import LoopWatch

PRUNE_SECONDS = 3600.0
MEASURE_SECONDS = 2.0
TOPICS_SECONDS = 2.0

_log = structlog.get_logger()


class ServiceHost:
    """A built service, hosted: an ASGI application, and what runs beside it."""

    def __init__(
        self,
        built: Built[Any, ServiceStore],
        offers: Sequence[Offer],
        settings: Settings,
        world: World,
        *,
        limits: Limits | None = None,
        tasks: Sequence[Task] = (),
        revocations: TellsRevoked | None = None,
    ) -> None:
        """``offers`` are for other services; ``tasks`` run beside the service's own.

        ``revocations`` tells which tokens no longer hold.
        """
        self.settings = settings
        self.ready = False
        self._built = built
        self._world = world
        self._cluster = Cluster.at(settings.kafka_url, settings.namespace)
        self._publisher = KafkaPublisher(self._cluster)
        self._relays = [Relay(one, self._publisher, world.clock) for one in built.outboxes]
        self._consumers = consumers([built], world.clock, self._publisher)
        self._bus = KafkaBus(self._cluster, self._consumers, world.clock)
        self._tasks = [*built.tasks, *tasks]
        outside = outside_provider(settings, world.clock)
        self._tasks += following(outside, world.clock)
        self.verifier = TokenVerifier(public_keys(settings, world), world.clock, outside)
        if revocations is not None:
            self._tasks.append(Revocations(revocations, self.verifier).task(world.clock))
        self._audit = PostgresAuditLog(settings)
        self._shedder = Shedder(self.lag_seconds, world.clock)
        self.app = self._edge(offers, limits)

    def _edge(self, offers: Sequence[Offer], limits: Limits | None) -> Edge:
        clock, built = self._world.clock, self._built
        inner = [*offers, *letters.offers(built.name, built.store, self._lags)]
        tables = [(built.name, built.routes)]
        own = pages.routes(pages.PageController(tables, __version__, lambda: self.ready))
        routes = [*own, *built.routes, *internal.routes(inner, clock, self.verifier)]
        return Edge(
            WebApp(routes, self.verifier, Auditor(self._audit, clock, self._world.ids)),
            router=Router(routes),
            cache=None,
            shedder=self._shedder,
            ids=self._world.ids,
            limits=limits,
            subject_of=self.verifier.subject_of,
            hosts=self.settings.hosts,
        )

    def lag_seconds(self) -> float:
        """Return the age of the oldest event that is not on the broker; 0 if there is none."""
        return max((relay.lag_seconds() for relay in self._relays), default=0.0)

    async def check(self) -> None:
        """Ask outside parties whether they know the shop; raises ``ValueError`` if one does not."""
        for check in self._built.checks:
            await check()

    async def run(self) -> None:
        """Relay, deliver and do background work until cancelled."""
        clock = self._world.clock
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver())
            for task in (
                *self._relays,
                *self._tasks,
                LoopWatch(clock),
                Periodic("measure", MEASURE_SECONDS, self._measure, clock),
                Periodic("prune", PRUNE_SECONDS, self._prune, clock),
            ):
                group.create_task(task.run())
            self.ready = True

    async def _deliver(self) -> None:
        """Join the groups once their topics are there: who comes earlier is given none of them."""
        await self._make_topics()
        await self._bus.run()

    async def _make_topics(self) -> None:
        """Make the topics, also when the broker comes later than the service."""
        topics = {kind.topic for kind in asyncapi.event_types()}
        while True:
            try:
                await self._cluster.make_topics(topics)
            except Unavailable as error:
                _log.warning("topics wait", error=str(error))
                await self._world.clock.sleep(TOPICS_SECONDS)
            else:
                return

    async def _lags(self) -> dict[str, float]:
        """Return the lags of this process, of what it tells and what it is told."""
        lags = {f"kafka<-{relay.source}": relay.lag_seconds() for relay in self._relays}
        return {name: lag for name, lag in lags.items() if lag} | self._bus.backlog()

    async def _measure(self) -> None:
        metrics.set_lag(self._bus.backlog())
        for relay in self._relays:
            metrics.set_outbox(relay.source, relay.waiting, relay.lag_seconds())
        await measure_parked(self._consumers)

    async def _prune(self) -> None:
        before = to_text(self._world.clock.now() - timedelta(hours=24))
        await self._built.store.prune(before)

    async def end(self) -> None:
        """Publish no more, and close what was opened."""
        await self._publisher.close()
        await self._audit.close()
        for close in self._built.closing:
            await close()
