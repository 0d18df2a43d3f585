"""What a stream of clicks is told: who looks, fills a cart and orders, and nobody's name.

Of each event leave the fields that are listed here, and no others. Customers, carts and orders have
pseudonyms: an HMAC-SHA256 under a key that stays in the shop, another each month (UTC), so that
nobody is followed for longer. Who knows neither the key nor the shop's data finds nobody by them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from kibble.kernel.ids import Randomness
from kibble.platform.config import Settings
from kibble.platform.messaging.event import Envelope
from kibble.platform.messaging.outlet import Letter
from kibble.platform.messaging.outlet import letter as whole
from kibble.platform.security.sealing import (
    open_sealing_keys,
    read_sealing_keys,
    sealing_key_path,
)

TOLD: Mapping[str, tuple[str, ...]] = {
    "product.viewed": ("productId",),
    "cart.changed": ("items",),
    "order.placed": ("amountDue", "currency", "lines"),
}
"""The events of a stream of clicks, and what of their data is told."""
_HIDDEN = {"customerId": "visitor", "cartId": "cart", "orderId": "order"}
_LINE = ("productId", "quantity", "price")
"""What of an order's line is told."""
_PERIOD = len("2026-11")
_ABOUT = b"pseudonyms in a stream of clicks"


class Pseudonyms:
    """Names for who must not be named: the same within a month, by who knows the key alone."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, _ABOUT, hashlib.sha256)

    def of(self, name: str, time: str) -> str:
        """Return the pseudonym of an id at a time (RFC 3339, UTC)."""
        told = f"{time[:_PERIOD]}:{name}".encode()
        return hmac.digest(self._key, told, hashlib.sha256).hex()[:32]


def pseudonyms(settings: Settings, randomness: Randomness) -> Pseudonyms:
    """Return the shop's pseudonyms: they follow from the first of its sealing keys."""
    keys = read_sealing_keys(settings.sealing_keys) or open_sealing_keys(
        sealing_key_path(settings.data_dir), randomness
    )
    return Pseudonyms(next(iter(keys.values())))


def letter(of: Pseudonyms, envelope: Envelope) -> Letter:
    """Return an event as a stream of clicks is told of it; what is no click leaves as it is."""
    if envelope.type not in TOLD:
        return whole(envelope)
    data: dict[str, Any] = msgspec.json.decode(envelope.data)
    told: dict[str, Any] = {name: data[name] for name in TOLD[envelope.type]}
    if "lines" in told:
        told["lines"] = [{name: line[name] for name in _LINE} for line in told["lines"]]
    for name, public in _HIDDEN.items():
        if data.get(name) is not None:
            told[public] = of.of(data[name], envelope.time)
    key = of.of(envelope.partitionkey, envelope.time)
    body = {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "time": envelope.time,
        "datacontenttype": "application/json",
        "data": told,
    }
    return Letter(
        envelope.id, envelope.type, key, envelope.time, msgspec.json.encode(body).decode()
    )
