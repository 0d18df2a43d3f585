"""A carrier behind a guard: deadlines, a bulkhead and a circuit breaker around another adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kibble.kernel.clock import Clock
from kibble.kernel.ids import Randomness
from kibble.platform.resilience import Guard
from kibble.services.shipping.integration import Carrier, Purchase, Tracking
from kibble.services.shipping.model.packing import Parcel
from kibble.services.shipping.model.shipment import Address, Label, LabelImage, Shipment
from kibble.services.shipping.model.tariff import Rate

RATES_TIMEOUT_SECONDS = 0.8
"""A customer waits for rates, and the built-in table stands ready."""

LABEL_TIMEOUT_SECONDS = 10.0


class GuardedCarrier:
    """Implements ``Carrier`` by another one; slow rates never hold up labels, nor the other way."""

    def __init__(
        self,
        carrier: Carrier,
        clock: Clock,
        randomness: Randomness,
        *,
        rates_seconds: float = RATES_TIMEOUT_SECONDS,
    ) -> None:
        """``rates_seconds`` is how long rates are waited for."""
        self.name = carrier.name
        self._carrier = carrier
        self._rates = Guard(
            f"{carrier.name} rates",
            clock,
            randomness,
            timeout_seconds=rates_seconds,
            concurrency=64,
        )
        self._labels = Guard(
            f"{carrier.name} labels",
            clock,
            randomness,
            timeout_seconds=LABEL_TIMEOUT_SECONDS,
            concurrency=16,
        )

    async def rates(self, address: Address, parcels: Sequence[Parcel]) -> list[Rate]:
        """See ``Carrier.rates``."""
        return await self._rates.call(lambda: self._carrier.rates(address, parcels))

    async def buy_label(self, shipment: Shipment) -> Purchase:
        """See ``Carrier.buy_label``."""
        return await self._labels.call(lambda: self._carrier.buy_label(shipment))

    async def void_label(self, shipment: Shipment) -> bool:
        """See ``Carrier.void_label``."""
        return await self._labels.call(lambda: self._carrier.void_label(shipment))

    async def track(self, label: Label) -> Tracking:
        """See ``Carrier.track``."""
        return await self._labels.call(lambda: self._carrier.track(label))

    async def print_label(self, shipment: Shipment, parcel: int) -> LabelImage:
        """See ``Carrier.print_label``."""
        return await self._labels.call(lambda: self._carrier.print_label(shipment, parcel))

    def notices(self, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """See ``Carrier.notices``."""
        return self._carrier.notices(headers, body)

    async def check(self) -> None:
        """See ``Carrier.check``."""
        await self._carrier.check()

    async def close(self) -> None:
        """See ``Carrier.close``."""
        await self._carrier.close()
