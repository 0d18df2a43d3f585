"""The gateway's own process: the pages, the whole API's documents, and everybody's dead letters."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import msgspec

from kibble import __version__
from kibble.contracts.customer import RemoteSessions
from kibble.gateway import audit, events, operating, pages, reports, session
from kibble.gateway.edge import Edge
from kibble.gateway.limits import Limits
from kibble.gateway.shedding import Shedder
from kibble.gateway.storefront.wiring import storefront
from kibble.kernel.errors import Unavailable
from kibble.platform.config import Settings
from kibble.platform.engines.postgres.audit import PostgresAuditLog
from kibble.platform.security.tokens import TokenVerifier
from kibble.platform.service import World
from kibble.platform.web import json, openapi
from kibble.platform.web.app import WebApp
from kibble.platform.web.auditing import Auditor
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import ANYONE, get
from kibble.platform.web.router import Router
from kibble.runtime.distributed.addresses import Neighbours, keeps_letters, public_keys, url_of
from kibble.runtime.distributed.letters import RemoteLetters
from kibble.runtime.distributed.reading import RemoteReader
from kibble.runtime.joining import Revocations
from kibble.runtime.names import SERVICES
from kibble.runtime.outside import following, outside_provider

TIMEOUT_SECONDS = 5.0


class GatewayHost:
    """Hosts what belongs to no service; HAProxy sends everything else to the services."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        neighbours: Neighbours,
        *,
        limits: Limits | None = None,
    ) -> None:
        self.settings = settings
        self.ready = False
        self._neighbours = neighbours
        clock = world.clock
        self._audit = PostgresAuditLog(settings)
        self._shedder = Shedder(lambda: 0.0, clock)
        stores = {name: RemoteLetters(name, neighbours[name]) for name in keeps_letters(settings)}

        async def lags() -> dict[str, float]:
            found = await asyncio.gather(*(store.lags() for store in stores.values()))
            return {feed: lag for each in found for feed, lag in each.items()}

        letters = events.routes(events.EventsController(stores, lags, clock))
        letters += operating.routes(
            operating.OperatingController(settings, "distributed", __version__)
        )
        whole = WholeApi(settings)
        outside = outside_provider(settings, clock)
        verifier = TokenVerifier(public_keys(settings, world), clock, outside)
        sessions = RemoteSessions(neighbours["customer"])
        controller = session.SessionController(
            sessions,
            verifier,
            session.address_of_forwarded,
            now=lambda: clock.now().timestamp(),
        )
        signing_in = session.routes(controller)
        self._tasks = [Revocations(sessions, verifier).task(clock), *following(outside, clock)]
        tables = [("events", letters), ("session", signing_in)]
        own = pages.routes(pages.PageController(tables, __version__, lambda: self.ready))
        routes = [
            *(route for route in own if route.path not in (whole.path, whole.page)),
            get(whole.path, whole.get_openapi, "The API for programs", ANYONE),
            get(whole.page, whole.get_docs, "The API for people", ANYONE),
            *letters,
            *signing_in,
            *audit.routes(audit.AuditController(self._audit)),
            *reports.routes(reports.ReportController()),
        ]
        router = Router(routes)
        self._reader = RemoteReader(settings)
        self.app = Edge(
            storefront(
                WebApp(routes, verifier, Auditor(self._audit, clock, world.ids)),
                router,
                self._reader,
                settings,
                clock,
            ),
            router=router,
            cache=None,
            shedder=self._shedder,
            ids=world.ids,
            limits=limits,
            subject_of=verifier.subject_of,
            hosts=settings.hosts,
        )

    async def run(self) -> None:
        """Follow what is revoked until cancelled; all else is to answer."""
        self.ready = True
        async with asyncio.TaskGroup() as group:
            for task in self._tasks:
                group.create_task(task.run())

    async def end(self) -> None:
        """Close the connections to the services."""
        await self._reader.close()
        await self._neighbours.close()
        await self._audit.close()


class WholeApi:
    """The document of all services, joined from theirs."""

    path, page = "/openapi.json", "/docs"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def get_openapi(self, call: Call[None, None]) -> Reply:
        """GET /openapi.json; 503 while a service is away, since a part is not the whole."""
        return ok(json.encode(await self._whole()))

    async def get_docs(self, call: Call[None, None]) -> Reply:
        """GET /docs; 503 as the document is."""
        return pages.docs_page(await self._whole())

    async def _whole(self) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session:
                parts = {name: await self._part(session, name) for name in SERVICES}
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("A service is away.") from error
        return openapi.joined(parts)

    async def _part(self, session: aiohttp.ClientSession, service: str) -> dict[str, Any]:
        name = next(iter(self._settings.hosts), None)
        headers = {"host": name} if name else None
        address = url_of(service, self._settings) + self.path
        async with session.get(address, headers=headers, allow_redirects=False) as answer:
            answer.raise_for_status()
            part: dict[str, Any] = msgspec.json.decode(await answer.read())
            return part
