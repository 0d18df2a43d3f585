"""Moving out of an embedded shop, and into one. Nobody else may have its folder open."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from kibble.platform.config import Settings
from kibble.platform.persistence.archive import Archive
from kibble.platform.service import World
from kibble.runtime.moving.loading import NotThere, is_begun, load
from kibble.runtime.moving.manifest import Manifest
from kibble.runtime.moving.writing import export
from kibble.runtime.seeding import is_fresh
from kibble.runtime.shop import Shop
from kibble.services.customer import wiring as customer
from kibble.services.inventory import wiring as inventory
from kibble.services.notification import wiring as notification
from kibble.services.order import wiring as order
from kibble.services.payment import wiring as payment
from kibble.services.product import wiring as product
from kibble.services.recommendation import wiring as recommendation
from kibble.services.shipping import wiring as shipping


def archives(settings: Settings, world: World) -> Sequence[Archive]:
    """Return the state of each service, and the sandbox provider's books."""
    data_dir = settings.data_dir
    return [
        product.archive_embedded(data_dir),
        inventory.archive_embedded(data_dir),
        order.archive_embedded(data_dir),
        payment.archive_embedded(data_dir),
        payment.archive_sandbox(data_dir, world.clock),
        customer.archive_embedded(data_dir),
        recommendation.archive_embedded(data_dir),
        shipping.archive_embedded(data_dir),
        notification.archive_embedded(data_dir, settings.notification_store),
    ]


async def move_out(settings: Settings, world: World, file: Path) -> Manifest:
    """Deliver every event that waits, and write the shop into ``file``."""
    if is_fresh(settings.data_dir):
        raise NotThere(f"There is no shop in {settings.data_dir}.")
    shop = Shop(settings, world)
    try:
        await shop.bus.drain()
    finally:
        shop.close()
    async with AsyncExitStack() as stack:
        return await export(_opened(settings, world, stack), settings.data_dir, file)


async def move_in(settings: Settings, world: World, file: Path) -> Manifest:
    """Load ``file`` into a folder without a shop, and build the search index."""
    if not (is_fresh(settings.data_dir) or is_begun(settings.data_dir)):
        raise NotThere(f"{settings.data_dir} has a shop already.")
    Shop(settings, world).close()
    async with AsyncExitStack() as stack:
        manifest = await load(file, _opened(settings, world, stack), settings.data_dir)
    shop = Shop(settings, world)
    try:
        await shop.services.product.client.reindex()
    finally:
        shop.close()
    return manifest


def _opened(settings: Settings, world: World, stack: AsyncExitStack) -> Sequence[Archive]:
    opened = archives(settings, world)
    for archive in opened:
        stack.push_async_callback(archive.close)
    return opened
