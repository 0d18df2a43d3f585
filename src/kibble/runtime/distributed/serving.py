"""Serving one service, or the gateway's own process."""

from __future__ import annotations

from kibble.platform.config import Settings
from kibble.platform.service import World
from kibble.runtime.distributed.gateway import GatewayHost
from kibble.runtime.distributed.host import ServiceHost
from kibble.runtime.distributed.services import BUILDERS, ground
from kibble.runtime.joining import limits
from kibble.runtime.names import GATEWAY
from kibble.runtime.server import serve


async def serve_one(name: str, settings: Settings, world: World) -> None:
    """Serve until SIGTERM or SIGINT."""
    on = ground(name, settings, world)
    if name == GATEWAY:
        await serve(GatewayHost(settings, world, on.neighbours))
        return
    ready = await BUILDERS[name](on)
    host = ServiceHost(
        ready.built,
        ready.offers,
        settings,
        world,
        limits=limits(settings, world.clock),
        tasks=ready.tasks,
    )
    try:
        await serve(host)
    finally:
        await on.neighbours.close()
