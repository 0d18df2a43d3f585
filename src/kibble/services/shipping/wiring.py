"""Builds Shipping for a profile; the only module that names its adapters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Periodic
from kibble.services.shipping import adapters
from kibble.services.shipping.adapters.guarded import GuardedCarrier
from kibble.services.shipping.adapters.sandbox import SandboxCarrier
from kibble.services.shipping.adapters.sqlite import SqliteShipmentRepository
from kibble.services.shipping.adapters.zip_table import read_zip_table
from kibble.services.shipping.client import ShippingClient
from kibble.services.shipping.controller import ShippingController, routes
from kibble.services.shipping.event_processor import subscriptions
from kibble.services.shipping.integration import Carrier, Products
from kibble.services.shipping.model.tariff import FEDEX, FREE, METHODS, UPS
from kibble.services.shipping.model.zones import ZoneMap
from kibble.services.shipping.service import Dispatcher, RateService, ShipmentService

NAME = "shipping"
SWEEP_SECONDS = 1.0
SHIP_FROM = "43215"
"""The ZIP code that zones are counted from: Columbus, Ohio."""


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    randomness: Randomness,
    products: Products,
    *,
    default_method: str = FREE.code,
    fast: bool = False,
    ship_from: str = SHIP_FROM,
    carriers: Sequence[Carrier] | None = None,
    inline: bool = False,
) -> Built[ShippingClient, LocalStore]:
    """Build Shipping over SQLite in ``data_dir``, with sandbox carriers unless others are given.

    ``fast`` delivers within seconds; ``inline`` writes in the loop, for the simulator. Raises
    ``ValueError`` when ``default_method`` or ``ship_from`` is not known.
    """
    if default_method not in METHODS:
        raise ValueError(f"{default_method} is no shipping method; known are {', '.join(METHODS)}")
    zones = ZoneMap(read_zip_table(), ship_from)
    if carriers is None:
        carriers = [SandboxCarrier(name, zones, clock, fast=fast) for name in (UPS, FEDEX)]
    guarded = {one.name: GuardedCarrier(one, clock, randomness) for one in carriers}
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    store = SqliteShipmentRepository(database, EnvelopeMaker(NAME, clock, ids))
    rates = RateService(guarded, zones, products, clock, METHODS[default_method])
    dispatcher = Dispatcher(store, guarded, clock)
    shipments = ShipmentService(store, zones, clock, ids, dispatcher.worker.submit)
    controller = ShippingController(rates, shipments, dispatcher, store)
    return Built(
        name=NAME,
        store=store,
        client=ShippingClient(rates),
        routes=routes(controller),
        publishes=frozenset({"shipping_events"}),
        subscriptions=subscriptions(shipments),
        tasks=[
            dispatcher.worker,
            Periodic("find due shipments", SWEEP_SECONDS, dispatcher.sweep, clock),
        ],
    )
