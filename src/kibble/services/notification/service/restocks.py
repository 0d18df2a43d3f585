"""Who waits for a product, and telling them: as many as there are units, the first to ask first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kibble.contracts.inventory import AvailabilityChanged
from kibble.contracts.order import OrderConfirmed
from kibble.contracts.product import ProductDeleted
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Conflict
from kibble.kernel.ids import CustomerId, IdSource, ProductId
from kibble.kernel.languages import Language
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.notification.errors import ProductNotFound
from kibble.services.notification.integration import Catalogue, Stock
from kibble.services.notification.model import (
    HEAD_START,
    KINDS,
    MOST_WAITS,
    SECOND_LOOK,
    Delisting,
    Request,
    Restock,
    Waiting,
    folded,
)
from kibble.services.notification.repository.messages import NotificationRepository
from kibble.services.notification.service.requests import NotificationService

BATCH = 64
"""How many products are seen to at a time, and how many of those who wait are told at once."""


class RestockService:
    """Keeps who waits for what, and tells them in waves.

    A wave is as many people as units can be sold; the next is told when units are left after a head
    start. A wave's messages and the end of its people's waiting are one commit: whoever repeats it,
    after a crash or in another process, finds that it was done.
    """

    def __init__(
        self,
        store: NotificationRepository,
        notifications: NotificationService,
        catalogue: Catalogue,
        stock: Stock,
        *,
        clock: Clock,
        ids: IdSource,
        wave: int = BATCH,
    ) -> None:
        """``wave`` is how many of those who wait the store can tell of in one commit."""
        self._wave = wave
        self._store = store
        self._notifications = notifications
        self._catalogue = catalogue
        self._stock = stock
        self._clock = clock
        self._ids = ids

    async def wait(self, customer_id: CustomerId, product_id: ProductId) -> Outcome[Waiting]:
        """Have a customer told once a product is back; asking again changes nothing.

        Raises ``ProductNotFound``; ``Conflict`` when the product is there, when it has no stock of
        its own, and when the customer waits for too much.
        """
        waits = await self._store.waits_of(customer_id)
        return await self._begin(waits, product_id, customer_id=customer_id)

    async def wait_at(
        self, email: str, product_id: ProductId, language: Language
    ) -> Outcome[Waiting]:
        """Have who reads at a proven address told once a product is back; as ``wait`` otherwise."""
        waits = await self._store.waits_at(email)
        return await self._begin(waits, product_id, email=email, language=language)

    async def _begin(
        self,
        waits: Sequence[Waiting],
        product_id: ProductId,
        *,
        customer_id: CustomerId | None = None,
        email: str | None = None,
        language: Language | None = None,
    ) -> Outcome[Waiting]:
        for waiting in waits:
            if waiting.product_id == product_id:
                return unchanged(waiting)
        if len(waits) >= MOST_WAITS:
            raise Conflict(
                f"You wait for {MOST_WAITS} products already.", code="waiting-for-too-many"
            )
        now = self._clock.now()
        waiting = Waiting(
            id=self._ids.new(),
            customer_id=customer_id,
            product_id=product_id,
            product_name=await self.sold_out(product_id),
            asked_at=now,
            email=email,
            language=language,
        )
        changes = Changes()
        changes.save(waiting)
        if await self._store.restock(product_id) is None:
            changes.save(Restock(product_id=product_id, due_at=now + SECOND_LOOK))
        return Outcome(waiting, changes)

    async def sold_out(self, product_id: ProductId) -> str:
        """Return the name of a product that is sold out; raises as ``wait`` does."""
        quote = (await self._catalogue.quotes([product_id])).get(product_id)
        if quote is None:
            raise ProductNotFound
        if quote.components:
            raise Conflict(
                "A bundle is back with the last of its parts; wait for that.",
                code="no-stock-of-its-own",
            )
        if await self._units(product_id) > 0:
            raise Conflict("It is in stock.", code="in-stock")
        return quote.name

    async def _units(self, product_id: ProductId) -> int:
        return (await self._stock.available([product_id])).get(product_id, 0)

    async def stop_waiting(self, customer_id: CustomerId, product_id: ProductId) -> Outcome[None]:
        """Have a customer no longer wait for a product, should they do."""
        return _ended(await self._store.waits_of(customer_id), {product_id})

    async def waits_of(self, customer_id: CustomerId) -> Sequence[Waiting]:
        """Return what a customer waits for, in the order of asking."""
        return await self._store.waits_of(customer_id)

    async def tell_due(self) -> None:
        """Tell the next wave of each product whose time has come."""
        for restock in await self._store.restocks_due(self._clock.now(), BATCH):
            await commit_outcome(self._store, partial(self._tell_wave, restock.product_id))

    async def _tell_wave(self, product_id: ProductId) -> Outcome[None]:
        now = self._clock.now()
        restock = await self._store.restock(product_id)
        if restock is None or restock.due_at > now:
            return unchanged(None)
        units = await self._units(product_id)
        most = min(units, self._wave)
        told = await self._store.waiting_for(product_id, most) if most > 0 else ()
        changes = Changes()
        for waiting in told:
            changes.remove(waiting)
            language = waiting.language
            await self._notifications.add(
                changes, _request(waiting), _facts(waiting), language=language
            )
        if len(told) < most or not told:
            changes.remove(restock)
        else:  # more units than one commit tells of: the rest hear of them at once
            restock.due_at = now if units > self._wave else now + HEAD_START
            changes.save(restock)
        return Outcome(None, changes)

    # What Notification does on neighbours' events.

    async def follow_stock(self, event: AvailabilityChanged, _: Received) -> Outcome[None]:
        """Begin to tell those who wait when a product is back, and end when it is sold out."""
        product_id = event.product_id
        restock = await self._store.restock(product_id)
        changes = Changes()
        if event.available <= 0:
            if restock is not None:
                changes.remove(restock)
        elif await self._store.waiting_for(product_id, 1):
            restock = restock or Restock(product_id=product_id, due_at=self._clock.now())
            restock.due_at = self._clock.now()
            changes.save(restock)
        return Outcome(None, changes)

    async def follow_purchase(self, event: OrderConfirmed, _: Received) -> Outcome[None]:
        """Have a customer, or a guest, no longer wait for what they have bought."""
        bought = {line.product_id for line in event.lines}
        if event.customer_id is not None:
            return _ended(await self._store.waits_of(event.customer_id), bought)
        waits = await self._store.waits_at(folded(event.email)) if event.email else ()
        return _ended(waits, bought)

    async def follow_delisting(self, event: ProductDeleted, _: Received) -> Outcome[None]:
        """Have nobody wait for a product that is gone."""
        changes = Changes()
        changes.remove(Delisting(product_id=event.product_id))
        return Outcome(None, changes)


def _request(waiting: Waiting) -> Request:
    return Request(
        id=waiting.id,
        kind=KINDS["back_in_stock"],
        customer_id=waiting.customer_id,
        email=waiting.email,
    )


def _ended(waits: Sequence[Waiting], product_ids: set[ProductId]) -> Outcome[None]:
    changes = Changes()
    for waiting in waits:
        if waiting.product_id in product_ids:
            changes.remove(waiting)
    return Outcome(None, changes)


def _facts(waiting: Waiting) -> dict[str, str]:
    return {"productId": waiting.product_id, "productName": waiting.product_name}
