"""Addresses as neighbours write them, in Shipping's own words."""

from __future__ import annotations

import msgspec

from kibble.contracts import address as contract
from kibble.services.shipping.model.shipment import Address


def destination(address: contract.Address) -> Address:
    """Return where to ship."""
    return Address(**msgspec.structs.asdict(address))
