"""UPS over its REST API (https://developer.ups.com/api/reference): rate, ship, void, track.

UPS knows no idempotency keys. What it has is the recovery of a label by the shipper's reference: a
label is looked for under the shipment's id before one is bought.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, Unavailable
from kibble.kernel.money import Money, to_minor
from kibble.platform.engines.outside import Answered, Credentials, OutsideApi
from kibble.services.shipping.adapters.sender import Sender, inches, pounds
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
from kibble.services.shipping.model.tariff import UPS, Rate, carrier_methods, method_of
from kibble.services.shipping.model.zones import ZoneMap

TIMEOUT_SECONDS: Final = 9.0
SERVICES: Final = {"ups-overnight": "01", "ups-expedited": "02", "ups-standard": "03"}
GROUND: Final = "03"
OWN_PACKAGING: Final = "02"
PNG: Final = "image/png"
STATUSES: Final = {
    "I": Status.IN_TRANSIT,
    "P": Status.IN_TRANSIT,
    "O": Status.OUT_FOR_DELIVERY,
    "D": Status.DELIVERED,
    "X": Status.EXCEPTION,
    "RS": Status.EXCEPTION,
}
"""UPS's types of activity; M (a label was made) is no scan of a parcel."""


class UpsCarrier:
    """Implements ``Carrier``. ``webhook_credential`` is what UPS sends back with its alerts."""

    name = UPS

    def __init__(
        self,
        credentials: Credentials,
        account: str,
        webhook_credential: str,
        sender: Sender,
        *,
        zones: ZoneMap,
        clock: Clock,
        url: str = "https://onlinetools.ups.com",
    ) -> None:
        self._api = OutsideApi("UPS", url, credentials, clock, timeout_seconds=TIMEOUT_SECONDS)
        self._account = account
        self._webhook_credential = webhook_credential
        self._sender = sender
        self._zones = zones
        self._clock = clock

    async def check(self) -> None:
        """See ``Carrier.check``."""
        await self._api.check("KIBBLE_UPS_CLIENT_ID and KIBBLE_UPS_CLIENT_SECRET")

    async def close(self) -> None:
        """See ``Carrier.close``."""
        await self._api.close()

    async def rates(self, address: Address, parcels: Sequence[Parcel]) -> list[Rate]:
        """See ``Carrier.rates``: negotiated rates where the account has them."""
        shipment = self._parties(address) | {
            "Package": [self._package(parcel, "PackagingType") for parcel in parcels],
            "ShipmentRatingOptions": {"NegotiatedRatesIndicator": "Y"},
        }
        body = {"RateRequest": {"Request": {"RequestOption": "Shop"}, "Shipment": shipment}}
        told = _body(await self._api.call("POST", "/api/rating/v2409/Shop", body=body))
        rated = {one["Service"]["Code"]: one for one in told["RateResponse"]["RatedShipment"]}
        zone = self._zones.zone(address.zip_code)
        found: list[Rate] = []
        for method in carrier_methods(UPS):
            if one := rated.get(SERVICES[method.code]):
                promised = (one.get("GuaranteedDelivery") or {}).get("BusinessDaysInTransit")
                days = int(promised or method.days(zone))
                arrives = delivery_time(self._clock.now(), days)
                found.append(Rate(method, _cost(one), arrives))
        return found

    async def buy_label(self, shipment: Shipment) -> Purchase:
        """See ``Carrier.buy_label``."""
        results = await self._recovered(shipment) or await self._bought(shipment)
        days = method_of(shipment.method).days(self._zones.zone(shipment.address.zip_code))
        master = results[0][0]
        return Purchase(
            Label(master, master),
            delivery_time(leaves_at(shipment.created_at, shipment.handling, days), days),
            images=tuple(LabelImage(base64.b64decode(image), PNG) for _, image in results),
        )

    async def void_label(self, shipment: Shipment) -> bool:
        """See ``Carrier.void_label``."""
        number = shipment.label.reference if shipment.label else None
        if number is None:
            recovered = await self._recovered(shipment)
            if not recovered:
                return True
            number = recovered[0][0]
        answered = await self._api.call("DELETE", f"/api/shipments/v2409/void/cancel/{number}")
        if answered.is_ok:
            return True
        scans = (await self.track(Label(number, number))).scans
        return not scans and _is_void_already(answered)

    async def track(self, label: Label) -> Tracking:
        """See ``Carrier.track``."""
        headers = {"transId": label.tracking_number, "transactionSrc": "kibble"}
        path = f"/api/track/v1/details/{label.tracking_number}"
        answered = await self._api.call("GET", path, headers=headers)
        if answered.status == 404:  # noqa: PLR2004 - UPS has not seen the parcel yet
            return Tracking([])
        shipment = _body(answered)["trackResponse"]["shipment"][0]
        package = (shipment.get("package") or [{}])[0]
        scans = [scan for one in package.get("activity") or [] if (scan := _scan(one))]
        return Tracking(sorted(scans, key=lambda scan: scan.at), _estimate(package))

    async def print_label(self, shipment: Shipment, parcel: int) -> LabelImage:
        """See ``Carrier.print_label``."""
        recovered = await self._recovered(shipment)
        if not recovered:
            raise Unavailable("UPS does not have the label any more.")
        return LabelImage(base64.b64decode(recovered[parcel][1]), PNG)

    def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """See ``Carrier.notices``: UPS Track Alert sends the credential that it was given."""
        given = headers.get("credential", "")
        if not self._webhook_credential or not hmac.compare_digest(
            given.encode(), self._webhook_credential.encode()
        ):
            raise InvalidInput.at("", "is not sent by UPS")
        number = msgspec.json.decode(body).get("trackingNumber")
        return [number] if number else []

    async def _bought(self, shipment: Shipment) -> list[tuple[str, str]]:
        """Buy labels; return each parcel's tracking number and label."""
        asked = self._parties(shipment.address) | {
            "Description": "Pet supplies",
            "Service": {"Code": SERVICES.get(shipment.method, GROUND)},
            "PaymentInformation": {
                "ShipmentCharge": {"Type": "01", "BillShipper": {"AccountNumber": self._account}}
            },
            "Package": [
                self._package(parcel, "Packaging")
                | {"ReferenceNumber": {"Value": _reference(shipment)}}
                for parcel in shipment.parcels
            ],
        }
        body = {
            "ShipmentRequest": {
                "Request": {"RequestOption": "nonvalidate"},
                "Shipment": asked,
                "LabelSpecification": _FORMAT,
            }
        }
        told = _body(await self._api.call("POST", "/api/shipments/v2409/ship", body=body))
        results = told["ShipmentResponse"]["ShipmentResults"]["PackageResults"]
        return [(one["TrackingNumber"], one["ShippingLabel"]["GraphicImage"]) for one in results]

    async def _recovered(self, shipment: Shipment) -> list[tuple[str, str]]:
        """Return the labels that were bought for a shipment; none when there are none."""
        body = {
            "LabelRecoveryRequest": {
                "Request": {"SubVersion": "1903"},
                "LabelSpecification": _FORMAT,
                "ReferenceValues": {
                    "ReferenceNumber": {"Value": _reference(shipment)},
                    "ShipperNumber": self._account,
                },
            }
        }
        answered = await self._api.call("POST", "/api/labels/v1/recovery", body=body)
        if not answered.is_ok:
            return []
        results = answered.body["LabelRecoveryResponse"]["LabelResults"]
        listed = results if isinstance(results, list) else [results]
        return [(one["TrackingNumber"], one["LabelImage"]["GraphicImage"]) for one in listed]

    def _parties(self, address: Address) -> dict[str, Any]:
        sender = self._sender
        here = {
            "Name": sender.name,
            "AttentionName": sender.name,
            "Phone": {"Number": sender.phone},
            "Address": _address(sender.address),
        }
        there = {
            "Name": address.name or "Customer",
            "AttentionName": address.name or "Customer",
            "Phone": {"Number": sender.phone},
            "Address": _address(address),
        }
        return {
            "Shipper": here | {"ShipperNumber": self._account},
            "ShipFrom": here,
            "ShipTo": there,
        }

    def _package(self, parcel: Parcel, packaging: str) -> dict[str, Any]:
        return {
            packaging: {"Code": OWN_PACKAGING},
            "PackageWeight": {
                "UnitOfMeasurement": {"Code": "LBS"},
                "Weight": pounds(parcel.weight_grams),
            },
        } | _dimensions(parcel)


