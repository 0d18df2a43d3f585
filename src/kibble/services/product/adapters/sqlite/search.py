"""What search needs of the catalogue on SQLite: the feed of changes, and a plain search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database
from kibble.services.product.adapters.entry import entry
from kibble.services.product.adapters.sqlite.catalogue import SqliteCatalogue
from kibble.services.product.model.search import Filters, SearchQuery, Sort
from kibble.services.product.repository.search import FeedBatch


class SqliteProductFeed:
    """Implements ``ProductFeed`` over the table that the catalogue writes with each change."""

    def __init__(self, catalogue: SqliteCatalogue) -> None:
        self._catalogue = catalogue
        self._database = catalogue.database
        self._latest = 0
        self._read_at = -1

    async def latest(self) -> int:
        """See ``ProductFeed.latest``."""
        if self._read_at != (commits := self._catalogue.commits):
            row = self._database.read_one("SELECT max(position) FROM catalogue_feed")
            self._latest, self._read_at = row[0] or 0 if row else 0, commits
        return self._latest

    async def waiting(self, position: int) -> int:
        """See ``ProductFeed.waiting``."""
        row = self._database.read_one(
            "SELECT count(*) FROM catalogue_feed WHERE position > ?", (position,)
        )
        return row[0] if row else 0

    async def after(self, position: int, limit: int) -> FeedBatch:
        """See ``ProductFeed.after``."""
        rows = self._database.read(
            "SELECT position, product_id FROM catalogue_feed"
            " WHERE position > ? ORDER BY position LIMIT ?",
            (position, limit),
        )
        if not rows:
            return FeedBatch(position)
        ids = [ProductId(row[1]) for row in rows]
        found = await self._catalogue.listings(ids)
        tree = await self._catalogue.categories()
        shown = {id_: one for id_, one in found.items() if one.product.parent_id is None}
        entries = [entry(one, tree) for one in shown.values()]
        return FeedBatch(rows[-1][0], entries, [one for one in ids if one not in shown])


MAX_INTEGER = (1 << 63) - 1
"""The largest number that SQLite takes."""


@dataclass(frozen=True, slots=True)
class _Order:
    """A column to sort by, whether from its highest value down, and what kind of value it has."""

    column: str
    falling: bool
    kind: type[int] | type[str] = int


_ORDERS = {
    Sort.RELEVANCE: _Order("hits", falling=True),
    Sort.PRICE: _Order("price", falling=False),
    Sort.PRICE_DOWN: _Order("price", falling=True),
    Sort.NAME: _Order("lower(name)", falling=False, kind=str),
    Sort.NEWEST: _Order("created_at", falling=True, kind=str),
    Sort.POPULARITY: _Order("popularity", falling=True),
    Sort.RATING: _Order("rating", falling=True),
}

_AVAILABLE = """CASE p.kind
    WHEN 'bundle' THEN (
        SELECT min(coalesce(o.available, 0) / b.quantity)
        FROM bundle_components b LEFT JOIN standings o ON o.product_id = b.component_id
        WHERE b.bundle_id = p.id)
    WHEN 'configurable' THEN (
        SELECT sum(o.available)
        FROM products v JOIN standings o ON o.product_id = v.id WHERE v.parent_id = p.id)
    ELSE s.available END"""

_PRICE = """coalesce(
    (SELECT min(v.price) FROM products v WHERE v.parent_id = p.id), p.price)"""

_ON_SALE = """EXISTS (
    SELECT 1 FROM products r
    WHERE (r.id = p.id OR r.parent_id = p.id) AND json_extract(r.sale, '$.regular') IS NOT NULL)"""

_BELOW = """WITH RECURSIVE below(id) AS (
    SELECT id FROM categories WHERE lower(name) = lower(?)
    UNION SELECT c.id FROM categories c JOIN below ON c.parent_id = below.id)
    SELECT id FROM below"""

_TEXT = "(p.name || ' ' || p.description || ' ' || p.tags || ' ' || p.attributes || ' ' || c.name)"
_VALUE = "CASE a.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE lower(a.value) END"
_ONE_OF = "IN (SELECT lower(value) FROM json_each(?))"


@dataclass(slots=True)
class _Statement:
    """Conditions of a query and their parameters, in order."""

    conditions: list[str] = field(default_factory=list[str])
    parameters: list[object] = field(default_factory=list[object])

    def require(self, condition: str, *parameters: object) -> None:
        self.conditions.append(condition)
        self.parameters += parameters


class SqliteProductScan:
    """Implements ``ProductScan``: reads every product there is, and needs no index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, query: SearchQuery) -> Page[ProductId]:
        """See ``ProductScan.find``."""
        if query.words == ():
            return Page(())
        words = [f"%{word}%" for word in query.words or ()]
        hits = " + ".join(f"({_TEXT} LIKE ?)" for _ in words) or "1"
        statement = _Statement(["p.parent_id IS NULL"], [*words])
        _filter(statement, query.filters)
        order = _ORDERS[query.sort]
        outer = _Statement(["hits > 0"])
        if query.cursor is not None:
            outer.require(_after(order), *_place(query, order))
        direction = "DESC" if order.falling else "ASC"
        rows = self._database.read(
            f"SELECT id, {order.column} FROM ("  # allow(query): one of _ORDERS
            f"SELECT p.id, p.name, {_PRICE} AS price, p.created_at,"
            f" {hits} AS hits, coalesce(s.popularity, 0) AS popularity,"
            " coalesce(s.rating_total * 100 / s.review_count, 0) AS rating"
            " FROM products p JOIN categories c ON c.id = p.category_id"
            " LEFT JOIN standings s ON s.product_id = p.id"
            f" WHERE {' AND '.join(statement.conditions)})"
            f" WHERE {' AND '.join(outer.conditions)}"
            f" ORDER BY {order.column} {direction}, id LIMIT ?",
            (*statement.parameters, *outer.parameters, query.limit + 1),
        )
        page = page_of(rows, query.limit, lambda last: encode_cursor(query.sort, last[1], last[0]))
        return Page([ProductId(row[0]) for row in page.items], page.cursor)


