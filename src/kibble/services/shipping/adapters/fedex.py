"""FedEx over its REST API (https://developer.fedex.com/api): rate, ship, cancel, track.

FedEx knows no idempotency keys, and finds no label by a reference before the parcel is scanned. A
label whose answer was lost stays unused; FedEx bills what it scans, and lets the label lapse.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, Unavailable
from kibble.kernel.money import Money, to_minor
from kibble.platform.engines.outside import Answered, Credentials, OutsideApi
from kibble.services.shipping.adapters.sender import Sender, inches, pounds
from kibble.services.shipping.errors import NoLabel
from kibble.services.shipping.integration import Purchase, Tracking
from kibble.services.shipping.model.calendar import delivery_time
from kibble.services.shipping.model.handling import leaves_at
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.shipment import (
    Address,
    Label,
    LabelImage,
    Scan,
    Shipment,
    Status,
)
from kibble.services.shipping.model.tariff import FEDEX, Rate, carrier_methods, method_of
from kibble.services.shipping.model.zones import ZoneMap

TIMEOUT_SECONDS: Final = 9.0
SIGNATURE: Final = "fdx-signature"
SERVICES: Final = {
    "fedex-standard": "FEDEX_GROUND",
    "fedex-expedited": "FEDEX_2_DAY",
    "fedex-overnight": "STANDARD_OVERNIGHT",
}
STATUSES: Final = {
    "PU": Status.IN_TRANSIT,
    "IT": Status.IN_TRANSIT,
    "OD": Status.OUT_FOR_DELIVERY,
    "DL": Status.DELIVERED,
    "DE": Status.EXCEPTION,
    "SE": Status.EXCEPTION,
}
"""FedEx's derived codes of scans; IN (a label was made) is no scan of a parcel."""


class FedExCarrier:
    """Implements ``Carrier``. ``webhook_secret`` is the security token of its webhook project."""

    name = FEDEX

    def __init__(
        self,
        credentials: Credentials,
        account: str,
        webhook_secret: str,
        sender: Sender,
        *,
        zones: ZoneMap,
        clock: Clock,
        url: str = "https://apis.fedex.com",
    ) -> None:
        self._api = OutsideApi("FedEx", url, credentials, clock, timeout_seconds=TIMEOUT_SECONDS)
        self._account = {"value": account}
        self._webhook_secret = webhook_secret
        self._sender = sender
        self._zones = zones
        self._clock = clock

    async def check(self) -> None:
        """See ``Carrier.check``."""
        await self._api.check("KIBBLE_FEDEX_CLIENT_ID and KIBBLE_FEDEX_CLIENT_SECRET")

    async def close(self) -> None:
        """See ``Carrier.close``."""
        await self._api.close()

    async def rates(self, address: Address, parcels: Sequence[Parcel]) -> list[Rate]:
        """See ``Carrier.rates``: the account's own rates."""
        body = {
            "accountNumber": self._account,
            "requestedShipment": {
                "shipper": {"address": _address(self._sender.address)},
                "recipient": {"address": _address(address)},
                "pickupType": "USE_SCHEDULED_PICKUP",
                "rateRequestType": ["ACCOUNT"],
                "requestedPackageLineItems": [_package(parcel) for parcel in parcels],
            },
        }
        told = _body(await self._api.call("POST", "/rate/v1/rates/quotes", body=body))
        rated = {one["serviceType"]: one for one in told["output"]["rateReplyDetails"]}
        zone, now = self._zones.zone(address.zip_code), self._clock.now()
        return [
            Rate(method, _cost(one), delivery_time(now, method.days(zone)))
            for method in carrier_methods(FEDEX)
            if (one := rated.get(SERVICES[method.code]))
        ]

    async def buy_label(self, shipment: Shipment) -> Purchase:
        """See ``Carrier.buy_label``."""
        headers = {"x-customer-transaction-id": shipment.id}
        told = _body(
            await self._api.call(
                "POST", "/ship/v1/shipments", body=self._order(shipment), headers=headers
            )
        )
        sold = told["output"]["transactionShipments"][0]
        days = method_of(shipment.method).days(self._zones.zone(shipment.address.zip_code))
        master = sold["masterTrackingNumber"]
        return Purchase(
            Label(master, master),
            delivery_time(leaves_at(shipment.created_at, shipment.handling, days), days),
            images=tuple(_image(piece) for piece in sold["pieceResponses"]),
        )

    async def void_label(self, shipment: Shipment) -> bool:
        """See ``Carrier.void_label``: a label that we never heard of lapses by itself."""
        if shipment.label is None:
            return True
        body = {
            "accountNumber": self._account,
            "trackingNumber": shipment.label.tracking_number,
            "deletionControl": "DELETE_ALL_PACKAGES",
        }
        answered = await self._api.call("PUT", "/ship/v1/shipments/cancel", body=body)
        if answered.is_ok and answered.body["output"]["cancelledShipment"]:
            return True
        return _code(answered) == "SHIPMENT.ALREADY.CANCELLED"

    async def track(self, label: Label) -> Tracking:
        """See ``Carrier.track``."""
        number = {"trackingNumberInfo": {"trackingNumber": label.tracking_number}}
        body = {"includeDetailedScans": True, "trackingInfo": [number]}
        told = _body(await self._api.call("POST", "/track/v1/trackingnumbers", body=body))
        result = told["output"]["completeTrackResults"][0]["trackResults"][0]
        scans = [scan for one in result.get("scanEvents") or [] if (scan := _scan(one))]
        return Tracking(sorted(scans, key=lambda scan: scan.at), _estimate(result))

    async def print_label(self, shipment: Shipment, parcel: int) -> LabelImage:
        """See ``Carrier.print_label``: FedEx sends a label once, with the purchase."""
        raise NoLabel(shipment.id, shipment.status.value)

    def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """See ``Carrier.notices``: signed by HMAC-SHA256 over the raw body, in hexadecimal."""
        expected = hmac.new(self._webhook_secret.encode(), body, sha256).hexdigest()
        given = headers.get(SIGNATURE, "")
        if not self._webhook_secret or not hmac.compare_digest(given.encode(), expected.encode()):
            raise InvalidInput.at("", "is not signed by FedEx")
        told: Any = msgspec.json.decode(body)
        results = (told.get("output") or {}).get("completeTrackResults") or []
        numbers = [told.get("trackingNumber"), *(one.get("trackingNumber") for one in results)]
        return [number for number in numbers if number]

    def _order(self, shipment: Shipment) -> dict[str, Any]:
        sender = self._sender
        packages = [
            _package(parcel)
            | {
                "customerReferences": [
                    {"customerReferenceType": "CUSTOMER_REFERENCE", "value": shipment.id}
                ]
            }
            for parcel in shipment.parcels
        ]
        return {
            "labelResponseOptions": "LABEL",
            "accountNumber": self._account,
            "requestedShipment": {
                "shipper": _party(sender.name, sender.phone, sender.address),
                "recipients": [
                    _party(shipment.address.name or "Customer", sender.phone, shipment.address)
                ],
                "serviceType": SERVICES[shipment.method],
                "packagingType": "YOUR_PACKAGING",
                "pickupType": "USE_SCHEDULED_PICKUP",
                "shippingChargesPayment": {"paymentType": "SENDER"},
                "labelSpecification": {"imageType": "PDF", "labelStockType": "STOCK_4X6"},
                "requestedPackageLineItems": packages,
            },
        }


