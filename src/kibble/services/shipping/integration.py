"""What Shipping needs of others: the carriers, and what products weigh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kibble.contracts.product import Quote
from kibble.kernel.ids import ProductId
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.shipment import Address, Label, LabelImage, Scan, Shipment
from kibble.services.shipping.model.tariff import Rate


@dataclass(frozen=True, slots=True)
class Purchase:
    """A label, when the carrier expects to deliver, and when a first scan may come.

    Without ``next_look``, Shipping looks at its own pace. ``images`` are the parcels' labels in
    order, from carriers that send them once.
    """

    label: Label
    estimated_delivery: datetime
    next_look: datetime | None = None
    images: tuple[LabelImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Tracking:
    """A carrier's scans so far, its new estimate if it has one, and when a next scan may come."""

    scans: Sequence[Scan]
    estimated_delivery: datetime | None = None
    next_look: datetime | None = None


class Carrier(Protocol):
    """A parcel carrier. Each call raises ``Unavailable`` or ``TimedOut`` when it is away."""

    name: str

    async def rates(self, address: Address, parcels: Sequence[Parcel]) -> list[Rate]:
        """Return what each of the carrier's methods costs; nothing when it does not go there."""
        ...

    async def buy_label(self, shipment: Shipment) -> Purchase:
        """Buy the label of ``shipment``; asked again for the same id, return the same label."""
        ...

    async def void_label(self, shipment: Shipment) -> bool:
        """Make sure that no label of ``shipment`` is open; False when the parcels were picked up.

        The shipment may have no label that we know of: then one whose answer was lost is voided.
        """
        ...

    async def track(self, label: Label) -> Tracking:
        """Return every scan so far, oldest first."""
        ...

    async def print_label(self, shipment: Shipment, parcel: int) -> LabelImage:
        """Return the label of the parcel at this place, from 0, of a shipment that has a label.

        Asked for labels that were not sent with the purchase, or are not kept any more.
        """
        ...

    def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """Return the tracking numbers that a webhook of the carrier's tells of.

        Raises ``InvalidInput`` when it is not the carrier's.
        """
        ...

    async def check(self) -> None:
        """Ask the carrier whether it knows us; raises ``ValueError`` with what is wrong."""
        ...

    async def close(self) -> None:
        """End what was opened."""
        ...


class Products(Protocol):
    """Product's client, as far as Shipping needs it."""

    async def quotes(self, product_ids: Sequence[ProductId]) -> Mapping[ProductId, Quote]:
        """Return what is known of the products; those that do not exist are missing."""
        ...
