"""Builds Product for a profile; with its modules, the only place that names its adapters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.engines.sqlite.archive import SqliteArchive
from kibble.platform.engines.storing import choose_files
from kibble.platform.files import Files
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.product import adapters
from kibble.services.product.adapters.archive import SQLITE_DERIVED, SQLITE_LEFT_OUT, SQLITE_SHAPES
from kibble.services.product.adapters.feeds.folder import FolderFeeds
from kibble.services.product.adapters.feeds.stored import FOLDER, StoredFeeds
from kibble.services.product.adapters.images import StoredImages
from kibble.services.product.adapters.pictures import PillowPictures
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.adapters.sqlite.imports import SqliteImports
from kibble.services.product.adapters.sqlite.reviews import SqliteReviews
from kibble.services.product.client import ProductClient
from kibble.services.product.integration import Feeds
from kibble.services.product.wiring.assembly import Kept, assemble, new_reader
from kibble.services.product.wiring.search import build_distributed_search, build_search

NAME = "product"
FOLLOW_SECONDS = 1.0
"""How soon a process drops its copies of what another one changed."""


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    *,
    currency: str = "USD",
    files_url: str = "",
    inline: bool = False,
) -> Built[ProductClient, LocalStore]:
    """Build Product over SQLite and tantivy in ``data_dir``; ``files_url`` names a store of files.

    Without it, feeds and pictures are in folders of ``data_dir``. Raises ``ValueError`` for one
    that there is not.

    ``inline`` does in the loop what else is a thread's or a process's, for the simulator.
    """
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    catalogue = SqliteCatalogue(database, EnvelopeMaker(NAME, clock, ids))
    reader = new_reader(catalogue)
    search = build_search(catalogue, reader, clock, data_dir, inline=inline)
    catalogue.on_close(search.close)
    files, feeds = _files(files_url, data_dir, currency, workers=0 if inline else None)
    kept = Kept(
        catalogue,
        SqliteReviews(database),
        SqliteImports(database),
        feeds,
        StoredImages(files),
    )
    pictures = PillowPictures(inline=inline)
    built: Built[ProductClient, LocalStore] = assemble(
        kept, reader, search, pictures=pictures, clock=clock, ids=ids, currency=currency
    )
    return replace(built, checks=[files.check], closing=[files.close])


async def build_distributed(settings: Settings, world: World) -> Built[ProductClient, ServiceStore]:
    """Build Product over MongoDB, Elasticsearch and Redis, as one of several processes.

    Feeds and pictures are in folders of the data folder, which all processes must share, or in the
    store of files that the settings name. Raises ``ValueError`` for one that there is not.
    """
    # Only this profile installs the drivers.
    from kibble.platform.engines.mongodb import open_database
    from kibble.platform.engines.redis import RedisCache
    from kibble.services.product.adapters.mongodb.catalogue import MongoCatalogue
    from kibble.services.product.adapters.mongodb.feed import (
        ForeignChanges,
        MongoProductFeed,
    )
    from kibble.services.product.adapters.mongodb.imports import MongoImports
    from kibble.services.product.adapters.mongodb.reviews import MongoReviews
    from kibble.services.product.adapters.mongodb.scan import MongoProductScan

    clock, ids = world.clock, world.ids
    database, close = open_database(settings.mongodb_url, f"{settings.namespace}_{NAME}")
    catalogue = MongoCatalogue(database, EnvelopeMaker(NAME, clock, ids))
    await catalogue.migrate()
    redis = RedisCache(settings.redis_url, settings.namespace, clock)
    reader = new_reader(catalogue, redis)
    feed = MongoProductFeed(catalogue)
    foreign = ForeignChanges(feed, catalogue)
    await foreign.follow()  # before anything is read: what changes from now on is told
    scan = MongoProductScan(catalogue)
    search = await build_distributed_search(settings, world, feed, scan, reader, found=redis)
    files, feeds = _files(settings.files_url, settings.data_dir, settings.currency)
    kept = Kept(
        catalogue,
        MongoReviews(catalogue),
        MongoImports(catalogue),
        feeds,
        StoredImages(files),
    )
    built: Built[ProductClient, ServiceStore] = assemble(
        kept,
        reader,
        search,
        pictures=PillowPictures(),
        clock=clock,
        ids=ids,
        currency=settings.currency,
    )
    follow = Periodic("others' changes of products", FOLLOW_SECONDS, foreign.follow, clock)
    return replace(
        built,
        tasks=[*built.tasks, follow],
        outboxes=[catalogue],
        closing=[*search.closing, redis.close, close, files.close],
        checks=[files.check],
    )


def _files(
    url: str, data_dir: Path, currency: str, *, workers: int | None = None
) -> tuple[Files, Feeds]:
    """Return the store of files, and feeds: in it, or in the data folder where that is the same."""
    files = choose_files("KIBBLE_FILES_URL", url, data_dir)
    here = FolderFeeds(data_dir / FOLDER, currency, workers=workers)
    return files, StoredFeeds(files, here) if url else here


def archive_embedded(data_dir: Path) -> Archive:
    """Return Product's state in ``data_dir``, which nobody else may have open."""
    return SqliteArchive(
        data_dir / f"{NAME}.db", SQLITE_SHAPES, derived=SQLITE_DERIVED, left_out=SQLITE_LEFT_OUT
    )


async def archive_distributed(settings: Settings, world: World) -> Archive:
    """Return Product's state on MongoDB. Raises ``Unavailable``."""
    from kibble.platform.engines.mongodb import open_database
    from kibble.services.product.adapters.mongodb.archive import MongoProductArchive
    from kibble.services.product.adapters.mongodb.catalogue import MongoCatalogue

    database, close = open_database(settings.mongodb_url, f"{settings.namespace}_{NAME}")
    catalogue = MongoCatalogue(database, EnvelopeMaker(NAME, world.clock, world.ids))
    await catalogue.migrate()
    return MongoProductArchive(NAME, catalogue, world.ids, close)
