"""Search: CPU and time of queries, facets and completions on 92,331 products, without HTTP.

::

    python -m bench.search           # two minutes; writes bench/results/search.json
    python -m bench.search --quick   # fewer queries, nothing written

The catalogue is that of ``bench/data``, put into Product's store and indexed through its feed, as
an import does. Queries are made of 2 to 4 words of a product's name and commodity, its category or
department, and a range of prices around its own; 20 hits. "fresh" is an index just built,
"fragmented" one that took 30 small changes since. CPU is the whole process's, also its threads'.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import random
import resource
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.money import Money, to_minor
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Changes
from kibble.services.product import adapters
from kibble.services.product.adapters.feeds.complete_journey import translated
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.cache import ProductCache
from kibble.services.product.model.category import Category
from kibble.services.product.model.product import CategoryRef, Product
from kibble.services.product.model.query_text import words_of
from kibble.services.product.model.search import Filters, SearchQuery, Sort
from kibble.services.product.model.standing import StandingChange, Stock
from kibble.services.product.schemas.products import encode_entry, encode_page
from kibble.services.product.service.indexing import Indexer
from kibble.services.product.service.reading import CatalogueReader, Encoding
from kibble.services.product.service.search import SearchService
from kibble.services.product.wiring.search import build_search

DATA = Path(__file__).parent / "data" / "complete-journey.csv.gz"
RESULTS = Path(__file__).parent / "results" / "search.json"
SEED = 20_260_302
BATCH = 500
QUERIES = 1_000
HOT = 200
"""Queries whose products, 20 each, fit into Product's cache; those of all do not."""
BARS = {"search": 250.0, "facets": 500.0}
"""Microseconds of CPU that the index may take, so that HTTP has room in 400 and 700."""

Figures = dict[str, float]
Row = Mapping[str, Any]


