"""Builds Shipping for a profile; the only module that names its adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.engines.sqlite.archive import SqliteArchive
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.persistence.claims import Claims, LocalClaims
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.shipping import adapters
from kibble.services.shipping.adapters.archive import SHAPES
from kibble.services.shipping.adapters.choice import choose
from kibble.services.shipping.adapters.guarded import RATES_TIMEOUT_SECONDS, GuardedCarrier
from kibble.services.shipping.adapters.sqlite import SqliteShipmentRepository
from kibble.services.shipping.adapters.zip_table import read_zip_table
from kibble.services.shipping.client import ShippingClient, offers
from kibble.services.shipping.controller import ShippingController, routes
from kibble.services.shipping.event_processor import subscriptions
from kibble.services.shipping.integration import Carrier, Products
from kibble.services.shipping.model.cartons import STANDARD_BOXES, Box, read_boxes
from kibble.services.shipping.model.tariff import FREE, METHODS, Method
from kibble.services.shipping.model.zones import ZoneMap
from kibble.services.shipping.repository import ShipmentRepository
from kibble.services.shipping.service import (
    Dispatcher,
    PackingService,
    RateService,
    ShipmentService,
)

NAME = "shipping"
SWEEP_SECONDS = 1.0
SHIP_FROM = "43215"
"""The ZIP code that zones are counted from: Columbus, Ohio."""


class _Store(ShipmentRepository, ServiceStore, Protocol):
    """What Shipping's use cases and the composition root need together."""


S = TypeVar("S", bound=_Store)


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
    settings: Settings | None = None,
    rates_seconds: float = RATES_TIMEOUT_SECONDS,
    inline: bool = False,
) -> Built[ShippingClient, LocalStore]:
    """Build Shipping over SQLite in ``data_dir``, with the carriers of ``settings`` or those given.

    Without either they are the sandbox's. ``fast`` delivers within seconds; a carrier's rates are
    waited for ``rates_seconds``; ``inline`` writes in the loop, for the simulator. Raises
    ``ValueError`` when ``default_method`` or ``ship_from`` is not known, or a carrier's credentials
    are incomplete.
    """
    method = _method(default_method)
    zones = ZoneMap(read_zip_table(), ship_from)
    if carriers is None:
        carriers = choose(settings or Settings(sandbox_fast=fast), zones, clock)
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    return _assemble(
        SqliteShipmentRepository(database, EnvelopeMaker(NAME, clock, ids)),
        LocalClaims(),
        World(clock, ids, randomness),
        products=products,
        carriers=carriers,
        zones=zones,
        default_method=method,
        boxes=_boxes(settings),
        rates_seconds=rates_seconds,
    )


async def build_distributed(
    settings: Settings,
    world: World,
    *,
    products: Products,
    carriers: Sequence[Carrier] | None = None,
) -> Built[ShippingClient, ServiceStore]:
    """Build Shipping over PostgreSQL, as one of any number of processes; see ``build_embedded``.

    Raises ``Unavailable`` when PostgreSQL is away.
    """
    # The embedded profile has no PostgreSQL driver.
    from kibble.platform.engines.postgres import PostgresClaims, open_postgres
    from kibble.services.shipping.adapters.postgres import PostgresShipmentRepository

    method = _method(settings.default_shipping)
    zones = ZoneMap(read_zip_table(), SHIP_FROM)
    if carriers is None:
        carriers = choose(settings, zones, world.clock)
    postgres = await open_postgres(settings, NAME, adapters.__name__)
    store = PostgresShipmentRepository(postgres, EnvelopeMaker(NAME, world.clock, world.ids))
    built: Built[ShippingClient, ServiceStore] = _assemble(
        store,
        PostgresClaims(postgres, holder=world.ids.new()),
        world,
        products=products,
        carriers=carriers,
        zones=zones,
        default_method=method,
        boxes=_boxes(settings),
    )
    return replace(built, outboxes=[store], closing=[*built.closing, store.close])


def _boxes(settings: Settings | None) -> Sequence[Box]:
    try:
        return read_boxes(settings.boxes if settings else "") or STANDARD_BOXES
    except ValueError as error:
        raise ValueError(f"KIBBLE_BOXES: {error}") from error


def _method(code: str) -> Method:
    if code not in METHODS:
        raise ValueError(f"{code} is no shipping method; known are {', '.join(METHODS)}")
    return METHODS[code]


def _assemble(
    store: S,
    claims: Claims,
    world: World,
    *,
    products: Products,
    carriers: Sequence[Carrier],
    zones: ZoneMap,
    default_method: Method,
    boxes: Sequence[Box],
    rates_seconds: float = RATES_TIMEOUT_SECONDS,
) -> Built[ShippingClient, S]:
    """Build what is the same over any store."""
    clock = world.clock
    if default_method.carrier not in {one.name for one in carriers}:
        raise ValueError(
            f"KIBBLE_DEFAULT_SHIPPING: {default_method.code} goes by {default_method.carrier}, with"
            " which this shop has no account."
        )
    guarded = {
        one.name: GuardedCarrier(one, clock, world.randomness, rates_seconds=rates_seconds)
        for one in carriers
    }
    rates = RateService(guarded, zones, products, clock, default_method=default_method, boxes=boxes)
    dispatcher = Dispatcher(store, claims, guarded, clock)
    shipments = ShipmentService(
        store,
        zones,
        products,
        boxes=boxes,
        clock=clock,
        ids=world.ids,
        wake=dispatcher.worker.submit,
    )
    packing = PackingService(store, clock)
    controller = ShippingController(rates, shipments, packing, dispatcher, store)
    client = ShippingClient(rates, shipments)
    return Built(
        name=NAME,
        store=store,
        client=client,
        routes=routes(controller),
        publishes=frozenset({"shipping_events"}),
        subscriptions=subscriptions(shipments),
        tasks=[
            dispatcher.worker,
            Periodic("find due shipments", SWEEP_SECONDS, dispatcher.sweep, clock),
        ],
        offers=offers(client),
        checks=[one.check for one in carriers],
        closing=[one.close for one in carriers],
    )


def archive_embedded(data_dir: Path) -> Archive:
    """Return Shipping's state in ``data_dir``, which nobody else may have open."""
    return SqliteArchive(data_dir / f"{NAME}.db", SHAPES)


async def archive_distributed(settings: Settings, _: World) -> Archive:
    """Return Shipping's state on PostgreSQL. Raises ``Unavailable``."""
    from kibble.platform.engines.postgres import open_postgres
    from kibble.platform.engines.postgres.archive import PostgresArchive

    postgres = await open_postgres(settings, NAME, adapters.__name__)
    return PostgresArchive(NAME, postgres, SHAPES)
