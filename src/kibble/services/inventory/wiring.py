"""Builds Inventory for a profile; the only module that names its adapters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.caching import NoCache
from kibble.platform.config import Settings
from kibble.platform.imports import without
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.platform.telemetry import metrics
from kibble.services.inventory import adapters
from kibble.services.inventory.adapters.archive import SHAPES
from kibble.services.inventory.cache import StockCache
from kibble.services.inventory.client import InventoryClient
from kibble.services.inventory.controller import InventoryController, routes
from kibble.services.inventory.event_processor import subscriptions
from kibble.services.inventory.repository import StockLedger
from kibble.services.inventory.service import InventoryService

NAME = "inventory"
SWEEP_SECONDS = 5.0
COUNT_SECONDS = 60.0
"""How often all stock is counted for the metrics; on Cassandra, every process counts."""


class _Ledger(StockLedger, ServiceStore, Protocol):
    """A ledger as the wiring needs it."""


L = TypeVar("L", bound=_Ledger)


def build_embedded(
    data_dir: Path, clock: Clock, ids: IdSource, hold: timedelta, *, inline: bool = False
) -> Built[InventoryClient, LocalStore]:
    """Build Inventory over SQLite in ``data_dir``; ``inline`` commits in the loop."""
    # Only this profile needs SQLite: the other's processes are 2 MB smaller without.
    from kibble.platform.engines import sqlite
    from kibble.services.inventory.adapters.sqlite import SqliteStockLedger

    database = sqlite.Database(data_dir / f"{NAME}.db", sqlite.Durability.FULL, inline=inline)
    sqlite.migrate(database, adapters.__name__)
    ledger = SqliteStockLedger(database, EnvelopeMaker(NAME, clock, ids))
    cache = StockCache(NoCache())
    built: Built[InventoryClient, LocalStore] = _assemble(ledger, cache, clock, ids, hold)
    return built


async def build_distributed(
    settings: Settings, world: World
) -> Built[InventoryClient, ServiceStore]:
    """Build Inventory over Cassandra and Redis, as one of several processes.

    Raises ``Unavailable`` when Cassandra is away.
    """
    with without("numpy"):
        from kibble.platform.engines import cassandra
    from kibble.platform.engines.redis import RedisCache
    from kibble.services.inventory.adapters.cassandra import CassandraStockLedger

    keyspace = cassandra.keyspace_of(settings.namespace, NAME)
    session = await cassandra.DriverSession.open(settings.cassandra_url, keyspace)
    await cassandra.migrate(session, world.clock, adapters.__name__, world.ids.new())
    redis = RedisCache(settings.redis_url, settings.namespace, world.clock)
    cache = StockCache(redis)
    envelopes = EnvelopeMaker(NAME, world.clock, world.ids)
    ledger = CassandraStockLedger(session, envelopes, cache.forget)
    await ledger.open()
    built: Built[InventoryClient, ServiceStore] = _assemble(
        ledger, cache, world.clock, world.ids, settings.hold
    )
    return replace(built, outboxes=[ledger.outbox], closing=[redis.close, session.close])


def _assemble(
    ledger: L, cache: StockCache, clock: Clock, ids: IdSource, hold: timedelta
) -> Built[InventoryClient, L]:
    """Build what is the same over any ledger."""
    service = InventoryService(ledger, clock, ids, cache)
    controller = InventoryController(service, ledger, clock, hold)
    return Built(
        name=NAME,
        store=ledger,
        client=InventoryClient(service),
        routes=routes(controller),
        publishes=frozenset({"inventory_events"}),
        subscriptions=subscriptions(service),
        tasks=[
            Periodic("expire holds", SWEEP_SECONDS, service.expire_holds, clock),
            Periodic("count stock", COUNT_SECONDS, lambda: _count_stock(ledger), clock),
        ],
    )


async def _count_stock(ledger: StockLedger) -> None:
    totals = await ledger.totals()
    metrics.set_stock(
        {"available": totals.products - totals.sold_out, "sold_out": totals.sold_out},
        totals.low,
        {"on_hand": totals.on_hand, "reserved": totals.reserved},
    )


def archive_embedded(data_dir: Path) -> Archive:
    """Return Inventory's state in ``data_dir``, which nobody else may have open."""
    from kibble.platform.engines.sqlite.archive import SqliteArchive

    return SqliteArchive(data_dir / f"{NAME}.db", SHAPES)


async def archive_distributed(settings: Settings, world: World) -> Archive:
    """Return Inventory's state on Cassandra. Raises ``Unavailable``."""
    from kibble.platform.engines import cassandra
    from kibble.services.inventory.adapters.cassandra import CassandraStockLedger
    from kibble.services.inventory.adapters.cassandra_archive import CassandraArchive

    keyspace = cassandra.keyspace_of(settings.namespace, NAME)
    session = await cassandra.DriverSession.open(settings.cassandra_url, keyspace)
    await cassandra.migrate(session, world.clock, adapters.__name__, world.ids.new())
    ledger = CassandraStockLedger(session, EnvelopeMaker(NAME, world.clock, world.ids))
    await ledger.open()
    return CassandraArchive(session, world.clock, ledger.read_mark, session.close)
