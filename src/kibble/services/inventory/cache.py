"""Copies of stock for those who look at it; whoever reserves or changes it reads the ledger.

A copy is dropped by the process that changed the stock, and again by the one that tells of the
change. So it is old only for the moment that this takes; ``SECONDS`` if both were prevented.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kibble.kernel.ids import ProductId
from kibble.platform.caching import SharedCache
from kibble.services.inventory.model import Stock

SECONDS = 5.0
"""The most that a copy is old."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Stock).decode


class StockCache:
    """Stock by product, under ``inventory:ID``."""

    def __init__(self, shared: SharedCache) -> None:
        self._shared = shared

    async def get(self, product_ids: Sequence[ProductId]) -> dict[ProductId, Stock]:
        """Return the copies that there are."""
        names = {_name(product_id): product_id for product_id in product_ids}
        found = await self._shared.get(list(names))
        return {names[name]: _decode(copy) for name, copy in found.items()}

    def put(self, stocks: Iterable[Stock]) -> None:
        """Keep copies of what was just read."""
        for stock in stocks:
            self._shared.put(_name(stock.product_id), _encode(stock), SECONDS)

    def forget(self, product_id: ProductId) -> None:
        """Drop the copy of stock that has changed."""
        self._shared.forget([_name(product_id)])


def _name(product_id: ProductId) -> str:
    return f"inventory:{product_id}"
