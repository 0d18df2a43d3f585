"""Business errors of the Recommendation service."""

from __future__ import annotations

from kibble.kernel.errors import NotFound
from kibble.kernel.ids import ProductId


class ProductNotFound(NotFound):
    """There is no such product, or it is no longer sold."""

    code = "product-not-found"

    def __init__(self, product_id: ProductId) -> None:
        super().__init__("There is no such product.", details={"productId": product_id})
