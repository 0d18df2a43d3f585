"""How each service is built for a process of its own: its engines, and its neighbours over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kibble.contracts.customer import RemoteCustomer, RemotePersonalData
from kibble.contracts.inventory import RemoteInventory
from kibble.contracts.payment import RemotePayment
from kibble.contracts.product import RemoteProduct
from kibble.contracts.shipping import RemoteShipping
from kibble.platform.config import Settings
from kibble.platform.rpc import Offer
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Periodic, Task
from kibble.runtime.distributed.addresses import Neighbours
from kibble.runtime.joining import GuestTokens
from kibble.runtime.stocking import STOCKING_SECONDS, hand_over
from kibble.services.customer import client as customer_client
from kibble.services.customer import wiring as customer
from kibble.services.inventory import client as inventory_client
from kibble.services.inventory import wiring as inventory
from kibble.services.notification import client as notification_client
from kibble.services.notification import wiring as notification
from kibble.services.order import client as order_client
from kibble.services.order import wiring as order
from kibble.services.payment import client as payment_client
from kibble.services.payment import wiring as payment
from kibble.services.product import client as product_client
from kibble.services.product import wiring as product
from kibble.services.recommendation import wiring as recommendation
from kibble.services.shipping import client as shipping_client
from kibble.services.shipping import wiring as shipping


@dataclass(frozen=True, slots=True)
class Ready:
    """A built service, what it offers to others, and what else runs in its process."""

    built: Built[Any, ServiceStore]
    offers: Sequence[Offer] = ()
    tasks: Sequence[Task] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What every service is built on."""

    settings: Settings
    world: World
    issuer: TokenIssuer
    neighbours: Neighbours


async def _product(on: Ground) -> Ready:
    built = await product.build_distributed(on.settings, on.world)
    shelves = RemoteInventory(on.neighbours["inventory"])

    async def hand_over_stock() -> None:
        while await hand_over(built.client, shelves):
            pass

    handing = Periodic("hand over stock", STOCKING_SECONDS, hand_over_stock, on.world.clock)
    return Ready(built, product_client.offers(built.client), [handing])


async def _inventory(on: Ground) -> Ready:
    built = await inventory.build_distributed(on.settings, on.world)
    return Ready(built, inventory_client.offers(built.client))


async def _order(on: Ground) -> Ready:
    built = await order.build_distributed(
        on.settings,
        on.world,
        catalogue=RemoteProduct(on.neighbours["product"]),
        stock=RemoteInventory(on.neighbours["inventory"]),
        cashier=RemotePayment(on.neighbours["payment"]),
        shipping=RemoteShipping(on.neighbours["shipping"]),
        tokens=GuestTokens(on.issuer),
    )
    return Ready(built, order_client.offers(built.client))


async def _payment(on: Ground) -> Ready:
    holds = RemoteInventory(on.neighbours["inventory"])
    built = await payment.build_distributed(on.settings, on.world, holds=holds)
    return Ready(built, payment_client.offers(built.client))


async def _customer(on: Ground) -> Ready:
    keepers = [RemotePersonalData(name, on.neighbours[name]) for name in ("order", "notification")]
    built = await customer.build_distributed(on.settings, on.world, neighbours=keepers)
    return Ready(built, customer_client.offers(built.client))


async def _recommendation(on: Ground) -> Ready:
    catalogue = RemoteProduct(on.neighbours["product"])
    return Ready(
        await recommendation.build_distributed(on.settings, on.world, catalogue=catalogue)
    )


async def _shipping(on: Ground) -> Ready:
    products = RemoteProduct(on.neighbours["product"])
    built = await shipping.build_distributed(on.settings, on.world, products=products)
    return Ready(built, shipping_client.offers(built.client))


async def _notification(on: Ground) -> Ready:
    contacts = RemoteCustomer(on.neighbours["customer"])
    built = await notification.build_distributed(on.settings, on.world, contacts=contacts)
    return Ready(built, notification_client.offers(built.client))


BUILDERS: Mapping[str, Callable[[Ground], Awaitable[Ready]]] = {
    "product": _product,
    "inventory": _inventory,
    "order": _order,
    "payment": _payment,
    "customer": _customer,
    "recommendation": _recommendation,
    "shipping": _shipping,
    "notification": _notification,
}
"""How to build each service, by name."""
