"""Builds what is the same in every profile: the use cases, and what calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource
from kibble.platform.caching import SharedCache
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.service import Built, ServiceStore
from kibble.platform.tasks import Periodic, Worker
from kibble.platform.web.route import Route
from kibble.services.product.cache import ProductCache
from kibble.services.product.client import ProductClient
from kibble.services.product.controller import (
    categories,
    images,
    imports,
    products,
    reviews,
    sales,
    shortages,
)
from kibble.services.product.event_processor import subscriptions
from kibble.services.product.integration import Feeds, ImageStore, PictureMaker
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.repository.imports import Imports
from kibble.services.product.repository.reviews import Reviews
from kibble.services.product.schemas.products import encode_entry, encode_page
from kibble.services.product.service.categories import CategoryService
from kibble.services.product.service.images import ImageService
from kibble.services.product.service.imports import ImportService
from kibble.services.product.service.products import ProductService
from kibble.services.product.service.reading import CatalogueReader, Encoding
from kibble.services.product.service.reviews import ReviewService
from kibble.services.product.service.sales import SaleService
from kibble.services.product.service.shortages import ShortageService
from kibble.services.product.service.standings import StandingService
from kibble.services.product.service.viewing import ViewService
from kibble.services.product.wiring.search import Search

SALES_SECONDS = 1.0
"""How late a sale begins and ends at most."""

VIEWS_SECONDS = 1.0
"""How soon others hear that a customer looked at a product."""


class CatalogueStore(Catalogue, ServiceStore, Protocol):
    """A catalogue as the composition root needs it."""


S = TypeVar("S", bound=CatalogueStore)


@dataclass(frozen=True, slots=True)
class Kept(Generic[S]):
    """Where everything of Product is kept."""

    catalogue: S
    reviews: Reviews
    imports: Imports
    feeds: Feeds
    images: ImageStore


def new_reader(catalogue: Catalogue, shared: SharedCache | None = None) -> CatalogueReader:
    """Return what reads a catalogue, and keeps copies in memory and in what is ``shared``."""
    return CatalogueReader(catalogue, ProductCache(shared), Encoding(encode_page, encode_entry))


def assemble(
    kept: Kept[S],
    reader: CatalogueReader,
    search: Search,
    *,
    pictures: PictureMaker,
    clock: Clock,
    ids: IdSource,
    currency: str,
) -> Built[ProductClient, S]:
    """Build Product over what is kept where."""
    catalogue = kept.catalogue
    image_service = ImageService(catalogue, pictures, kept.images, clock, ids)
    import_service = ImportService(catalogue, kept.imports, kept.feeds, clock, ids)
    worker = Worker(
        "import feeds",
        load=import_service.unfinished,
        work=import_service.run,
        clock=clock,
        concurrency=1,
    )
    service = ProductService(catalogue, clock, ids)
    views = ViewService(clock)
    tell = Periodic(
        "tell of views", VIEWS_SECONDS, lambda: commit_outcome(catalogue, views.publish), clock
    )
    sale_service = SaleService(catalogue, clock, ids)
    on_time = Periodic(
        "begin and end sales",
        SALES_SECONDS,
        lambda: commit_outcome(catalogue, sale_service.keep_time),
        clock,
    )
    routes: list[Route] = [
        *products.routes(
            products.ProductController(reader, service, views, catalogue, currency=currency)
        ),
        *sales.routes(sales.SaleController(sale_service, catalogue, currency=currency)),
        *search.routes,
        *shortages.routes(shortages.ShortageController(ShortageService(catalogue))),
        *categories.routes(
            categories.CategoryController(CategoryService(catalogue, clock, ids), catalogue)
        ),
        *images.routes(images.ImageController(image_service, catalogue)),
        *imports.routes(imports.ImportController(import_service, worker, catalogue)),
        *reviews.routes(
            reviews.ReviewController(ReviewService(catalogue, kept.reviews, clock, ids), catalogue)
        ),
    ]
    standings = StandingService(catalogue, kept.reviews)
    return Built(
        name="product",
        store=catalogue,
        client=ProductClient(
            catalogue,
            reader,
            search.indexer,
            import_service,
            images=image_service,
            standings=standings,
        ),
        routes=routes,
        publishes=frozenset({"product_events"}),
        subscriptions=subscriptions(standings),
        tasks=[worker, tell, on_time, *search.tasks],
    )