class Shop:
    """Product's store and search, without HTTP."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self.ids = Uuid7Ids(clock, system_randomness())
        self.clock = clock
        database = Database(folder / "product.db", Durability.NORMAL)
        migrate(database, adapters.__name__)
        self.catalogue = SqliteCatalogue(database, EnvelopeMaker("product", clock, self.ids))
        encoding = Encoding(encode_page, encode_entry)
        reader = CatalogueReader(self.catalogue, ProductCache(), encoding)
        self.search = build_search(self.catalogue, reader, clock, folder)
        self.products: list[Product] = []

    @property
    def service(self) -> SearchService:
        """The use cases."""
        return self.search.service

    @property
    def indexer(self) -> Indexer:
        """What keeps the index current."""
        return self.search.indexer

    async def fill(self, rows: Sequence[Row]) -> None:
        """Put products and their categories into the store."""
        categories: dict[str, Category] = {}
        for start in range(0, len(rows), BATCH):
            changes = Changes()
            for row in rows[start : start + BATCH]:
                product = self._product(row, categories, changes)
                changes.save(product)
                stock = Stock(row["stock"], 1)
                changes.save(StandingChange(product.id, stock, row["sold"]))
                self.products.append(product)
            await self.catalogue.commit(changes)

    def _product(self, row: Row, categories: dict[str, Category], changes: Changes) -> Product:
        above: CategoryId | None = None
        for name in row["category"].split(" > "):
            if name not in categories:
                categories[name] = Category(CategoryId(self.ids.new()), name, above)
                changes.save(categories[name])
            above = categories[name].id
        leaf = categories[row["category"].split(" > ")[-1]]
        made = self.clock.now() - timedelta(seconds=len(self.products))
        return Product(
            id=ProductId(self.ids.new()),
            sku=row["sku"],
            name=row["name"],
            category=CategoryRef(leaf.id, leaf.name),
            price=Money(to_minor(row["price"])),
            created_at=made,
            updated_at=made,
            attributes=row["attributes"],
        )

    def close(self) -> None:
        """Release the files."""
        self.search.close()
        self.catalogue.close()


def catalogue() -> Iterator[Row]:
    """Yield the products, 93 of 100 in stock, with sales that fall off as in a shop."""
    chance = random.Random(SEED)  # noqa: S311 - the same in every run
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sold = int(chance.paretovariate(0.8)) - 1
            stock = chance.randrange(1, 50) if chance.random() < 0.93 else 0
            yield {**translated(row), "sold": min(sold, 100_000), "stock": stock}


def queries(products: Sequence[Product], count: int) -> list[SearchQuery]:
    """Return questions whose words, category and prices a product of the catalogue has."""
    chance = random.Random(SEED)  # noqa: S311 - the same in every run
    asked: list[SearchQuery] = []
    for product in chance.sample(products, 2 * count):
        words = words_of(f"{product.name} {product.category.name}")
        if len(words) > 1 and len(asked) < count:
            some = chance.sample(words, min(chance.randint(2, 4), len(words)))
            price = product.price.minor
            filters = Filters(product.category.name, price // 2, price * 2)
            asked.append(SearchQuery(tuple(some), filters))
    return asked


async def timed(work: Callable[[Any], Awaitable[object]], questions: Sequence[Any]) -> Figures:
    """Return CPU a question, and percentiles of the time: three rounds after one to warm up."""
    for question in questions:
        await work(question)
    times: list[float] = []
    rounds: list[float] = []
    for _ in range(3):
        started = process_time()
        for question in questions:
            before = perf_counter()
            await work(question)
            times.append(perf_counter() - before)
        rounds.append((process_time() - started) / len(questions))
    times.sort()
    return {
        "cpu_us": _microseconds(min(rounds)),
        "p50_us": _microseconds(times[len(times) // 2]),
        "p99_us": _microseconds(times[len(times) * 99 // 100]),
    }


async def measure_queries(shop: Shop, asked: Sequence[SearchQuery]) -> dict[str, Figures]:
    """Return the figures of each kind of question."""
    index, search = shop.search.index, shop.service
    typing = [query.words[0][:3] for query in asked if query.words]
    typing += [f"{query.words[0]} {query.words[1][:4]}" for query in asked if query.words]
    typos = [replace(query, words=tuple(map(_typo, query.words or ()))) for query in asked]
    browsing = [replace(query, words=None) for query in asked]
    figures = {
        "search": await timed(index.find, asked),
        "facets": await timed(index.facets, asked),
        "search with products, in memory": await timed(search.search, asked[:HOT]),
        "search with products, mostly from disk": await timed(search.search, asked),
        "search, no filters": await timed(index.find, _without_filters(asked)),
        "facets, no filters": await timed(index.facets, _without_filters(asked)),
        "search with a typo in each word": await timed(index.find, typos),
        "category and price, nothing typed": await timed(index.find, browsing),
        "suggest": await timed(search.suggest, typing),
    }
    for sort in Sort:
        ordered = [replace(query, sort=sort) for query in asked]
        figures[f"search by {sort.value}"] = await timed(index.find, ordered)
    return figures


def _without_filters(asked: Sequence[SearchQuery]) -> list[SearchQuery]:
    return [replace(query, filters=Filters()) for query in asked]


def _typo(word: str) -> str:
    """Return a word of five letters or more with its third and fourth swapped."""
    return word[:2] + word[3] + word[2] + word[4:] if len(word) > 4 else word


async def measure_changes(shop: Shop) -> Figures:
    """Return what it takes until a search sees one changed product."""
    times: list[float] = []
    started = process_time()
    for product in shop.products[:: len(shop.products) // 30][:30]:
        product.name = f"{product.name} anew"
        changes = Changes()
        changes.save(product)
        await shop.catalogue.commit(changes)
        before = perf_counter()
        await shop.indexer.catch_up()
        times.append(perf_counter() - before)
    times.sort()
    return {
        "cpu_ms": round((process_time() - started) / len(times) * 1e3, 1),
        "p50_ms": round(times[len(times) // 2] * 1e3, 1),
        "max_ms": round(times[-1] * 1e3, 1),
    }


async def measure(*, quick: bool) -> dict[str, Any]:
    """Return all figures."""
    figures: dict[str, Any] = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        shop = Shop(folder)
        await shop.fill(list(catalogue()))
        memory, started, cpu = _resident(), perf_counter(), process_time()
        await shop.indexer.catch_up()
        count = len(shop.products)
        figures["building"] = {
            "products": count,
            "seconds": round(perf_counter() - started, 1),
            "cpu_us_a_product": _microseconds((process_time() - cpu) / count),
            "memory_mb": round(_resident() - memory, 1),
            "disk_mb": round(
                sum(file.stat().st_size for file in (folder / "search").iterdir()) / 1e6, 1
            ),
        }
        asked = queries(shop.products, QUERIES // 5 if quick else QUERIES)
        figures["fresh"] = await measure_queries(shop, asked)
        figures["one change"] = await measure_changes(shop)
        figures["fragmented"] = await measure_queries(shop, asked)
        shop.close()
    return figures


def _resident() -> float:
    """Return the memory that is resident now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _microseconds(seconds: float) -> float:
    return round(seconds * 1e6, 1)


def check(figures: Mapping[str, Any]) -> list[str]:
    """Return which bars are missed by an index just built."""
    return [
        f"{name} takes {figures['fresh'][name]['cpu_us']} us of CPU, above {bar}"
        for name, bar in BARS.items()
        if figures["fresh"][name]["cpu_us"] > bar
    ]


def main(arguments: Sequence[str]) -> int:
    """Measure, print and keep the figures; 1 when a bar is missed."""
    quick = "--quick" in arguments
    figures = asyncio.run(measure(quick=quick))
    text = json.dumps(figures, indent=2)
    print(text)
    if not quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text + "\n")
    for problem in check(figures):
        print(problem)
    return 1 if check(figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
