"""Moving out of a distributed shop, and into one, while no service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from kibble.kernel.errors import Unavailable
from kibble.platform.audit.archive import AuditArchive
from kibble.platform.config import Settings
from kibble.platform.engines.kafka import Cluster
from kibble.platform.engines.kafka.progress import undelivered
from kibble.platform.engines.postgres.audit import PostgresAuditLog
from kibble.platform.persistence.archive import Archive
from kibble.platform.service import World
from kibble.runtime.distributed.addresses import OPERATOR, url_of
from kibble.runtime.distributed.services import BUILDERS, Ground, ground
from kibble.runtime.joining import consumers
from kibble.runtime.moving import Manifest, NotThere, export, load
from kibble.runtime.names import SERVICES
from kibble.services.customer import wiring as customer
from kibble.services.inventory import wiring as inventory
from kibble.services.notification import wiring as notification
from kibble.services.order import wiring as order
from kibble.services.payment import wiring as payment
from kibble.services.product import wiring as product
from kibble.services.recommendation import wiring as recommendation
from kibble.services.shipping import wiring as shipping

REST_SECONDS = 60.0
"""How long an export waits for the shop to come to rest."""
LOOK_SECONDS = 1.0
ANSWER_SECONDS = 2.0


async def move_out(settings: Settings, world: World, file: Path) -> Manifest:
    """Write the shop into ``file``, once its services are stopped and every event is applied.

    Raises ``NotThere`` when that does not come true in a minute.
    """
    async with AsyncExitStack() as stack:
        opened = await _archives(settings, world, stack)
        topics = await _topics(settings, world)
        await _rest(settings, world, opened, topics)
        return await export(opened, settings.data_dir, file)


async def move_in(settings: Settings, world: World, file: Path) -> Manifest:
    """Load ``file`` into a namespace without a shop, none of whose services runs.

    Product's processes build the search index when they start. Raises ``NotThere``.
    """
    if running := await _running(settings):
        raise NotThere(f"Stop the services first; these answer: {', '.join(running)}.")
    async with AsyncExitStack() as stack:
        return await load(file, await _archives(settings, world, stack), settings.data_dir)


async def _archives(settings: Settings, world: World, stack: AsyncExitStack) -> Sequence[Archive]:
    """Return the audit log, the state of each service, and the sandbox provider's books."""
    log = PostgresAuditLog(settings)
    opened: list[Archive] = [AuditArchive(log, log.close)]
    stack.push_async_callback(log.close)
    for service in (
        product,
        inventory,
        order,
        payment,
        customer,
        recommendation,
        shipping,
        notification,
    ):
        opened.append(await service.archive_distributed(settings, world))
        stack.push_async_callback(opened[-1].close)
    sandbox = payment.archive_sandbox(settings.data_dir, world.clock)
    stack.push_async_callback(sandbox.close)
    return [*opened, sandbox]


async def _topics(settings: Settings, world: World) -> dict[str, set[str]]:
    """Return the topics of each consumer, as the services would read them."""
    on = ground(OPERATOR, settings, world)
    found: dict[str, set[str]] = {}
    try:
        for name in SERVICES:
            found |= await _topics_of(name, on)
    finally:
        await on.neighbours.close()
    return found


async def _topics_of(service: str, on: Ground) -> dict[str, set[str]]:
    built = (await BUILDERS[service](on)).built
    try:
        return {one.name: one.topics for one in consumers([built], on.world.clock) if one.topics}
    finally:
        for close in built.closing:
            await close()


async def _rest(
    settings: Settings, world: World, opened: Sequence[Archive], topics: dict[str, set[str]]
) -> None:
    """Wait until nothing is on its way, and nobody is there who might send something."""
    deadline = world.clock.monotonic() + REST_SECONDS
    cluster = Cluster.at(settings.kafka_url, settings.namespace)
    while True:
        reasons = [f"{name} runs" for name in await _running(settings)]
        counts = [(archive.name, await archive.unfinished()) for archive in opened]
        reasons += [
            f"{name} has {count} changes to finish or tell" for name, count in counts if count
        ]
        try:
            behind = await undelivered(cluster, topics)
            reasons += [f"{name} has {n} events to apply" for name, n in behind.items()]
        except Unavailable as error:
            reasons.append(str(error))
        if not reasons:
            return
        if world.clock.monotonic() > deadline:
            raise NotThere(
                f"The shop is not at rest: {'; '.join(reasons)}. Close the gateway, let the"
                " services run until all is told and applied, stop them, and export again."
            )
        await world.clock.sleep(LOOK_SECONDS)


async def _running(settings: Settings) -> list[str]:
    """Return the services that answer."""
    answers = await asyncio.gather(*(_answers(name, settings) for name in SERVICES))
    return [name for name, answered in zip(SERVICES, answers, strict=True) if answered]


async def _answers(service: str, settings: Settings) -> bool:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(
                f"{url_of(service, settings)}/health/live", allow_redirects=False
            ) as answer,
        ):
            return answer.ok
    except (aiohttp.ClientError, TimeoutError):
        return False
