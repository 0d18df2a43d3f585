"""Writing what Product keeps: what each aggregate means for which documents.

``refs`` counts the documents that need one, which is not removed before they are. ``unfed`` names
the last change of a product or category that is not in the feed yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kibble.kernel.clock import to_text, to_text_or_none
from kibble.kernel.ids import IdSource
from kibble.platform.engines.mongodb import (
    Adjust,
    Document,
    Kind,
    Latest,
    Put,
    Remove,
    Repeat,
    Write,
)
from kibble.services.product.adapters.mongodb.documents import (
    CATEGORIES,
    FEED_STOCK,
    IMPORTS,
    PRODUCTS,
    PURCHASES,
    REVIEWS,
    product_fields,
)
from kibble.services.product.model.category import Category
from kibble.services.product.model.imports import FeedStock, ImportJob
from kibble.services.product.model.product import Product
from kibble.services.product.model.review import Purchase, Review
from kibble.services.product.model.standing import StandingChange

INDEXES: Mapping[str, tuple[str, ...]] = {
    PRODUCTS: ("parent_id", "category_id", "components", "feed", "unfed", "sale_due"),
    CATEGORIES: ("unfed",),
    REVIEWS: ("product_id", "customer_id"),
    PURCHASES: ("product_id", "customer_id"),
    IMPORTS: ("status",),
    FEED_STOCK: ("product_id",),
}
"""The fields that queries ask for."""


class Writers:
    """The writers of Product's aggregates; ``ids`` tells one change from another."""

    def __init__(self, ids: IdSource) -> None:
        self._ids = ids

    def kinds(self) -> Mapping[type[Any], Kind]:
        """Return how each type of aggregate is kept."""
        return {
            Product: Kind(PRODUCTS, _id_of, self._save_product, self._remove_product),
            StandingChange: Kind(PRODUCTS, None, self._change_standing),
            Category: Kind(CATEGORIES, _id_of, self._save_category, _remove_category),
            Review: Kind(REVIEWS, _id_of, _save_review),
            Purchase: Kind(PURCHASES, None, _save_purchase, _remove_purchase),
            ImportJob: Kind(IMPORTS, _id_of, _save_import),
            FeedStock: Kind(FEED_STOCK, None, _save_feed_stock, _remove_feed_stock),
        }

    def _save_product(self, product: Product, expected: int, old: Document) -> Iterable[Write]:
        fields = product_fields(product) | {"unfed": self._ids.new()}
        yield Put(PRODUCTS, product.id, expected, fields, (sku_key(product.sku),))
        if old.get("category_id") != product.category.id:
            yield from _leave_category(product, old)
            yield _in_category(product, product.category.id, 1, {"name": product.category.name})
        if not expected:
            yield from _need(product, 1)

    def _remove_product(self, product: Product, expected: int, old: Document) -> Iterable[Write]:
        kept = {"deleted": True, "unfed": self._ids.new(), "parent_id": product.parent_id}
        yield Remove(PRODUCTS, product.id, expected, kept)
        yield from _leave_category(product, old)
        yield from _need(product, -1)
        for collection in (PURCHASES, FEED_STOCK, REVIEWS):
            yield Repeat(collection, {"product_id": product.id})

    def _change_standing(self, change: StandingChange, _: int, __: Document) -> Iterable[Write]:
        rated = change.rating is not None
        stock = change.stock
        yield Adjust(
            PRODUCTS,
            change.product_id,
            inc={
                "popularity": change.sold,
                "rating_total": change.rating or 0,
                "review_count": int(rated),
            },
            latest=Latest("stock_sequence", stock.sequence, {"stock": stock.available})
            if stock
            else None,
            marks={"unfed": self._ids.new()},
            counter="standing_version",
        )

    def _save_category(self, category: Category, expected: int, old: Document) -> Iterable[Write]:
        fields: Document = {"name": category.name, "parent_id": category.parent_id}
        if expected:
            fields["unfed"] = self._ids.new()
        yield Put(CATEGORIES, category.id, expected, fields, (category.name,))
        before = old.get("parent_id")
        if before != category.parent_id:
            if before is not None:
                yield Adjust(CATEGORIES, before, inc={"refs": -1})
            if category.parent_id is not None:
                yield Adjust(CATEGORIES, category.parent_id, inc={"refs": 1}, required=True)


