"""Products that run low as the API answers them."""

from __future__ import annotations

from typing import Annotated, Self

import msgspec

from kibble.services.product.model.shortage import Shortage
from kibble.services.product.schemas.base import Answer, PageQuery


class ShortagesQuery(PageQuery, frozen=True):
    """Fewer than how many units are few."""

    below: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 10


class ShortageView(Answer, frozen=True):
    """A product, and how few units of it are left to sell."""

    product_id: str
    sku: str
    name: str
    available: int

    @classmethod
    def of(cls, shortage: Shortage) -> Self:
        """Return the view of ``shortage``."""
        return cls(
            product_id=shortage.product_id,
            sku=shortage.sku,
            name=shortage.name,
            available=shortage.available,
        )
