"""What Shipping's API takes and answers."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from kibble.contracts import address as contract
from kibble.contracts.address import CountryCode, ZipCode
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import MAX_LIMIT
from kibble.kernel.personal import Personal
from kibble.platform.web.json import Amount, Instant
from kibble.services.shipping.model.cartons import MAX_PARCEL_GRAMS
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.picking import Stage
from kibble.services.shipping.model.shipment import Address, Scan, Shipment, Status
from kibble.services.shipping.model.tariff import Rate, method_of
from kibble.services.shipping.service.packing import ToPack

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
MAX_LINES = 100
MAX_PARCELS = 50


class Request(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The base of what is taken: unknown fields are refused."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """The base of what is answered."""


class RateAddress(Request, frozen=True, kw_only=True):
    """Where to: the ZIP code is enough."""

    zip_code: Personal[ZipCode]
    street: Personal[Text | None] = None
    street2: Personal[Text | None] = None
    city: Personal[Text | None] = None
    state: Personal[Text | None] = None
    name: Personal[Text | None] = None
    country: Personal[CountryCode] = "US"

    def to_model(self) -> Address:
        """Return the address as the carriers take it."""
        return Address(
            street=self.street or "",
            city=self.city or "",
            state=self.state or "",
            zip_code=self.zip_code,
            name=self.name,
            street2=self.street2,
            country=self.country,
        )


class ItemToShip(Request, frozen=True):
    """So many units of a product."""

    product_id: Id
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


class ParcelToShip(Request, frozen=True):
    """A packed parcel."""

    weight_grams: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARCEL_GRAMS)]


Items = Annotated[list[ItemToShip], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
Parcels = Annotated[list[ParcelToShip], msgspec.Meta(min_length=1, max_length=MAX_PARCELS)]


class AskRates(Request, frozen=True, kw_only=True):
    """What is to be shipped where: either items, which Shipping packs, or parcels."""

    address: RateAddress
    items: Items | None = None
    parcels: Parcels | None = None


class NewShipment(Request, frozen=True, kw_only=True):
    """One more shipment of an order; address and method are the order's unless given."""

    order_id: Id
    items: Items | None = None
    parcels: Parcels | None = None
    address: contract.Address | None = None
    method: Id | None = None


class OrderQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Whose shipments."""

    order_id: Id


class PackingQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Whose packing list, and how much of it."""

    warehouse_id: Annotated[
        str, msgspec.Meta(pattern=r"^[0-9a-fA-F-]{36}$(?!\n)", description="a warehouse's id")
    ]
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = MAX_LIMIT


class SetStage(Request, frozen=True):
    """What the warehouse has done."""

    stage: Stage


class LabelQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Which parcel's label, counted from 1."""

    parcel: Annotated[int, msgspec.Meta(ge=1)] = 1


class RateView(Answer, frozen=True):
    """A way to ship, what it costs, and when it would arrive.

    ``table_of`` is the day of the shop's own price table, where the carrier did not answer and that
    stands in for it.
    """

    method: str
    carrier: str
    name: str
    cost: Amount
    currency: str
    estimated_delivery: Instant
    table_of: date | None = None

    @classmethod
    def of(cls, rate: Rate) -> RateView:
        """Return the view of ``rate``."""
        return cls(
            rate.method.code,
            rate.method.carrier,
            rate.method.name,
            Amount.of(rate.cost),
            rate.cost.currency,
            rate.estimated_delivery,
            rate.table_of,
        )


class ScanView(Answer, frozen=True):
    """One entry of the tracking history."""

    at: Instant
    status: Status
    text: str
    place: Personal[str | None]

    @classmethod
    def of(cls, scan: Scan) -> ScanView:
        """Return the view of ``scan``."""
        return cls(scan.at, scan.status, scan.text, scan.place)


class TrackingView(Answer, frozen=True):
    """Where a parcel is; nothing that names a person, since the tracking number opens it."""

    tracking_number: str
    carrier: str
    status: Status
    estimated_delivery: Instant
    history: list[ScanView]

    @classmethod
    def of(cls, shipment: Shipment) -> TrackingView:
        """Return the view of a shipment that has a label."""
        return cls(
            shipment.label.tracking_number if shipment.label else "",
            method_of(shipment.method).carrier,
            shipment.status,
            shipment.estimated_delivery,
            [ScanView.of(scan) for scan in shipment.history],
        )


class PackedItem(Answer, frozen=True):
    """So many units in a parcel."""

    product_id: ProductId
    quantity: int


class ParcelView(Answer, frozen=True):
    """A parcel and what is in it: ``box`` is one of the shop's, ``sizeMm`` what carriers measure.

    ``handling`` is plain, cold, hazardous or cold-hazardous.
    """

    weight_grams: int
    items: list[PackedItem]
    box: str | None
    size_mm: list[int] | None
    handling: str

    @classmethod
    def of(cls, parcel: Parcel) -> ParcelView:
        """Return the view of ``parcel``."""
        items = [PackedItem(item.product_id, item.quantity) for item in parcel.items]
        return cls(
            parcel.weight_grams,
            items,
            parcel.box,
            list(parcel.size_mm) if parcel.size_mm else None,
            parcel.handling.value,
        )


class PackingView(Answer, frozen=True):
    """A shipment on a packing list: what goes into which parcel, and whom it is for.

    ``has_label`` tells whether a label can be printed yet.
    """

    shipment_id: str
    order_id: str
    stage: str
    carrier: str
    method: str
    has_label: bool
    name: Personal[str | None]
    city: Personal[str]
    state: Personal[str]
    zip_code: Personal[str]
    parcels: list[ParcelView]
    created_at: Instant

    @classmethod
    def of(cls, packed: ToPack) -> PackingView:
        """Return the view of ``packed``."""
        shipment, address = packed.shipment, packed.shipment.address
        return cls(
            shipment_id=shipment.id,
            order_id=shipment.order_id,
            stage=packed.stage.value,
            carrier=method_of(shipment.method).carrier,
            method=method_of(shipment.method).name,
            has_label=shipment.label is not None,
            name=address.name,
            city=address.city,
            state=address.state,
            zip_code=address.zip_code,
            parcels=[ParcelView.of(parcel) for parcel in shipment.parcels],
            created_at=shipment.created_at,
        )


class ShipmentView(Answer, frozen=True):
    """A shipment, as its customer and the staff see it."""

    id: str
    order_id: str
    warehouse_id: str | None
    method: str
    carrier: str
    tracking_number: str | None
    status: Status
    estimated_delivery: Instant
    parcels: list[ParcelView]
    history: list[ScanView]
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, shipment: Shipment) -> ShipmentView:
        """Return the view of ``shipment``."""
        return cls(
            shipment.id,
            shipment.order_id,
            shipment.warehouse_id,
            shipment.method,
            method_of(shipment.method).carrier,
            shipment.label.tracking_number if shipment.label else None,
            shipment.status,
            shipment.estimated_delivery,
            [ParcelView.of(parcel) for parcel in shipment.parcels],
            [ScanView.of(scan) for scan in shipment.history],
            shipment.created_at,
            shipment.updated_at,
        )
