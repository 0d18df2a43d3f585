"""Builds Inventory for a profile; the only module that names its adapters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Periodic
from kibble.services.inventory import adapters
from kibble.services.inventory.adapters.sqlite import SqliteStockLedger
from kibble.services.inventory.client import InventoryClient
from kibble.services.inventory.controller import InventoryController, routes
from kibble.services.inventory.event_processor import subscriptions
from kibble.services.inventory.service import InventoryService

NAME = "inventory"
SWEEP_SECONDS = 5.0


def build_embedded(
    data_dir: Path, clock: Clock, ids: IdSource, hold: timedelta, *, inline: bool = False
) -> Built[InventoryClient, LocalStore]:
    """Build Inventory over SQLite in ``data_dir``; ``inline`` commits in the loop."""
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    ledger = SqliteStockLedger(database, EnvelopeMaker(NAME, clock, ids))
    service = InventoryService(ledger, clock, ids)
    controller = InventoryController(service, ledger, clock, hold)
    return Built(
        name=NAME,
        store=ledger,
        client=InventoryClient(service),
        routes=routes(controller),
        publishes=frozenset({"inventory_events"}),
        subscriptions=subscriptions(service),
        tasks=[Periodic("expire holds", SWEEP_SECONDS, service.expire_holds, clock)],
    )
