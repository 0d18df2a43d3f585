"""Reviews and purchases on MongoDB."""

from __future__ import annotations

from collections.abc import Sequence

from kibble.kernel.clock import from_text
from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.mongodb import Document, MongoStore
from kibble.services.product.adapters.mongodb.documents import PURCHASES, REVIEWS
from kibble.services.product.model.review import Purchase, Review


class MongoReviews:
    """Implements ``Reviews``."""

    def __init__(self, store: MongoStore) -> None:
        self._store = store

    async def page(self, product_id: ProductId, limit: int, cursor: str | None) -> Page[Review]:
        """See ``Reviews.page``."""
        before = decode_cursor(cursor, str)[0] if cursor else "~"
        wanted: Document = {"product_id": product_id, "_id": {"$lt": before}}
        found = await self._store.many(REVIEWS, wanted, sort=("_id", -1), limit=limit + 1)
        reviews = [_review(document) for document in found]
        return page_of(reviews, limit, lambda last: encode_cursor(last.id))

    async def by_customer(
        self, customer_id: CustomerId, product_ids: Sequence[ProductId] | None = None
    ) -> list[Review]:
        """See ``Reviews.by_customer``."""
        wanted: Document = {"customer_id": customer_id}
        if product_ids is not None:
            wanted["product_id"] = {"$in": list(product_ids)}
        return [_review(document) for document in await self._store.many(REVIEWS, wanted)]

    async def has_bought(self, customer_id: CustomerId, product_id: ProductId) -> bool:
        """See ``Reviews.has_bought``."""
        wanted: Document = {"customer_id": customer_id, "product_id": product_id}
        return await self._store.one(PURCHASES, wanted) is not None

    async def bought_by(self, customer_id: CustomerId) -> list[Purchase]:
        """See ``Reviews.bought_by``."""
        found = await self._store.many(PURCHASES, {"customer_id": customer_id})
        return [Purchase(ProductId(one["product_id"]), customer_id) for one in found]


def _review(document: Document) -> Review:
    return Review(
        id=document["_id"],
        product_id=document["product_id"],
        customer_id=document.get("customer_id"),
        rating=document["rating"],
        title=document["title"],
        text=document["text"],
        created_at=from_text(document["created_at"]),
        verified=document["verified"],
        version=document["version"],
    )
