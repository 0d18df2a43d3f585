"""The dealings with carriers: labels are bought and voided, parcels followed.

A call to a carrier is never inside a transaction: what it answered is committed after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, KibbleError, Unavailable
from kibble.kernel.ids import ShipmentId
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.claims import Claims
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.tasks import Worker
from kibble.services.shipping.integration import Carrier
from kibble.services.shipping.model.shipment import LabelImage, PrintedLabels, Shipment, Status
from kibble.services.shipping.model.tariff import method_of
from kibble.services.shipping.repository import ShipmentRepository
from kibble.services.shipping.service.announcement import save_and_announce

_log = structlog.get_logger()

BATCH = 500
LOOK_AGAIN = timedelta(hours=2)
"""How often a carrier is asked that does not say when a next scan may come."""

CLAIM = timedelta(seconds=30)
"""How long others leave a shipment alone that a process is at: longer than a carrier's deadline."""

Images = tuple[LabelImage, ...]
Note = Callable[[Shipment], bool]
"""Writes what a carrier answered into a shipment; tells whether its status changed."""


class Dispatcher:
    """Does for each shipment what is due: one call to its carrier, then one commit.

    Every process of the service has one. ``claims`` keep them off each other's shipments; should a
    claim end too early, the carriers are idempotent by the shipment's id, and a second answer
    changes nothing.
    """

    def __init__(
        self,
        repository: ShipmentRepository,
        claims: Claims,
        carriers: Mapping[str, Carrier],
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._claims = claims
        self._carriers = carriers
        self._clock = clock
        self.worker = Worker("dispatch", load=self._due, work=self.advance, clock=clock)

    async def sweep(self) -> None:
        """Queue every shipment that is due."""
        for shipment_id in await self._due():
            self.worker.submit(shipment_id)

    async def advance(self, shipment_id: ShipmentId) -> None:
        """Do everything that is due for one shipment; nothing while somebody is at it."""
        now = self._clock.now()
        if not await self._claims.take(shipment_id, now, now + CLAIM):
            return
        try:
            shipment = await self._repository.find(shipment_id)
            while shipment is not None and self._is_due(shipment):
                note, images = await self._ask_carrier(shipment)
                record = partial(self._record, shipment_id, note, images)
                shipment = await commit_outcome(self._repository, record)
        finally:
            await self._claims.give_back([shipment_id])

    async def print_label(self, shipment: Shipment, parcel: int) -> LabelImage:
        """Return the label of a shipment's parcel, counted from 1.

        Raises ``NoLabel`` when there is none, ``InvalidInput`` when there is no such parcel.
        """
        shipment.printable_label()
        if not 1 <= parcel <= len(shipment.parcels):
            raise InvalidInput.at("/parcel", f"must be 1 to {len(shipment.parcels)}")
        kept = await self._repository.printed(shipment.id)
        if kept is not None and len(kept.images) == len(shipment.parcels):
            return kept.images[parcel - 1]
        return await self._carrier(shipment).print_label(shipment, parcel - 1)

    def read_notices(self, name: str, headers: Mapping[str, str], body: bytes) -> Sequence[str]:
        """Return the tracking numbers of a carrier's webhook; raises ``InvalidInput``."""
        carrier = self._carriers.get(name)
        return carrier.notices(headers, body) if carrier else []

    async def _due(self) -> list[ShipmentId]:
        return await self._repository.due(self._clock.now(), BATCH)

    def _is_due(self, shipment: Shipment) -> bool:
        return shipment.due_at is not None and shipment.due_at <= self._clock.now()

    async def _ask_carrier(self, shipment: Shipment) -> tuple[Note, Images]:
        try:
            return await self._act(shipment)
        except KibbleError as error:
            _log.warning("carrier failed", shipment=shipment.id, error=repr(error))
            return partial(Shipment.record_failure, now=self._clock.now()), ()

    async def _act(self, shipment: Shipment) -> tuple[Note, Images]:
        carrier = self._carrier(shipment)
        if shipment.void_wanted:
            voided = await carrier.void_label(shipment)
            record = Shipment.record_void if voided else Shipment.record_void_refused
            return partial(record, now=self._clock.now()), ()
        if shipment.status is Status.REQUESTED:
            return await self._buy(carrier, shipment)
        return await self._track(carrier, shipment), ()

    def _carrier(self, shipment: Shipment) -> Carrier:
        name = method_of(shipment.method).carrier
        if name not in self._carriers:
            raise Unavailable(f"The shop has no account with {name}.")
        return self._carriers[name]

    async def _buy(self, carrier: Carrier, shipment: Shipment) -> tuple[Note, Images]:
        purchase = await carrier.buy_label(shipment)
        now = self._clock.now()
        note = partial(
            Shipment.record_label,
            label=purchase.label,
            estimate=purchase.estimated_delivery,
            now=now,
            next_look=_next_look(purchase.next_look, now),
        )
        return note, purchase.images

    async def _track(self, carrier: Carrier, shipment: Shipment) -> Note:
        tracking = await carrier.track(shipment.printable_label())
        now = self._clock.now()
        return partial(
            Shipment.record_scans,
            scans=tracking.scans,
            now=now,
            next_look=_next_look(tracking.next_look, now),
            new_estimate=tracking.estimated_delivery,
        )

    async def _record(
        self, shipment_id: ShipmentId, note: Note, images: Images
    ) -> Outcome[Shipment | None]:
        shipment = await self._repository.find(shipment_id)
        if shipment is None:
            return unchanged(None)
        changes = Changes()
        if note(shipment):
            of_order = await self._repository.of_order(shipment.order_id)
            save_and_announce(changes, shipment, of_order)
        else:
            changes.save(shipment)
        await self._keep_images(changes, shipment, images)
        return Outcome(shipment, changes)

    async def _keep_images(self, changes: Changes, shipment: Shipment, images: Images) -> None:
        """Keep labels that were just bought; drop them once nobody has to print them."""
        kept = await self._repository.printed(shipment.id)
        if kept is None and images:
            changes.save(PrintedLabels(shipment.id, images))
        elif kept is not None and not shipment.awaits_pick_up:
            changes.remove(kept)


def _next_look(announced: datetime | None, now: datetime) -> datetime:
    """Return when to ask the carrier again: never at once, whatever it announces."""
    return announced if announced and announced > now else now + LOOK_AGAIN