def _party(name: str, phone: str, address: Address) -> dict[str, Any]:
    contact = {"personName": name, "phoneNumber": phone}
    return {"contact": contact, "address": _address(address)}


def _address(address: Address) -> dict[str, Any]:
    return {
        "streetLines": [line for line in (address.street, address.street2) if line],
        "city": address.city,
        "stateOrProvinceCode": address.state,
        "postalCode": address.zip_code,
        "countryCode": address.country,
        "residential": True,
    }


def _package(parcel: Parcel) -> dict[str, Any]:
    told: dict[str, Any] = {"weight": {"units": "LB", "value": float(pounds(parcel.weight_grams))}}
    if parcel.size_mm is not None:
        length, width, height = inches(parcel.size_mm)
        told["dimensions"] = {"length": length, "width": width, "height": height, "units": "IN"}
    return told


def _image(piece: dict[str, Any]) -> LabelImage:
    document = piece["packageDocuments"][0]
    kind = {"PDF": "application/pdf", "PNG": "image/png"}[document["docType"]]
    return LabelImage(base64.b64decode(document["encodedLabel"]), kind)


def _cost(rated: dict[str, Any]) -> Money:
    told = rated["ratedShipmentDetails"][0]
    return Money(to_minor(Decimal(str(told["totalNetCharge"]))), told.get("currency", "USD"))


def _scan(event: dict[str, Any]) -> Scan | None:
    status = STATUSES.get(event.get("derivedStatusCode") or event.get("eventType", ""))
    if status is None:
        return None
    place = event.get("scanLocation") or {}
    where = ", ".join(
        part for part in (place.get("city"), place.get("stateOrProvinceCode")) if part
    )
    at = datetime.fromisoformat(event["date"]).astimezone(UTC)
    return Scan(at, status, event.get("eventDescription", ""), where or None)


def _estimate(result: dict[str, Any]) -> datetime | None:
    for told in result.get("dateAndTimes") or []:
        if told.get("type") == "ESTIMATED_DELIVERY":
            return datetime.fromisoformat(told["dateTime"]).astimezone(UTC)
    return None


def _body(answered: Answered) -> Any:
    if not answered.is_ok:
        raise Unavailable(f"FedEx refused: {_code(answered)}")
    return answered.body


def _code(answered: Answered) -> str:
    errors = (answered.body or {}).get("errors") or [{}]
    code: str = errors[0].get("code") or str(answered.status)
    return code
