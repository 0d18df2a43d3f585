"""Products that run low."""

from __future__ import annotations

from dataclasses import dataclass

from kibble.kernel.ids import ProductId


@dataclass(frozen=True, slots=True)
class Shortage:
    """A product that lies on shelves, and how few units of it are left to sell."""

    product_id: ProductId
    sku: str
    name: str
    available: int