def _after(order: _Order) -> str:
    sign = "<" if order.falling else ">"
    return f"({order.column} {sign} ? OR ({order.column} = ? AND id > ?))"


def _place(query: SearchQuery, order: _Order) -> tuple[object, object, object]:
    _, value, product_id = decode_cursor(query.cursor or "", str, order.kind, str)
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise InvalidInput.at("/cursor", "is not a cursor of this list")
    return value, value, product_id


def _filter(statement: _Statement, filters: Filters) -> None:
    if filters.category is not None:
        statement.require(f"p.category_id IN ({_BELOW})", filters.category)
    if filters.price_min is not None:
        statement.require(f"{_PRICE} >= ?", filters.price_min)
    if filters.price_max is not None:
        statement.require(f"{_PRICE} <= ?", filters.price_max)
    if filters.in_stock is not None:
        statement.require(f"(coalesce({_AVAILABLE}, 0) > 0) = ?", filters.in_stock)
    if filters.on_sale is not None:
        statement.require(f"{_ON_SALE} = ?", filters.on_sale)
    if filters.tags:
        statement.require(
            f"EXISTS (SELECT 1 FROM json_each(p.tags) WHERE lower(value) {_ONE_OF})",
            _json(filters.tags),
        )
    brand = [("brand", filters.brands)] if filters.brands else []
    for name, values in (*brand, *filters.attributes):
        statement.require(
            "EXISTS (SELECT 1 FROM json_each(p.attributes) a"
            f" WHERE lower(a.key) = lower(?) AND {_VALUE} {_ONE_OF})",
            name,
            _json(values),
        )


def _json(values: Sequence[str]) -> str:
    return msgspec.json.encode(values).decode()
