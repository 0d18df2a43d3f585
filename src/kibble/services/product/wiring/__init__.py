"""Builds Product for a profile; with its modules, the only place that names its adapters."""

from __future__ import annotations

from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.service import Built, LocalStore
from kibble.platform.tasks import Worker
from kibble.platform.web.route import Route
from kibble.services.product import adapters
from kibble.services.product.adapters.feeds.folder import FolderFeeds
from kibble.services.product.adapters.folder import FolderImageStore
from kibble.services.product.adapters.pillow import PillowPictures
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.adapters.sqlite.imports import SqliteImports
from kibble.services.product.adapters.sqlite.reviews import SqliteReviews
from kibble.services.product.cache import ProductCache
from kibble.services.product.client import ProductClient
from kibble.services.product.controller import categories, images, imports, products, reviews
from kibble.services.product.event_processor import subscriptions
from kibble.services.product.schemas.products import encode_entry, encode_page
from kibble.services.product.service.categories import CategoryService
from kibble.services.product.service.images import ImageService
from kibble.services.product.service.imports import ImportService
from kibble.services.product.service.products import ProductService
from kibble.services.product.service.reading import CatalogueReader, Encoding
from kibble.services.product.service.reviews import ReviewService
from kibble.services.product.service.standings import StandingService
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
    told = SqliteReviews(database)
    reader = CatalogueReader(catalogue, ProductCache(), Encoding(encode_page, encode_entry))
    search = build_search(catalogue, reader, clock, data_dir, inline=inline)
    catalogue.on_close(search.close)
    pictures = PillowPictures(inline=inline)
    image_service = ImageService(
        catalogue, pictures, FolderImageStore(data_dir / "images"), clock, ids
    )
    feeds = FolderFeeds(data_dir / "imports", currency, workers=0 if inline else None)
    import_service = ImportService(catalogue, SqliteImports(database), feeds, clock, ids)
    worker = Worker(
        "import feeds",
        load=import_service.unfinished,
        work=import_service.run,
        clock=clock,
        concurrency=1,
    )
    service = ProductService(catalogue, clock, ids)
    routes: list[Route] = [
        *products.routes(products.ProductController(reader, service, catalogue, currency)),
        *search.routes,
        *categories.routes(
            categories.CategoryController(CategoryService(catalogue, clock, ids), catalogue)
        ),
        *images.routes(images.ImageController(image_service, catalogue)),
        *imports.routes(imports.ImportController(import_service, worker, catalogue)),
        *reviews.routes(
            reviews.ReviewController(ReviewService(catalogue, told, clock, ids), catalogue)
        ),
    ]
    return Built(
        name=NAME,
        store=catalogue,
        client=ProductClient(catalogue, reader, search.indexer, import_service, image_service),
        routes=routes,
        publishes=frozenset({"product_events"}),
        subscriptions=subscriptions(StandingService(catalogue, told)),
        tasks=[worker, *search.tasks],
    )
