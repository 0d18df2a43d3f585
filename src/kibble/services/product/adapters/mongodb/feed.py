"""What the search index must learn, numbered in an order that no writer can upset.

A change marks its product or category in the same write (``unfed``). One process at a time gives
the marked products, and those that show them, the next positions, and only then moves the end of
what may be read. So nothing ever appears behind a position that was read: see docs/decisions/0010.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pymongo import ReturnDocument, UpdateOne

from kibble.kernel.ids import CategoryId, ProductId
from kibble.platform.engines.mongodb import Document, translated
from kibble.services.product.adapters.entry import entry
from kibble.services.product.adapters.mongodb.catalogue import MongoCatalogue
from kibble.services.product.adapters.mongodb.documents import CATEGORIES, PRODUCTS
from kibble.services.product.model.category import CategoryTree
from kibble.services.product.repository.search import FeedBatch

LOOK_SECONDS = 0.5
"""How soon changes of other processes are looked for."""

LIFE = timedelta(seconds=3)
"""How long nobody numbers changes after the process that did was killed."""

BATCH = 500
"""How many changes are told at a time."""

_MARKED: Document = {"unfed": {"$exists": True}}


class MongoProductFeed:
    """Implements ``ProductFeed``."""

    def __init__(self, catalogue: MongoCatalogue) -> None:
        self._catalogue = catalogue
        self._clock = catalogue.clock
        self._products = catalogue.database[PRODUCTS]
        self._categories = catalogue.database[CATEGORIES]
        self._lease = catalogue.lease("feed", LIFE)
        self._leases = catalogue.database["leases"]
        self._look_at = 0.0
        self._dirty = True
        catalogue.on_change(self._note)

    def _note(self) -> None:
        self._dirty = True

    async def latest(self) -> int:
        """See ``ProductFeed.latest``."""
        now = self._clock.monotonic()
        with translated():
            if self._dirty or now >= self._look_at:
                self._dirty, self._look_at = False, now + LOOK_SECONDS
                if await self._lease.hold() is not None:
                    await self._number_all()
            place = await self._leases.find_one({"_id": self._lease.name})
        return place.get("readable", 0) if place else 0

    async def waiting(self, position: int) -> int:
        """See ``ProductFeed.waiting``."""
        new: Document = {"feed": {"$gt": position, "$lte": await self.latest()}}
        with translated():
            return await self._products.count_documents(new)

    async def changed(self, position: int, limit: int) -> tuple[int, list[ProductId]]:
        """Return the next products that changed, and the position of the last of them."""
        new: Document = {"feed": {"$gt": position, "$lte": await self.latest()}}
        with translated():
            found = self._products.find(new, {"feed": 1}).sort("feed", 1).limit(limit)
            documents = await found.to_list()
        ids = [ProductId(document["_id"]) for document in documents]
        return (documents[-1]["feed"] if documents else position), ids

    async def after(self, position: int, limit: int) -> FeedBatch:
        """See ``ProductFeed.after``."""
        last, ids = await self.changed(position, limit)
        if not ids:
            return FeedBatch(position)
        listings = await self._catalogue.listings(ids)
        tree = await self._catalogue.categories()
        shown = {id_: one for id_, one in listings.items() if one.product.parent_id is None}
        entries = [entry(one, tree) for one in shown.values()]
        return FeedBatch(last, entries, [one for one in ids if one not in shown])

    async def _number_all(self) -> None:
        """Give positions to all that is marked, and let it be read."""
        products = await self._products.find(_MARKED, {"unfed": 1, "parent_id": 1}).to_list()
        categories = await self._categories.find(_MARKED, {"unfed": 1}).to_list()
        if not (products or categories):
            return
        own = [ProductId(one["_id"]) for one in products]
        others = sorted(await self._affected(products, categories) - set(own))
        place = await self._leases.find_one_and_update(
            self._lease.mine,
            {"$inc": {"position": len(own) + len(others)}},
            return_document=ReturnDocument.AFTER,
        )
        if place is None:
            return  # another process took over; it finds the same marks
        end: int = place["position"]
        begin = end - len(own) - len(others) + 1
        numbers = {id_: begin + index for index, id_ in enumerate([*others, *own])}
        await self._write(numbers, products, others)
        if categories:
            await self._categories.bulk_write([_unmark(one) for one in categories])
        await self._leases.update_one(self._lease.mine, {"$set": {"readable": end}})

    async def _affected(
        self, products: Sequence[Document], categories: Sequence[Document]
    ) -> set[ProductId]:
        """Return what shows the products, and all that stands below the categories."""
        affected = await self._catalogue.showing([ProductId(one["_id"]) for one in products])
        affected |= {ProductId(one["parent_id"]) for one in products if "parent_id" in one}
        if categories:
            tree = await self._catalogue.categories()
            below = sorted(set(_below(tree, [CategoryId(one["_id"]) for one in categories])))
            there: Document = {"category_id": {"$in": below}}
            found = await self._catalogue.many(PRODUCTS, there, fields={"_id": 1})
            affected |= {ProductId(one["_id"]) for one in found}
        return affected

    async def _write(
        self,
        numbers: dict[ProductId, int],
        products: Sequence[Document],
        others: Sequence[ProductId],
    ) -> None:
        """Number the others first: the marks that lead to them go last, should this be cut."""
        moves = [UpdateOne({"_id": id_}, {"$max": {"feed": numbers[id_]}}) for id_ in others]
        marks = [_unmark(one, numbers[ProductId(one["_id"])]) for one in products]
        for operations in (moves, marks):
            if operations:
                await self._products.bulk_write(operations, ordered=False)


def _unmark(document: Document, number: int | None = None) -> UpdateOne:
    """Take the mark off a document that has not changed again, and number it."""
    update: Document = {"$unset": {"unfed": ""}}
    if number is not None:
        update["$max"] = {"feed": number}
    return UpdateOne({"_id": document["_id"], "unfed": document["unfed"]}, update)


def _below(tree: CategoryTree, ids: Iterable[CategoryId]) -> Iterable[CategoryId]:
    for id_ in ids:
        yield id_
        yield from _below(tree, [child.id for child in tree.children(id_)])


class ForeignChanges:
    """Tells this process's watchers what other processes changed."""

    def __init__(self, feed: MongoProductFeed, catalogue: MongoCatalogue) -> None:
        self._feed = feed
        self._catalogue = catalogue
        self._position: int | None = None

    async def follow(self) -> None:
        """Tell of all changes since the last time; of nothing at first. Raises ``Unavailable``."""
        if self._position is None:
            self._position = await self._feed.latest()
            return
        while True:
            self._position, ids = await self._feed.changed(self._position, BATCH)
            if not ids:
                return
            self._catalogue.tell(ids)
