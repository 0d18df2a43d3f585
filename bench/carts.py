"""Add to cart, durable: a guest sets how many of a product are wanted."""

from __future__ import annotations

import random

from bench.kit.measure import Bench, Requests, Targets
from bench.kit.shop import request

CARTS = 256
PRODUCTS = 50
LINES = 3
SEED = 1


def run(bench: Bench) -> None:
    """Measure ``PUT /api/carts/{cartId}/items/{productId}``: every one changes a cart."""
    with bench.shop() as shop:
        chance = random.Random(SEED)  # noqa: S311 - the same carts in every run
        products = [product["id"] for product in shop.products(PRODUCTS)]
        carts = [shop.write("POST", "/api/carts", {})["id"] for _ in range(CARTS)]
        lines = {cart: chance.sample(products, LINES) for cart in carts}

        def puts() -> Requests:
            """Return a request for each line, so that no two of a cart are under way at once."""
            return [
                request("PUT", f"/api/carts/{cart}/items/{lines[cart][line]}", {"quantity": count})
                for count in range(1, 5)
                for line in range(LINES)
                for cart in carts
            ]

        bench.measure("add to cart, durable", shop, puts, Targets(cpu=0.4))
        bench.audit("add to cart", shop.folder)
