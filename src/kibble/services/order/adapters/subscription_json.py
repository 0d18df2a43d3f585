"""What a subscription's JSON columns hold, on either engine."""

from __future__ import annotations

import msgspec

from kibble.kernel.ids import OrderId
from kibble.services.order.model.subscription import Cycle, Item

_items = msgspec.json.Decoder(list[Item])
_cycle = msgspec.json.Decoder(Cycle)
_address = msgspec.json.Decoder(dict[str, str])
_holds = msgspec.json.Decoder(tuple[OrderId, ...])


def items_of(text: str) -> list[Item]:
    """Return the lines."""
    return _items.decode(text)


def cycle_of(text: str) -> Cycle:
    """Return how far the next order is."""
    return _cycle.decode(text)


def address_of(text: str | None) -> dict[str, str] | None:
    """Return the address, if it is not the one that Customer keeps."""
    return _address.decode(text) if text else None


def holds_of(text: str) -> tuple[OrderId, ...]:
    """Return the orders whose stock is to be given back."""
    return _holds.decode(text)