def _dimensions(parcel: Parcel) -> dict[str, Any]:
    """Return the parcel's sides, by which UPS finds its billable weight, if they are known."""
    if parcel.size_mm is None:
        return {}
    length, width, height = inches(parcel.size_mm)
    return {
        "Dimensions": {
            "UnitOfMeasurement": {"Code": "IN"},
            "Length": str(length),
            "Width": str(width),
            "Height": str(height),
        }
    }


_FORMAT: Final = {
    "LabelImageFormat": {"Code": "PNG"},
    "LabelStockSize": {"Height": "6", "Width": "4"},
}


def _reference(shipment: Shipment) -> str:
    """Return the shipment's id as a reference, which has 35 characters at most."""
    return shipment.id.replace("-", "")


def _address(address: Address) -> dict[str, Any]:
    lines = [line for line in (address.street, address.street2) if line]
    return {
        "AddressLine": lines,
        "City": address.city,
        "StateProvinceCode": address.state,
        "PostalCode": address.zip_code,
        "CountryCode": address.country,
    }


def _cost(rated: dict[str, Any]) -> Money:
    negotiated = (rated.get("NegotiatedRateCharges") or {}).get("TotalCharge")
    total = negotiated or rated["TotalCharges"]
    return Money(to_minor(Decimal(total["MonetaryValue"])), total["CurrencyCode"])


def _scan(activity: dict[str, Any]) -> Scan | None:
    told = activity["status"]
    status = STATUSES.get(told.get("type", ""))
    if status is None:
        return None
    place = (activity.get("location") or {}).get("address") or {}
    where = ", ".join(part for part in (place.get("city"), place.get("stateProvince")) if part)
    at = datetime.strptime(
        f"{activity['gmtDate']} {activity['gmtTime']}", "%Y%m%d %H:%M:%S"
    ).replace(tzinfo=UTC)
    return Scan(at, status, told.get("description", "").strip(), where or None)


def _estimate(package: dict[str, Any]) -> datetime | None:
    for told in package.get("deliveryDate") or []:
        if told.get("type") in {"SDD", "RDD"} and told.get("date"):
            day = datetime.strptime(told["date"], "%Y%m%d").replace(tzinfo=UTC)
            return day.replace(hour=23, minute=59)
    return None


def _body(answered: Answered) -> Any:
    if not answered.is_ok:
        errors = ((answered.body or {}).get("response") or {}).get("errors") or [{}]
        code, text = errors[0].get("code", answered.status), errors[0].get("message", "")
        raise Unavailable(f"UPS refused: {code} {text}")
    return answered.body


def _is_void_already(answered: Answered) -> bool:
    errors = ((answered.body or {}).get("response") or {}).get("errors") or [{}]
    return "already been voided" in errors[0].get("message", "")
