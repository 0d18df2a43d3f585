"""A plain search on MongoDB, which needs no index: slow, and there when the engine is away.

MongoDB finds what holds a word and stands where it may; what is left is sifted and sorted here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from kibble.kernel.ids import CategoryId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.mongodb import Document
from kibble.services.product.adapters.mongodb.catalogue import MongoCatalogue
from kibble.services.product.adapters.mongodb.documents import (
    PRODUCTS,
    minor_of,
    named,
    unescaped,
)
from kibble.services.product.model.category import CategoryTree
from kibble.services.product.model.search import Filters, SearchQuery, Sort
from kibble.services.product.repository.search import ProductScan

_FIELDS: Mapping[str, int] = dict.fromkeys(
    (
        "name",
        "price",
        "created_at",
        "popularity",
        "rating_total",
        "review_count",
        "tags",
        "attributes",
        "text",
    ),
    1,
)
"""What sifting and sorting look at."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What to sort by, whether from its highest value down, and what kind of value it has."""

    value: Callable[[Document], int | str]
    falling: bool
    kind: type[int] | type[str] = int


def _rating(document: Document) -> int:
    reviews = document.get("review_count", 0)
    return document["rating_total"] * 100 // reviews if reviews else 0


_ORDERS = {
    Sort.RELEVANCE: _Order(lambda one: one["hits"], falling=True),
    Sort.PRICE: _Order(lambda one: one["least"], falling=False),
    Sort.PRICE_DOWN: _Order(lambda one: one["least"], falling=True),
    Sort.NAME: _Order(lambda one: one["name"].lower(), falling=False, kind=str),
    Sort.NEWEST: _Order(lambda one: one["created_at"], falling=True, kind=str),
    Sort.POPULARITY: _Order(lambda one: one.get("popularity", 0), falling=True),
    Sort.RATING: _Order(_rating, falling=True),
}


class MongoProductScan(ProductScan):
    """Implements ``ProductScan``."""

    def __init__(self, catalogue: MongoCatalogue) -> None:
        self._catalogue = catalogue

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        """See ``ProductScan.find``."""
        order = _ORDERS[query.sort]
        place = _place(query, order)
        if query.words == ():
            return Page(())
        wanted = await self._wanted(query)
        found = await self._catalogue.many(PRODUCTS, wanted, fields=_FIELDS)
        words = [word.lower() for word in query.words or ()]
        for one in found:
            one["hits"] = sum(word in one["text"] for word in words) if words else 1
        await self._note_least_prices(found)
        sifted = [one for one in found if _fits(one, query.filters)]
        if query.filters.in_stock is not None:
            sifted = await self._stocked(sifted, in_stock=query.filters.in_stock)
        rows = [(order.value(one), one["_id"]) for one in sifted]
        rows.sort(key=lambda row: row[0], reverse=order.falling)  # stable: they came by id
        if place is not None:
            rows = [row for row in rows if _follows(row, place, falling=order.falling)]
        page = page_of(
            rows[: query.limit + 1],
            query.limit,
            lambda last: encode_cursor(query.sort, last[0], last[1]),
        )
        return Page([ProductId(row[1]) for row in page.items], page.cursor)

    async def _wanted(self, query: SearchQuery) -> Document:
        """Return what MongoDB can tell of a product that answers ``query``."""
        filters = query.filters
        wanted: Document = {"parent_id": {"$exists": False}}
        if query.words:
            wanted["$or"] = [{"text": {"$regex": re.escape(word.lower())}} for word in query.words]
        if filters.category is not None:
            tree = await self._catalogue.categories()
            wanted["category_id"] = {"$in": list(_standing_in(tree, filters.category))}
        if filters.on_sale is not None:
            wanted["_id"] = {"$in" if filters.on_sale else "$nin": await self._reduced()}
        return wanted

    async def _note_least_prices(self, found: list[Document]) -> None:
        """Note what each product costs at least: the cheapest of its variants, where it has any."""
        variants = await self._catalogue.many(
            PRODUCTS,
            {"parent_id": {"$in": [one["_id"] for one in found]}},
            fields={"parent_id": 1, "price": 1},
        )
        prices: dict[str, list[int]] = {}
        for one in variants:
            prices.setdefault(one["parent_id"], []).append(minor_of(one["price"]))
        for one in found:
            one["least"] = min(prices.get(one["_id"], [minor_of(one["price"])]))

    async def _reduced(self) -> list[str]:
        """Return what is on sale, a variant as the product that it is of."""
        found = await self._catalogue.many(
            PRODUCTS, {"sale.regular": {"$ne": None}}, fields={"parent_id": 1}
        )
        return [one.get("parent_id") or one["_id"] for one in found]

    async def _stocked(self, found: list[Document], *, in_stock: bool) -> list[Document]:
        listings = await self._catalogue.listings([ProductId(one["_id"]) for one in found])
        available = {id_: shown.available > 0 for id_, shown in listings.items()}
        return [one for one in found if available.get(ProductId(one["_id"])) is in_stock]


def _standing_in(tree: CategoryTree, name: str) -> Iterable[str]:
    """Yield the ids of the categories of a name in any case, and of all below them."""
    wanted = name.lower()

    def walk(parent_id: CategoryId | None, *, inside: bool) -> Iterable[str]:
        for child in tree.children(parent_id):
            here = inside or child.name.lower() == wanted
            if here:
                yield child.id
            yield from walk(child.id, inside=here)

    return walk(None, inside=False)


def _fits(document: Document, filters: Filters) -> bool:
    """Tell whether price, tags, brand and attributes are what the filters ask for."""
    if filters.price_min is not None and document["least"] < filters.price_min:
        return False
    if filters.price_max is not None and document["least"] > filters.price_max:
        return False
    if filters.tags and not _any_of(document["tags"], filters.tags):
        return False
    attributes = {
        name.lower(): _as_text(value)
        for name, value in named(document["attributes"], unescaped).items()
    }
    brand = [("brand", filters.brands)] if filters.brands else []
    return all(_holds(attributes, name, values) for name, values in (*brand, *filters.attributes))


def _holds(attributes: Mapping[str, str], name: str, values: Collection[str]) -> bool:
    value = attributes.get(name.lower())
    return value is not None and _any_of([value], values)


def _any_of(have: Iterable[str], wanted: Iterable[str]) -> bool:
    return not {one.lower() for one in have}.isdisjoint(one.lower() for one in wanted)


def _as_text(value: object) -> str:
    return str(value).lower()


Row = tuple[int | str, str]


def _place(query: SearchQuery, order: _Order) -> Row | None:
    """Return the row that a page begins after; raises ``InvalidInput`` for a cursor of another."""
    if query.cursor is None:
        return None
    _, value, product_id = decode_cursor(query.cursor, str, order.kind, str)
    return value, str(product_id)


def _follows(row: Row, place: Row, *, falling: bool) -> bool:
    if row[0] == place[0]:
        return row[1] > place[1]
    return (row[0] < place[0]) if falling else (row[0] > place[0])  # type: ignore[operator]  # of one kind
