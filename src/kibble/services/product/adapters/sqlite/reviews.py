"""Reviews and purchases on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kibble.kernel.clock import from_text
from kibble.kernel.ids import CustomerId, ProductId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.sqlite import Database
from kibble.services.product.adapters.sqlite.rows import Row
from kibble.services.product.adapters.sqlite.writers import REVIEWS
from kibble.services.product.model.review import Purchase, Review

_SELECT = f"SELECT {REVIEWS.columns} FROM reviews"


class SqliteReviews:
    """Implements ``Reviews``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, product_id: ProductId, limit: int, cursor: str | None) -> Page[Review]:
        """See ``Reviews.page``."""
        before = decode_cursor(cursor, str)[0] if cursor else "~"
        rows = self._database.read(
            f"{_SELECT} WHERE product_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (product_id, before, limit + 1),
        )
        return page_of([_review(row) for row in rows], limit, lambda last: encode_cursor(last.id))

    async def by_customer(
        self, customer_id: CustomerId, product_ids: Sequence[ProductId] | None = None
    ) -> list[Review]:
        """See ``Reviews.by_customer``."""
        if product_ids is None:
            rows = self._database.read(f"{_SELECT} WHERE customer_id = ?", (customer_id,))
        else:
            rows = self._database.read(
                f"{_SELECT} WHERE customer_id = ?"
                " AND product_id IN (SELECT value FROM json_each(?))",
                (customer_id, msgspec.json.encode(product_ids).decode()),
            )
        return [_review(row) for row in rows]

    async def has_bought(self, customer_id: CustomerId, product_id: ProductId) -> bool:
        """See ``Reviews.has_bought``."""
        row = self._database.read_one(
            "SELECT 1 FROM purchases WHERE product_id = ? AND customer_id = ?",
            (product_id, customer_id),
        )
        return row is not None

    async def bought_by(self, customer_id: CustomerId) -> list[Purchase]:
        """See ``Reviews.bought_by``."""
        rows = self._database.read(
            "SELECT product_id FROM purchases WHERE customer_id = ?", (customer_id,)
        )
        return [Purchase(ProductId(product_id), customer_id) for (product_id,) in rows]


def _review(row: Row) -> Review:
    return Review(
        id=row[0],
        product_id=row[1],
        customer_id=row[2],
        rating=row[3],
        title=row[4],
        text=row[5],
        created_at=from_text(row[6]),
        verified=bool(row[7]),
        version=row[8],
    )
