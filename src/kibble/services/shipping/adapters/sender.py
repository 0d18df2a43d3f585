"""Who sends the shop's parcels: what carriers print as the sender."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Final

from kibble.services.shipping.model.cartons import Size
from kibble.services.shipping.model.shipment import Address

GRAMS_PER_POUND: Final = Decimal("453.59237")
TENTH: Final = Decimal("0.1")
PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class Sender:
    """A name, a phone number and the address that parcels leave from."""

    name: str
    phone: str
    address: Address


def read_sender(text: str) -> Sender:
    """Return the sender of ``Name; street; city; state; ZIP; phone``. Raises ``ValueError``."""
    parts = [part.strip() for part in text.split(";")]
    if len(parts) != PARTS or not all(parts):
        raise ValueError("KIBBLE_SENDER must be: name; street; city; state; ZIP code; phone")
    name, street, city, state, zip_code, phone = parts
    return Sender(name, phone, Address(street, city, state, zip_code, name))


def inches(size_mm: Size) -> list[int]:
    """Return sides in inches as carriers measure them: each rounded up, the longest first."""
    return sorted((-(-side * 10 // 254) for side in size_mm), reverse=True)


def pounds(grams: int) -> str:
    """Return a weight in pounds as carriers bill it: the started tenth counts, 0.1 at least."""
    exact = Decimal(max(1, grams)) / GRAMS_PER_POUND
    return str(exact.quantize(TENTH, ROUND_UP))
