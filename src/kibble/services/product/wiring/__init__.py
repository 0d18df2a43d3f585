"""Builds Product for a profile; with its modules, the only place that names its adapters."""

from __future__ import annotations

from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.services.product import adapters
from kibble.services.product.adapters.feeds.folder import FolderFeeds
from kibble.services.product.adapters.folder import FolderImageStore
from kibble.services.product.adapters.pillow import PillowPictures
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.adapters.sqlite.imports import SqliteImports
from kibble.services.product.adapters.sqlite.reviews import SqliteReviews
from kibble.services.product.client import ProductClient
from kibble.services.product.wiring.assembly import Kept, assemble, new_reader
from kibble.services.product.wiring.search import build_search

NAME = "product"


def build_embedded(
    data_dir: Path, clock: Clock, ids: IdSource, *, currency: str = "USD", inline: bool = False
) -> Built[ProductClient, LocalStore]:
    """Build Product over SQLite, tantivy and folders in ``data_dir``.

    ``inline`` does in the loop what else is a thread's or a process's, for the simulator.
    """
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    catalogue = SqliteCatalogue(database, EnvelopeMaker(NAME, clock, ids))
    reader = new_reader(catalogue)
    search = build_search(catalogue, reader, clock, data_dir, inline=inline)
    catalogue.on_close(search.close)
    kept = Kept(
        catalogue,
        SqliteReviews(database),
        SqliteImports(database),
        FolderFeeds(data_dir / "imports", currency, workers=0 if inline else None),
        FolderImageStore(data_dir / "images"),
    )
    pictures = PillowPictures(inline=inline)
    return assemble(
        kept, reader, search, pictures=pictures, clock=clock, ids=ids, currency=currency
    )
