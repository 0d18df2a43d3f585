"""Product as its neighbours see it, in process: contract types in and out.

What follows ``reindex`` is for the command line and the demo shop, in Product's own types.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kibble.contracts.customer import counted, export_of, held_of
from kibble.contracts.product import IDS_OF, NAMES, PUT_IMAGE, QUOTES, REINDEX, Quote
from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.rpc import Offer, offer
from kibble.services.product.model.imports import FeedStock, ImportJob
from kibble.services.product.schemas.reviews import ReviewView
from kibble.services.product.service.images import ImageService
from kibble.services.product.service.imports import ImportService, Pace, Progress
from kibble.services.product.service.indexing import Indexer
from kibble.services.product.service.reading import CatalogueReader
from kibble.services.product.service.standings import StandingService


class ProductClient:
    """Calls the use cases directly."""

    name = "product"

    def __init__(
        self,
        store: Store,
        reader: CatalogueReader,
        indexer: Indexer,
        imports: ImportService,
        *,
        images: ImageService,
        standings: StandingService,
    ) -> None:
        self._store = store
        self._reader = reader
        self._indexer = indexer
        self._imports = imports
        self._images = images
        self._standings = standings

    async def quotes(
        self, product_ids: Sequence[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        """Return what an order needs to know of those of the products that can be bought.

        A configurable product cannot be bought, its variants can. ``fresh`` reads the store itself.
        """
        return await self._reader.quotes(product_ids, fresh=fresh)

    async def export(self, customer_id: CustomerId) -> dict[str, Sequence[object]]:
        """Return all that is kept about a customer, ready for JSON."""
        reviews, bought = await self._standings.of_customer(customer_id)
        return {
            "reviews": [msgspec.to_builtins(ReviewView.of(review)) for review in reviews],
            "bought": [{"productId": purchase.product_id} for purchase in bought],
        }

    async def held(self, customer_id: CustomerId) -> dict[str, int]:
        """Return how much is kept about a customer, by kind."""
        return counted(await self.export(customer_id))

    async def names(self, product_ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """Return the names of those of the products that exist."""
        return await self._reader.names(product_ids)

    async def encoded(self, product_ids: Sequence[ProductId]) -> Sequence[bytes]:
        """Return each product that exists as JSON, as lists show it, in the order asked for."""
        return await self._reader.encoded(product_ids)

    async def ids_of(self, skus: Sequence[str]) -> dict[str, ProductId]:
        """Return the products of these SKUs."""
        return await self._reader.ids_of(skus)

    async def reindex(self) -> None:
        """Build the search index anew."""
        await self._indexer.rebuild()

    async def index_now(self) -> None:
        """Bring the search index up to date, without waiting for its turn."""
        await self._indexer.catch_up()

    def keep_pace(self, pace: Pace) -> None:
        """Have imports await ``pace`` after each batch, so that they do not outrun the shop."""
        self._imports.keep_pace(pace)

    async def receive_feed(self, name: str, content: bytes | Path) -> ImportJob:
        """Keep a feed to be imported, or return the import of the same feed that is under way."""
        import_id = self._imports.new_id()
        return await commit_outcome(
            self._store, lambda: self._imports.receive(import_id, name, content)
        )

    async def run_import(self, import_id: str, progress: Progress | None = None) -> ImportJob:
        """Import a feed to its end, from where it was left; ``progress`` is told of each batch."""
        if progress is None:
            await self._imports.run(import_id)
        else:
            await self._imports.run(import_id, progress)
        return await self._imports.job(import_id)

    async def import_report(self, import_id: str) -> bytes:
        """Return what was wrong with rows: a JSON object a line."""
        return await self._imports.report(import_id)

    async def feed_stock(self, limit: int) -> list[FeedStock]:
        """Return stock that feeds told and Inventory has not taken over, at most ``limit``."""
        return await self._imports.stock(limit)

    async def settle_feed_stock(self, taken: Sequence[FeedStock]) -> None:
        """Forget stock that Inventory has taken over, unless a feed has told another since."""
        await commit_outcome(self._store, lambda: self._imports.settle_stock(taken))

    async def put_image(self, name: str, content: bytes) -> str:
        """Keep a picture of our own making as it is; return what a product shows it by.

        An upload goes through ``POST /api/products/{id}/images``, which makes it safe.
        """
        return await self._images.put(name, content)


def offers(client: ProductClient) -> list[Offer]:
    """Return what Product offers to services in other processes."""
    return [
        offer(export_of(client.name), client.export),
        offer(held_of(client.name), client.held),
        offer(QUOTES, client.quotes),
        offer(NAMES, client.names),
        offer(IDS_OF, client.ids_of),
        offer(PUT_IMAGE, client.put_image),
        offer(REINDEX, client.reindex),
    ]
