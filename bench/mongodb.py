"""MongoDB: events relayed a second from inside documents, and what they cost this process.

::

    make engines ARGS=mongodb && .venv/bin/python -m bench.mongodb [EVENTS]

So many views of products are committed, an event a document, by 32 at once; then a relay brings all
of them to a publisher that only counts. Beside it stands the least that any relay has to ask of the
server: the same documents, found and deleted in batches of the same size, in a collection with the
same indexes, and in one with none. The database is dropped.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence

from pymongo import DeleteOne

from kibble.contracts.product import ProductViewed
from kibble.kernel.ids import CustomerId, ProductId
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import read_settings
from kibble.platform.engines.mongodb import Collection, Database, Document, open_database
from kibble.platform.engines.mongodb.commit import COMMITS
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.messaging.log import OutboxEvent
from kibble.platform.messaging.relay import BATCH, Relay
from kibble.platform.persistence.changes import Changes
from kibble.services.product.adapters.mongodb.catalogue import MongoCatalogue

AT_ONCE = 32


class Counter:
    """A broker that takes everything at once."""

    def __init__(self) -> None:
        self.events = 0

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        """Count."""
        self.events += len(events)


async def fill(catalogue: MongoCatalogue, ids: Uuid7Ids, events: int) -> None:
    """Commit views, an event each."""
    numbers = iter(range(events))

    async def view() -> None:
        for _ in numbers:
            changes = Changes()
            customer, product = CustomerId(ids.new()), ProductId(ids.new())
            changes.publish(ProductViewed(product_id=product, customer_id=customer), 1)
            await catalogue.commit(changes)

    await asyncio.gather(*(view() for _ in range(AT_ONCE)))


async def bare(database: Database, name: str, like: Collection, documents: list[Document]) -> None:
    """Find and delete documents, batch by batch, in a collection with the indexes of ``like``."""
    collection = database[name]
    for index in await (await like.list_indexes()).to_list():
        options = {key: index[key] for key in ("unique", "sparse") if key in index}
        await collection.create_index(list(index["key"].items()), **options)
    for start in range(0, len(documents), BATCH):
        await collection.insert_many(documents[start : start + BATCH])
    began, cpu = time.perf_counter(), time.process_time()
    while found := await collection.find().limit(BATCH).to_list():
        await collection.bulk_write([DeleteOne({"_id": one["_id"]}) for one in found])
    _say(f"found and deleted {name}", len(documents), began, cpu)


async def main(events: int) -> None:
    """Measure and print."""
    clock = SystemClock()
    ids = Uuid7Ids(clock, system_randomness())
    settings = read_settings(os.environ)
    database, close = open_database(settings.mongodb_url, f"bench_{os.getpid()}")
    catalogue = MongoCatalogue(database, EnvelopeMaker("product", clock, ids))
    try:
        await catalogue.migrate()
        began, cpu = time.perf_counter(), time.process_time()
        await fill(catalogue, ids, events)
        _say("commits", events, began, cpu)
        documents = await database[COMMITS].find().to_list()
        counter = Counter()
        relay = Relay(catalogue, counter, clock)
        began, cpu = time.perf_counter(), time.process_time()
        while counter.events < events:
            await relay.step()
        _say("relay", counter.events, began, cpu)
        await bare(database, "with the same indexes", database[COMMITS], documents)
        await bare(database, "without indexes", database["nothing"], documents)
    finally:
        await database.client.drop_database(database)
        await close()


def _say(what: str, count: int, began: float, cpu: float) -> None:
    took, used = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"{what}, {count} events: {count / took:,.0f}/s, {used / count * 1e6:,.0f} us CPU of Python"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
