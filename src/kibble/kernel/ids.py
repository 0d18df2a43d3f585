"""Identifiers: UUIDv7 strings (RFC 9562), which sort by the time they were made."""

from __future__ import annotations

import hashlib
import re
from typing import NewType, Protocol

ProductId = NewType("ProductId", str)
CategoryId = NewType("CategoryId", str)
WarehouseId = NewType("WarehouseId", str)
CartId = NewType("CartId", str)
OrderId = NewType("OrderId", str)
PaymentId = NewType("PaymentId", str)
SavedMethodId = NewType("SavedMethodId", str)
SubscriptionId = NewType("SubscriptionId", str)
CustomerId = NewType("CustomerId", str)
ShipmentId = NewType("ShipmentId", str)
NotificationId = NewType("NotificationId", str)
WebhookId = NewType("WebhookId", str)
DeliveryId = NewType("DeliveryId", str)

BROWSER = "kibble-web"
"""The client of the sessions that a browser has with the shop's own pages."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class IdSource(Protocol):
    """Makes new identifiers."""

    def new(self) -> str:
        """Return a fresh UUIDv7; ids from one source ascend."""
        ...


class Randomness(Protocol):
    """A source of random numbers: the operating system's, or one seed's."""

    def getrandbits(self, k: int, /) -> int:
        """Return ``k`` random bits as an integer."""
        ...

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        ...


def is_id(text: str) -> bool:
    """Tell whether ``text`` is a UUID in its lower-case canonical form."""
    return _UUID.fullmatch(text) is not None


def named_uuid7(milliseconds: int, name: str) -> str:
    """Return the UUIDv7 of a time whose other bits come from a name: the same for the same both."""
    digest = hashlib.blake2b(name.encode(), digest_size=10).digest()
    return uuid7(milliseconds, int.from_bytes(digest) & ((1 << 74) - 1))


def uuid7(milliseconds: int, bits: int) -> str:
    """Return the UUIDv7 of a Unix time in milliseconds and 74 random bits (RFC 9562, 5.7)."""
    high = bits >> 62
    low = bits & ((1 << 62) - 1)
    value = (milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
