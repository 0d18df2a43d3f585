"""Carriers that misbehave, made from the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from kibble.kernel.clock import Clock
from kibble.kernel.errors import TimedOut, Unavailable
from kibble.services.shipping.adapters.sandbox import SandboxCarrier
from kibble.services.shipping.adapters.zip_table import read_zip_table
from kibble.services.shipping.integration import Purchase, Tracking
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.shipment import Address, Label, LabelImage, Shipment
from kibble.services.shipping.model.tariff import Rate
from kibble.services.shipping.model.zones import ZoneMap

ZONES = ZoneMap(read_zip_table(), "43215")


class BrokenCarrier:
    """Answers nothing but errors."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def rates(self, address: Address, parcels: Sequence[Parcel]) -> list[Rate]:
        raise Unavailable("The carrier is down.")

    async def buy_label(self, shipment: Shipment) -> Purchase:
        raise Unavailable("The carrier is down.")

    async def void_label(self, shipment: Shipment) -> bool:
        raise Unavailable("The carrier is down.")

    async def track(self, label: Label) -> Tracking:
        raise Unavailable("The carrier is down.")

    async def print_label(self, shipment: Shipment, parcel: int) -> LabelImage:
        raise Unavailable("The carrier is down.")

    def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        return []

    async def check(self) -> None:
        pass

    async def close(self) -> None:
        pass


class SlowCarrier(BrokenCarrier):
    """Never answers in time."""

    async def rates(self, address: Address, parcels: Sequence[Parcel]) -> list[Rate]:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


class FaultyCarrier(SandboxCarrier):
    """The sandbox, counting its sales; fails or loses answers as often as it is told."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name, ZONES, clock)
        self.failures = 0
        self.lost_answers = 0
        self.sold: list[str] = []
        self.voided: list[str] = []

    async def buy_label(self, shipment: Shipment) -> Purchase:
        self._fail()
        purchase = await super().buy_label(shipment)
        self.sold.append(purchase.label.tracking_number)
        self._lose()
        return purchase

    async def void_label(self, shipment: Shipment) -> bool:
        self._fail()
        voided = await super().void_label(shipment)
        if voided:
            self.voided.append(shipment.id)
        self._lose()
        return voided

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("The carrier is down.")

    def _lose(self) -> None:
        if self.lost_answers:
            self.lost_answers -= 1
            raise TimedOut("The carrier did not answer in time.")
