"""Writing what Product keeps, inside the store's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import msgspec

from kibble.kernel.clock import to_text, to_text_or_none
from kibble.kernel.errors import StaleVersion
from kibble.platform.engines.sqlite import Table
from kibble.platform.engines.sqlite.store import Writer
from kibble.services.product.adapters.sqlite.rows import (
    CATEGORIES,
    PRODUCTS,
    STANDING,
    product_values,
    standing,
)
from kibble.services.product.model.category import Category
from kibble.services.product.model.imports import FeedStock, ImportJob
from kibble.services.product.model.product import Product
from kibble.services.product.model.review import Purchase, Review
from kibble.services.product.model.standing import StandingChange

REVIEWS = Table(
    "reviews",
    "id",
    "product_id",
    "customer_id",
    "rating",
    "title",
    "text",
    "created_at",
    "verified",
)
IMPORTS = Table(
    "imports",
    "id",
    "name",
    "size_bytes",
    "digest",
    "created_at",
    "status",
    "tally",
    "report_bytes",
    "ignored",
    "reason",
    "started_at",
    "finished_at",
    "dry_run",
)

_TELL = "INSERT OR REPLACE INTO catalogue_feed (product_id) "
_TELL_ONE = _TELL + "VALUES (?)"
_TELL_ALL = (
    _TELL + "SELECT ?1 UNION SELECT bundle_id FROM bundle_components WHERE component_id = ?1"
    " UNION SELECT parent_id FROM products WHERE id = ?1 AND parent_id IS NOT NULL"
)
_TELL_BELOW = (
    "WITH RECURSIVE below (id) AS (SELECT ?1 UNION SELECT c.id FROM categories c"
    f" JOIN below ON c.parent_id = below.id) {_TELL}"
    " SELECT p.id FROM products p JOIN below ON p.category_id = below.id"
)


def _save_product(connection: sqlite3.Connection, product: Product, expected: int) -> None:
    PRODUCTS.save(connection, product_values(product), expected)
    if expected:
        connection.execute(_TELL_ALL, (product.id,))
        return
    connection.execute(_TELL_ONE, (product.id,))
    if product.components:
        with _still_there():
            connection.executemany(
                "INSERT INTO bundle_components VALUES (?, ?, ?)",
                [(product.id, part.product_id, part.quantity) for part in product.components],
            )


def _change_standing(connection: sqlite3.Connection, change: StandingChange, _: int) -> None:
    row = connection.execute(
        f"SELECT {STANDING} FROM products p LEFT JOIN standings s ON s.product_id = p.id"
        " WHERE p.id = ?",
        (change.product_id,),
    ).fetchone()
    if row is None:
        return
    now = standing(change.product_id, row)
    if change.apply(now):
        connection.execute(
            "INSERT OR REPLACE INTO standings VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                now.product_id,
                now.available,
                now.stock_sequence,
                now.rating_total,
                now.review_count,
                now.popularity,
                now.version,
            ),
        )
        connection.execute(_TELL_ALL, (change.product_id,))


def _save_category(connection: sqlite3.Connection, category: Category, expected: int) -> None:
    CATEGORIES.save(connection, (category.id, category.name, category.parent_id), expected)
    if expected:
        connection.execute(_TELL_BELOW, (category.id,))


def _save_review(connection: sqlite3.Connection, review: Review, expected: int) -> None:
    values = (
        review.id,
        review.product_id,
        review.customer_id,
        review.rating,
        review.title,
        review.text,
        to_text(review.created_at),
        review.verified,
    )
    REVIEWS.save(connection, values, expected)


def _save_purchase(connection: sqlite3.Connection, purchase: Purchase, _: int) -> None:
    connection.execute(
        "INSERT INTO purchases VALUES (?, ?) ON CONFLICT DO NOTHING",
        (purchase.product_id, purchase.customer_id),
    )


def _save_import(connection: sqlite3.Connection, job: ImportJob, expected: int) -> None:
    values = (
        job.id,
        job.name,
        job.size_bytes,
        job.digest,
        to_text(job.created_at),
        job.status.value,
        msgspec.json.encode(job.tally).decode(),
        job.report_bytes,
        msgspec.json.encode(sorted(job.ignored)).decode(),
        job.reason,
        to_text_or_none(job.started_at),
        to_text_or_none(job.finished_at),
        job.dry_run,
    )
    IMPORTS.save(connection, values, expected)


def _save_feed_stock(connection: sqlite3.Connection, stock: FeedStock, _: int) -> None:
    connection.execute(
        "INSERT INTO feed_stock VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET on_hand = excluded.on_hand",
        (stock.product_id, stock.warehouse, stock.on_hand),
    )


def _remove_product(connection: sqlite3.Connection, product: Product, expected: int) -> None:
    connection.execute(_TELL_ALL, (product.id,))
    connection.execute("DELETE FROM purchases WHERE product_id = ?", (product.id,))
    connection.execute("DELETE FROM feed_stock WHERE product_id = ?", (product.id,))
    with _still_there():
        PRODUCTS.delete(connection, product.id, expected)


def _remove_category(connection: sqlite3.Connection, category: Category, expected: int) -> None:
    with _still_there():
        CATEGORIES.delete(connection, category.id, expected)


def _remove_purchase(connection: sqlite3.Connection, purchase: Purchase, _: int) -> None:
    connection.execute(
        "DELETE FROM purchases WHERE product_id = ? AND customer_id = ?",
        (purchase.product_id, purchase.customer_id),
    )


def _remove_feed_stock(connection: sqlite3.Connection, stock: FeedStock, _: int) -> None:
    connection.execute(
        "DELETE FROM feed_stock WHERE product_id = ? AND warehouse = ? AND on_hand = ?",
        (stock.product_id, stock.warehouse, stock.on_hand),
    )


@contextmanager
def _still_there() -> Generator[None]:
    """Have the use case run again when something was deleted, or came to need what is deleted."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise StaleVersion("What it refers to changed meanwhile.") from error


SAVERS: Mapping[type, Writer] = {
    Product: _save_product,
    StandingChange: _change_standing,
    Category: _save_category,
    Review: _save_review,
    Purchase: _save_purchase,
    ImportJob: _save_import,
    FeedStock: _save_feed_stock,
}
REMOVERS: Mapping[type, Writer] = {
    Product: _remove_product,
    Category: _remove_category,
    Purchase: _remove_purchase,
    FeedStock: _remove_feed_stock,
}
