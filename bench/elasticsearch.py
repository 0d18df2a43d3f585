"""Search in Elasticsearch: building an index of 92,331 products, queries, and a changed product.

::

    KIBBLE_ELASTICSEARCH_URL=http://127.0.0.1:29200 python -m bench.elasticsearch

The same catalogue and questions as ``bench.search``; one question at a time. Times are those of the
whole way to the server and back; CPU is this process's. Writes bench/results/elasticsearch.json.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from bench.search import Shop, catalogue, queries, timed
from kibble.platform.config import read_settings
from kibble.platform.engines.elasticsearch import Elasticsearch
from kibble.platform.persistence.changes import Changes
from kibble.services.product.adapters.elasticsearch import ElasticsearchSearchIndex
from kibble.services.product.adapters.sqlite.search import SqliteProductFeed
from kibble.services.product.model.query_text import Synonyms
from kibble.services.product.service.indexing import Indexer

RESULTS = Path(__file__).parent / "results" / "elasticsearch.json"
NAMESPACE = "bench"
QUESTIONS = 200
CHANGES = 20


async def measure(shop: Shop, engine: Elasticsearch) -> dict[str, Any]:
    """Return all figures."""
    index = ElasticsearchSearchIndex(engine, NAMESPACE, Synonyms({}), "bench", shop.clock)
    indexer = Indexer(SqliteProductFeed(shop.catalogue), index, shop.clock)
    started, cpu = perf_counter(), process_time()
    await indexer.rebuild()
    seconds = perf_counter() - started
    asked = queries(shop.products, QUESTIONS)
    typing = [query.words[0][:4] for query in asked if query.words]
    return {
        "building": {
            "products": len(shop.products),
            "seconds": round(seconds, 1),
            "products_a_second": round(len(shop.products) / seconds),
            "cpu_us_a_product": round((process_time() - cpu) / len(shop.products) * 1e6, 1),
        },
        "search": await timed(index.find, asked),
        "facets": await timed(index.facets, asked),
        "suggest": await timed(lambda text: index.suggest((text,), 10), typing),
        "one change": await _changes(shop, indexer),
    }


async def _changes(shop: Shop, indexer: Indexer) -> dict[str, float]:
    """Return what it takes until a search sees one changed product, with a turn of its own."""
    times: list[float] = []
    for product in shop.products[:CHANGES]:
        product.name = f"{product.name} anew"
        changes = Changes()
        changes.save(product)
        await shop.catalogue.commit(changes)
        before = perf_counter()
        await indexer.catch_up()
        times.append(perf_counter() - before)
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2] * 1e3, 1),
        "max_ms": round(times[-1] * 1e3, 1),
    }


async def main() -> None:
    """Measure, print and keep the figures; the indices are dropped at the end."""
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        await shop.fill(list(catalogue()))
        url = read_settings(os.environ).elasticsearch_url
        engine = Elasticsearch(url, shop.clock, read_seconds=30, write_seconds=120)
        try:
            text = json.dumps(await measure(shop, engine), indent=2)
        finally:
            for name in (await engine.call("GET", f"/{NAMESPACE}-*/_alias")).body:
                await engine.call("DELETE", f"/{name}", writes=True)
            await engine.close()
            shop.close()
    print(text)
    RESULTS.write_text(text + "\n")


if __name__ == "__main__":
    asyncio.run(main())
