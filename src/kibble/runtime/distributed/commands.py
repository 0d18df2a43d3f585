"""What the command line does with a distributed shop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from rich.console import Console

from kibble.contracts.payment import RemotePayment
from kibble.contracts.product import RemoteProduct
from kibble.platform.config import Settings
from kibble.platform.messaging.log import ParkedEvents
from kibble.platform.service import World
from kibble.runtime import seeding
from kibble.runtime.distributed.addresses import OPERATOR, keeps_letters
from kibble.runtime.distributed.letters import RemoteLetters
from kibble.runtime.distributed.services import BUILDERS, Ground, ground
from kibble.runtime.distributed.target import RemoteTarget


@asynccontextmanager
async def _neighbours(settings: Settings, world: World) -> AsyncGenerator[Ground]:
    on = ground(OPERATOR, settings, world)
    try:
        yield on
    finally:
        await on.neighbours.close()


async def migrate(settings: Settings, world: World) -> None:
    """Bring every engine to what this version's services need; repeatable. Raises ``Unavailable``.

    Services do so themselves when they start: done once before, their starts are quicker, and a
    migration that fails stops a roll-out before its first process.
    """
    for name in keeps_letters(settings):
        on = ground(name, settings, world)
        try:
            ready = await BUILDERS[name](on)
            for close in ready.built.closing:
                await close()
        finally:
            await on.neighbours.close()


async def seed(url: str, settings: Settings, world: World, console: Console) -> None:
    """Fill the shop behind the gateway at ``url`` with the demo catalogue; repeatable."""
    async with _neighbours(settings, world) as on, aiohttp.ClientSession() as session:
        await seeding.fill(RemoteTarget(url, on.shop_issuer(), on.neighbours, session), console)


async def reindex(settings: Settings, world: World) -> None:
    """Have Product build its search index anew."""
    async with _neighbours(settings, world) as on:
        await RemoteProduct(on.neighbours["product"]).reindex()


async def reconcile(settings: Settings, world: World, *, repair: bool) -> dict[str, Any]:
    """Return the provider's charges and refunds beside ours, as JSON."""
    async with _neighbours(settings, world) as on:
        return await RemotePayment(on.neighbours["payment"]).reconcile(repair=repair)


@asynccontextmanager
async def letters(settings: Settings, world: World) -> AsyncGenerator[dict[str, ParkedEvents]]:
    """Give the parked events of each service by its name."""
    async with _neighbours(settings, world) as on:
        names = keeps_letters(settings)
        yield {name: RemoteLetters(name, on.neighbours[name]) for name in names}
