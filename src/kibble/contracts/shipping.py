"""Shipping: what it publishes, and what its client answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from kibble.contracts.address import Address
from kibble.kernel.ids import OrderId, ProductId, ShipmentId
from kibble.platform.messaging.event import Event
from kibble.platform.rpc import Ask, Neighbour, Procedure, Reach


class ShipmentEvent(Event, frozen=True, kw_only=True):
    """An event about one shipment, kept in order with its order's others.

    ``shipments_total`` counts the order's shipments that were not voided, ``shipments_delivered``
    those that arrived: the order is delivered when both are the same.
    """

    topic: ClassVar[str] = "shipping_events"
    subject_field: ClassVar[str] = "shipment_id"
    key_field: ClassVar[str | None] = "order_id"

    shipment_id: ShipmentId
    order_id: OrderId
    carrier: str
    tracking_number: str
    status: str
    estimated_delivery: datetime
    shipments_total: int = 1
    shipments_delivered: int = 0


class ShipmentCreated(ShipmentEvent, frozen=True, kw_only=True):
    """A label was bought; the parcel waits for the carrier."""

    type: ClassVar[str] = "shipment.created"


class ShipmentUpdated(ShipmentEvent, frozen=True, kw_only=True):
    """The carrier scanned the parcel, or voided its label (``status`` as Shipping's own)."""

    type: ClassVar[str] = "shipment.updated"


class ShipmentDelivered(ShipmentEvent, frozen=True, kw_only=True):
    """The parcel is with the customer."""

    type: ClassVar[str] = "shipment.delivered"


class WeighedItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """So many units of a product to ship; the rest is of one unit, as in Product's ``Quote``."""

    product_id: ProductId
    quantity: int
    weight_grams: int
    size_mm: tuple[int, int, int] | None = None
    cold_chain: bool = False
    hazardous: bool = False


class ShippingOption(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A way to ship, its cost in minor units, and when it would arrive."""

    method: str
    carrier: str
    name: str
    cost: int
    currency: str
    estimated_delivery: datetime


class AskQuote(Ask, frozen=True, kw_only=True):
    """Which method, where to, how heavy, and what it is if that is known."""

    method: str
    address: Address
    weight_grams: int
    items: list[WeighedItem] = []


QUOTE: Procedure[AskQuote, ShippingOption | None] = Procedure(
    "shipping", "quote", AskQuote, ShippingOption | None, Reach.SHOP
)


class RemoteShipping:
    """Shipping in another process; each method raises ``Unavailable`` when it is away."""

    def __init__(self, neighbour: Neighbour) -> None:
        self._neighbour = neighbour

    async def quote(
        self,
        method: str,
        address: Address,
        weight_grams: int,
        items: Sequence[WeighedItem] = (),
    ) -> ShippingOption | None:
        """Return what a method costs to an address; None when it does not exist or go there."""
        ask = AskQuote(method=method, address=address, weight_grams=weight_grams, items=list(items))
        return await self._neighbour.call(QUOTE, ask)
