"""Builds search for a profile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.platform.caching import SharedCache
from kibble.platform.config import Settings
from kibble.platform.service import World
from kibble.platform.tasks import Periodic, Task
from kibble.platform.web.route import Route
from kibble.services.product import adapters
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.adapters.sqlite.search import SqliteProductFeed, SqliteProductScan
from kibble.services.product.controller.search import SearchController, routes
from kibble.services.product.model.query_text import Synonyms
from kibble.services.product.repository.search import (
    ProductFeed,
    ProductPages,
    ProductScan,
    SearchIndex,
)
from kibble.services.product.service.indexing import Indexer
from kibble.services.product.service.search import SearchService

INDEX_SECONDS = 1.0
SYNONYMS = "synonyms.txt"


@dataclass(frozen=True, slots=True)
class Search:
    """Search, built: its routes, its background work, what is behind them, and how to end it.

    ``close`` ends what ends at once, ``closing`` what takes a while.
    """

    routes: list[Route]
    tasks: list[Task]
    index: SearchIndex
    indexer: Indexer
    service: SearchService
    close: Callable[[], None] = lambda: None
    closing: Sequence[Callable[[], Awaitable[None]]] = ()


def build_search(
    catalogue: SqliteCatalogue,
    pages: ProductPages,
    clock: Clock,
    data_dir: Path,
    *,
    inline: bool = False,
) -> Search:
    """Build search over an index in ``data_dir``; ``inline`` commits it in the loop."""
    # Only this profile searches so: the others need not carry it.
    from kibble.services.product.adapters.tantivy import TantivySearchIndex  # noqa: PLC0415 - of the embedded profile alone

    offload = _at_once if inline else asyncio.to_thread
    index = TantivySearchIndex(data_dir / "search", _synonyms(data_dir), offload)
    feed, scan = SqliteProductFeed(catalogue), SqliteProductScan(catalogue.database)
    return _assemble(index, feed, scan, pages, clock, close=index.close)


async def build_distributed_search(
    settings: Settings,
    world: World,
    feed: ProductFeed,
    scan: ProductScan,
    pages: ProductPages,
    *,
    found: SharedCache,
) -> Search:
    """Build search over Elasticsearch, which may be away: searches then ask ``scan``."""
    # Only this profile installs the driver.
    from kibble.platform.engines.elasticsearch import Elasticsearch  # noqa: PLC0415 - a driver
    from kibble.services.product.adapters.elasticsearch import (  # noqa: PLC0415 - as above
        ElasticsearchSearchIndex,
        named_here,
    )

    engine = Elasticsearch(settings.elasticsearch_url, world.clock)
    owner = named_here(world.ids.new())
    synonyms = _synonyms(settings.data_dir)
    index = ElasticsearchSearchIndex(engine, settings.namespace, synonyms, owner, world.clock)
    with suppress(Unavailable):
        if await feed.latest() == 0:
            await index.refresh()  # a shop without products has facets all the same: none
    return _assemble(index, feed, scan, pages, world.clock, found=found, closing=[engine.close])


def _assemble(
    index: SearchIndex,
    feed: ProductFeed,
    scan: ProductScan,
    pages: ProductPages,
    clock: Clock,
    *,
    found: SharedCache | None = None,
    close: Callable[[], None] = lambda: None,
    closing: Sequence[Callable[[], Awaitable[None]]] = (),
) -> Search:
    indexer = Indexer(feed, index, clock)
    service = SearchService(index, indexer, scan, pages, found)
    return Search(
        routes=routes(SearchController(service)),
        tasks=[Periodic("search index", INDEX_SECONDS, indexer.catch_up, clock)],
        index=index,
        indexer=indexer,
        service=service,
        close=close,
        closing=closing,
    )


def _synonyms(data_dir: Path) -> Synonyms:
    """Return the merchant's own synonyms, or else those that come with the shop."""
    own = data_dir / SYNONYMS
    if own.exists():
        return Synonyms.parse(own.read_text("utf-8"))
    return Synonyms.parse(resources.files(adapters).joinpath(SYNONYMS).read_text("utf-8"))


async def _at_once(work: Callable[[], None]) -> None:
    work()