def sku_key(sku: str) -> str:
    """Return the key that no two products share."""
    return f"sku:{sku}"


def _id_of(aggregate: Product | Category | Review | ImportJob) -> str:
    return aggregate.id


def _in_category(
    product: Product, category_id: str, count: int, where: Mapping[str, object]
) -> Adjust:
    inc = {"refs": count, "products": 0 if product.parent_id else count}
    return Adjust(CATEGORIES, category_id, inc=inc, where=where, required=True)


def _leave_category(product: Product, old: Document) -> Iterable[Write]:
    if before := old.get("category_id"):
        yield _in_category(product, before, -1, {})


def _need(product: Product, count: int) -> Iterable[Write]:
    """Count a product in or out with what it cannot do without."""
    needed: list[str] = [part.product_id for part in product.components]
    if product.parent_id is not None:
        needed.append(product.parent_id)
    for product_id in needed:
        yield Adjust(PRODUCTS, product_id, inc={"refs": count}, required=True)


def _remove_category(category: Category, expected: int, old: Document) -> Iterable[Write]:
    yield Remove(CATEGORIES, category.id, expected)
    if (parent_id := old.get("parent_id")) is not None:
        yield Adjust(CATEGORIES, parent_id, inc={"refs": -1})


def review_keys(product_id: str, customer_id: str | None) -> tuple[str, ...]:
    """Return what no two reviews share: a product and who reviewed it, unless that is erased."""
    return (f"{product_id}/{customer_id}",) if customer_id else ()


def _save_review(review: Review, expected: int, _: Document) -> Iterable[Write]:
    fields = {
        "product_id": review.product_id,
        "customer_id": review.customer_id,
        "rating": review.rating,
        "title": review.title,
        "text": review.text,
        "created_at": to_text(review.created_at),
        "verified": review.verified,
    }
    keys = review_keys(review.product_id, review.customer_id)
    yield Put(REVIEWS, review.id, expected, fields, keys)
    if not expected:
        yield Adjust(PRODUCTS, review.product_id, required=True)


def _save_purchase(purchase: Purchase, _: int, __: Document) -> Iterable[Write]:
    fields = {"product_id": purchase.product_id, "customer_id": purchase.customer_id, "version": 1}
    yield Repeat(PURCHASES, {"_id": _purchase_id(purchase)}, {"$set": fields})


def _remove_purchase(purchase: Purchase, _: int, __: Document) -> Iterable[Write]:
    yield Repeat(PURCHASES, {"_id": _purchase_id(purchase)})


def _purchase_id(purchase: Purchase) -> str:
    return f"{purchase.product_id}/{purchase.customer_id}"


def _save_import(job: ImportJob, expected: int, _: Document) -> Iterable[Write]:
    fields = {
        "name": job.name,
        "size_bytes": job.size_bytes,
        "digest": job.digest,
        "created_at": to_text(job.created_at),
        "status": job.status.value,
        "tally": msgspec.to_builtins(job.tally),
        "report_bytes": job.report_bytes,
        "ignored": sorted(job.ignored),
        "reason": job.reason,
        "started_at": to_text_or_none(job.started_at),
        "finished_at": to_text_or_none(job.finished_at),
        "dry_run": job.dry_run,
    }
    yield Put(IMPORTS, job.id, expected, fields)


def _save_feed_stock(stock: FeedStock, _: int, __: Document) -> Iterable[Write]:
    fields = {
        "product_id": stock.product_id,
        "warehouse": stock.warehouse,
        "on_hand": stock.on_hand,
        "version": 1,
    }
    yield Repeat(FEED_STOCK, {"_id": _stock_id(stock)}, {"$set": fields})


def _remove_feed_stock(stock: FeedStock, _: int, __: Document) -> Iterable[Write]:
    yield Repeat(FEED_STOCK, {"_id": _stock_id(stock), "on_hand": stock.on_hand})


def _stock_id(stock: FeedStock) -> str:
    return f"{stock.product_id}/{stock.warehouse}"
