"""Product reads: 50 products that everybody looks at."""

from __future__ import annotations

from bench.kit.measure import Bench, Targets
from bench.kit.shop import request

PRODUCTS = 50


def run(bench: Bench) -> None:
    """Measure ``GET /api/products/{productId}``."""
    with bench.shop() as shop:
        reads = [
            request("GET", f"/api/products/{product['id']}") for product in shop.products(PRODUCTS)
        ]
        bench.measure("product read, hot", shop, lambda: reads, Targets(cpu=0.1, ratio=0.6))
