"""Buyers with money, products with stock, and the orders that they make."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from bench.kit.load import Answers
from bench.kit.shop import ADDRESS, Customer, Shop, request

PRODUCTS = 50
BUYERS = 64
UNITS = 5_000_000
LINES = 2
SEED = 7


class _Placed(msgspec.Struct):
    """What is read of an order's answer."""

    id: str


class Market:
    """A shop with plenty of stock, and its registered customers."""

    def __init__(self, shop: Shop) -> None:
        """Stock up, and open the accounts."""
        self._new_id = shop.new_id
        self._chance = random.Random(SEED)  # noqa: S311 - the same purchases in every run
        self._products = shop.products(PRODUCTS)
        for product in self._products:
            shop.stock_up(product["id"], UNITS)
        self.buyers = [shop.register(number) for number in range(BUYERS)]

    def orders(self, count: int) -> list[bytes]:
        """Return requests for ``count`` orders of two lines, each with a key of its own."""
        return [
            order_request(
                self._chance.choice(self.buyers),
                self._chance.sample(self._products, LINES),
                self._new_id(),
            )
            for _ in range(count)
        ]


def order_request(buyer: Customer, products: Sequence[dict[str, Any]], key: str) -> bytes:
    """Return the request of an order of one unit of each product."""
    items = [
        {"productId": product["id"], "quantity": 1, "price": product["price"]}
        for product in products
    ]
    total = sum((Decimal(str(product["price"])) for product in products), Decimal())
    body = {
        "userId": buyer.id,
        "items": items,
        "totalAmount": float(total),
        "shippingAddress": ADDRESS,
        "paymentMethod": "CreditCard",
        "paymentToken": "tok_ok",
    }
    return request("POST", "/api/orders", body, buyer.token, key)


def order_ids(answers: Answers) -> list[str]:
    """Return the ids of the orders that were answered 201."""
    return [
        msgspec.json.decode(body, type=_Placed).id
        for status, body in answers.bodies
        if status == 201
    ]
