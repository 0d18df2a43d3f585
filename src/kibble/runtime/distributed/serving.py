"""Serving one service, or the gateway's own process."""

from __future__ import annotations

import socket

from kibble.contracts.customer import RemoteSessions
from kibble.gateway.limits import Limits
from kibble.platform.config import Settings
from kibble.platform.engines.redis_cells import RedisCells
from kibble.platform.service import World
from kibble.runtime.distributed.addresses import (
    Neighbours,
    refuse_known_passwords,
    require_own_keys,
)
from kibble.runtime.distributed.host import ServiceHost
from kibble.runtime.distributed.limiting import SharedLimiter
from kibble.runtime.distributed.services import BUILDERS, Ground, Ready, ground
from kibble.runtime.joining import TellsRevoked, limits
from kibble.runtime.names import GATEWAY
from kibble.runtime.server import listening, serve


def _revocations(name: str, ready: Ready, neighbours: Neighbours) -> TellsRevoked:
    """Return who tells a service what was revoked: Customer, which knows it by itself."""
    if name == "customer":
        own: TellsRevoked = ready.built.client
        return own
    return RemoteSessions(neighbours["customer"])


async def serve_one(name: str, settings: Settings, world: World) -> None:
    """Serve until SIGTERM or SIGINT; raises ``ValueError`` for settings that no live shop has."""
    refuse_known_passwords(settings)
    require_own_keys(name, settings)
    on = ground(name, settings, world)
    clock = world.clock
    cells = RedisCells(settings.redis_url, settings.namespace, clock)
    shared = limits(settings, clock, lambda policy: SharedLimiter(policy, cells, clock))
    try:
        with listening(settings) as sockets:
            await _serve(name, on, shared, sockets)
    finally:
        await on.neighbours.close()
        await cells.close()


async def _serve(
    name: str, on: Ground, shared: Limits | None, sockets: list[socket.socket]
) -> None:
    settings, world = on.settings, on.world
    if name == GATEWAY:
        from kibble.runtime.distributed.gateway import GatewayHost  # noqa: PLC0415 - 6 MB of pages

        await serve(GatewayHost(settings, world, on.neighbours, limits=shared), sockets)
        return
    ready = await BUILDERS[name](on)
    host = ServiceHost(
        ready.built,
        ready.offers,
        settings,
        world,
        limits=shared,
        tasks=ready.tasks,
        revocations=_revocations(name, ready, on.neighbours),
    )
    await _check(host)
    await serve(host, sockets)


async def _check(host: ServiceHost) -> None:
    """Ask outside parties whether they know us; ends the process with a sentence if not."""
    try:
        await host.check()
    except ValueError as error:
        raise SystemExit(str(error)) from error
