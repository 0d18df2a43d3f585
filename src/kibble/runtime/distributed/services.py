"""How each service is built for a process of its own: its engines, and its neighbours over HTTP.

A process imports the service that it runs and no other: each would cost it memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kibble.contracts.customer import KEEPERS, RemoteCustomer, RemotePersonalData
from kibble.contracts.inventory import RemoteInventory
from kibble.contracts.order import RemoteOrder
from kibble.contracts.payment import RemotePayment
from kibble.contracts.product import RemoteProduct
from kibble.contracts.shipping import RemoteShipping
from kibble.platform.config import Settings
from kibble.platform.rpc import Offer
from kibble.platform.security.identities import SHOP, own_ring
from kibble.platform.security.keys import KeyRing
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import Built, ServiceStore, World
from kibble.platform.tasks import Periodic, Task
from kibble.runtime.distributed.addresses import Neighbours
from kibble.runtime.joining import GuestTokens


@dataclass(frozen=True, slots=True)
class Ready:
    """A built service, what it offers to others, and what else runs in its process."""

    built: Built[Any, ServiceStore]
    offers: Sequence[Offer] = ()
    tasks: Sequence[Task] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What every service is built on; ``issuer`` signs with the process's own key."""

    settings: Settings
    world: World
    issuer: TokenIssuer
    neighbours: Neighbours

    def shop_issuer(self) -> TokenIssuer:
        """Return what signs people's tokens: Customer's to have, and the operator's."""
        settings, clock = self.settings, self.world.clock
        keys = own_ring(settings.data_dir, SHOP, settings.signing_keys, clock)
        return TokenIssuer(keys, clock, self.world.ids)


def ground(name: str, settings: Settings, world: World) -> Ground:
    """Return the ground of a process called ``name``, which signs its calls with that."""

    def own() -> KeyRing:
        return own_ring(settings.data_dir, name, settings.service_keys, world.clock)

    issuer = TokenIssuer(own, world.clock, world.ids)
    return Ground(settings, world, issuer, Neighbours(name, settings, world, issuer))


async def _product(on: Ground) -> Ready:
    from kibble.runtime.stocking import STOCKING_SECONDS, hand_over
    from kibble.services.product import client, wiring

    built = await wiring.build_distributed(on.settings, on.world)
    shelves = RemoteInventory(on.neighbours["inventory"])

    async def hand_over_stock() -> None:
        while await hand_over(built.client, shelves):
            pass

    handing = Periodic("hand over stock", STOCKING_SECONDS, hand_over_stock, on.world.clock)
    return Ready(built, client.offers(built.client), [handing])


async def _inventory(on: Ground) -> Ready:
    from kibble.services.inventory import client, wiring

    built = await wiring.build_distributed(on.settings, on.world)
    return Ready(built, client.offers(built.client))


async def _order(on: Ground) -> Ready:
    from kibble.services.order import client, wiring

    built = await wiring.build_distributed(
        on.settings,
        on.world,
        catalogue=RemoteProduct(on.neighbours["product"]),
        stock=RemoteInventory(on.neighbours["inventory"]),
        cashier=RemotePayment(on.neighbours["payment"]),
        shipping=RemoteShipping(on.neighbours["shipping"]),
        addresses=RemoteCustomer(on.neighbours["customer"]),
        tokens=GuestTokens(on.issuer),
    )
    return Ready(built, client.offers(built.client))


async def _payment(on: Ground) -> Ready:
    from kibble.services.payment import client, wiring

    holds = RemoteInventory(on.neighbours["inventory"])
    built = await wiring.build_distributed(on.settings, on.world, holds=holds)
    return Ready(built, client.offers(built.client))


async def _customer(on: Ground) -> Ready:
    from kibble.services.customer import client, wiring

    keepers = [RemotePersonalData(name, on.neighbours[name]) for name in KEEPERS]
    built = await wiring.build_distributed(
        on.settings, on.world, tokens=on.shop_issuer(), neighbours=keepers
    )
    return Ready(built, client.offers(built.client))


async def _recommendation(on: Ground) -> Ready:
    from kibble.services.recommendation import client, wiring

    catalogue = RemoteProduct(on.neighbours["product"])
    built = await wiring.build_distributed(on.settings, on.world, catalogue=catalogue)
    return Ready(built, client.offers(built.client))


async def _shipping(on: Ground) -> Ready:
    from kibble.services.shipping import client, wiring

    products = RemoteProduct(on.neighbours["product"])
    built = await wiring.build_distributed(on.settings, on.world, products=products)
    return Ready(built, client.offers(built.client))


async def _notification(on: Ground) -> Ready:
    from kibble.services.notification import client, wiring

    neighbours = wiring.Neighbours(
        RemoteCustomer(on.neighbours["customer"]),
        RemoteOrder(on.neighbours["order"]),
        RemoteProduct(on.neighbours["product"]),
        RemoteInventory(on.neighbours["inventory"]),
        on.issuer,
    )
    built = await wiring.build_distributed(on.settings, on.world, neighbours=neighbours)
    return Ready(built, client.offers(built.client))


async def _outlets(on: Ground) -> Ready:
    from kibble.runtime import outlets

    return Ready(await outlets.build_distributed(on.settings, on.world))


BUILDERS: Mapping[str, Callable[[Ground], Awaitable[Ready]]] = {
    "product": _product,
    "inventory": _inventory,
    "order": _order,
    "payment": _payment,
    "customer": _customer,
    "recommendation": _recommendation,
    "shipping": _shipping,
    "notification": _notification,
    "outlets": _outlets,
}
"""How to build each service, by name."""
