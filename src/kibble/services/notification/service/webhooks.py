"""Endpoints outside the shop: who is told of what, and what was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import msgspec

from kibble.kernel.clock import Clock, from_text, to_text
from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.ids import CustomerId, DeliveryId, IdSource, WebhookId
from kibble.kernel.paging import Page
from kibble.kernel.personal import Secret
from kibble.platform.messaging.event import Envelope, Event
from kibble.platform.messaging.handler import Received
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.notification.errors import TooManyWebhooks, WebhookNotFound
from kibble.services.notification.integration import WebhookCaller
from kibble.services.notification.model.webhook import (
    MAX_WEBHOOKS,
    Delivery,
    DeliveryStatus,
    Fields,
    SigningSecret,
    Webhook,
)
from kibble.services.notification.repository.webhooks import Range, WebhookRepository
from kibble.services.notification.service.payload import body_of, tells_of_a_person
from kibble.services.notification.service.signing import Signing

TEST = "webhook.test"
"""The type of the event by which staff try an endpoint."""
KNOWN_SECONDS = 1.0
"""How long a process may take the endpoints for what they were: another may have changed them."""
REPLAYED_AT_ONCE = 500

Wake = Callable[[WebhookId], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What staff say of an endpoint."""

    url: str
    events: tuple[str, ...]
    fields: Fields = Fields.IDS
    description: str = ""
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """An endpoint and its new secret, which is shown this once."""

    webhook: Webhook
    secret: Secret[str] = field(repr=False)


class WebhookService:
    """Keeps endpoints, and notes for each what it is to be told."""

    def __init__(
        self,
        webhooks: WebhookRepository,
        caller: WebhookCaller,
        offered: Iterable[str],
        signing: Signing,
        *,
        clock: Clock,
        ids: IdSource,
        wake: Wake,
    ) -> None:
        """``offered`` are the types of events that may be asked for; ``wake`` has some sent."""
        self._webhooks = webhooks
        self._caller = caller
        self._offered = frozenset(offered)
        self._clock = clock
        self._ids = ids
        self._signing = signing
        self._wake = wake
        self._known: Sequence[Webhook] = ()
        self._known_until = float("-inf")

    # What staff do.

    async def webhooks(self) -> Sequence[Webhook]:
        """Return all endpoints, oldest first."""
        return await self._webhooks.webhooks()

    async def webhook(self, webhook_id: WebhookId) -> Webhook:
        """Return one endpoint. Raises ``WebhookNotFound``."""
        found = await self._webhooks.webhook(webhook_id)
        if found is None:
            raise WebhookNotFound
        return found

    async def add(self, wishes: Wishes) -> Outcome[Signed]:
        """Add an endpoint, with a secret. Raises ``InvalidInput``, ``TooManyWebhooks``."""
        self._check(wishes)
        if len(await self._webhooks.webhooks()) >= MAX_WEBHOOKS:
            raise TooManyWebhooks(f"There are {MAX_WEBHOOKS} already: remove one first.")
        webhook_id = WebhookId(self._ids.new())
        secret, sealed = self._signing.new(webhook_id)
        webhook = Webhook(
            id=webhook_id,
            url=wishes.url,
            events=wishes.events,
            fields=wishes.fields,
            description=wishes.description,
            contact=wishes.contact,
            secrets=(SigningSecret(sealed),),
            created_at=self._clock.now(),
        )
        return Outcome(Signed(webhook, secret), self._saved(webhook).changes)

    async def change(
        self,
        webhook_id: WebhookId,
        revise: Callable[[Wishes], Wishes],
        *,
        enabled: bool | None,
        expect: Callable[[int], None],
    ) -> Outcome[Webhook]:
        """Change what staff said of an endpoint, or switch it; ``expect`` is given its version.

        What waits for an endpoint is sent when it is switched on. Raises ``WebhookNotFound``,
        ``InvalidInput``.
        """
        webhook = await self.webhook(webhook_id)
        expect(webhook.version)
        wishes = revise(
            Wishes(
                url=webhook.url,
                events=webhook.events,
                fields=webhook.fields,
                description=webhook.description,
                contact=webhook.contact,
            )
        )
        self._check(wishes)
        webhook.url, webhook.events, webhook.fields = wishes.url, wishes.events, wishes.fields
        webhook.description, webhook.contact = wishes.description, wishes.contact
        if enabled is not None:
            webhook.switch(enabled=enabled)
        return self._saved(webhook)

    async def rotate(self, webhook_id: WebhookId, overlap: timedelta) -> Outcome[Signed]:
        """Give an endpoint a new secret beside the one it has. Raises ``WebhookNotFound``."""
        webhook = await self.webhook(webhook_id)
        secret, sealed = self._signing.new(webhook_id)
        webhook.rotate(sealed, self._clock.now(), overlap)
        return Outcome(Signed(webhook, secret), self._saved(webhook).changes)

    async def reseal(self) -> None:
        """Seal by the newest key what an older one sealed, and what a shop from before one kept."""
        for webhook in await self._webhooks.webhooks():
            if self._signing.renew(webhook):
                await commit_outcome(self._webhooks, partial(self._resealed, webhook.id))

    async def _resealed(self, webhook_id: WebhookId) -> Outcome[None]:
        webhook, changes = await self._webhooks.webhook(webhook_id), Changes()
        if webhook is not None and self._signing.renew(webhook):
            changes.save(webhook)
        return Outcome(None, changes)

    async def remove(self, webhook_id: WebhookId) -> Outcome[None]:
        """Forget an endpoint and its deliveries. Raises ``WebhookNotFound``."""
        changes = Changes()
        changes.remove(await self.webhook(webhook_id))
        changes.then(self._forget)
        return Outcome(None, changes)

    def _check(self, wishes: Wishes) -> None:
        errors = [
            FieldError(f"/events/{place}", "is no event that can be subscribed to")
            for place, name in enumerate(wishes.events)
            if name not in self._offered
        ]
        if objection := self._caller.objection(wishes.url):
            errors.append(FieldError("/url", objection))
        if errors:
            raise InvalidInput(errors)

    def _saved(self, webhook: Webhook) -> Outcome[Webhook]:
        changes = Changes()
        changes.save(webhook)
        changes.then(self._forget)
        changes.then(lambda: self._wake(webhook.id))
        return Outcome(webhook, changes)

    def _forget(self) -> None:
        self._known_until = float("-inf")

    # Deliveries.

    async def deliveries(
        self,
        webhook_id: WebhookId,
        *,
        status: DeliveryStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Delivery]:
        """Return an endpoint's deliveries, newest first. Raises ``WebhookNotFound``."""
        await self.webhook(webhook_id)
        return await self._webhooks.deliveries(
            webhook_id, status=status, limit=limit, cursor=cursor
        )

    async def delivery(self, webhook_id: WebhookId, delivery_id: DeliveryId) -> Delivery:
        """Return one of an endpoint's deliveries. Raises ``WebhookNotFound``."""
        found = await self._webhooks.delivery(delivery_id)
        if found is None or found.webhook_id != webhook_id:
            raise WebhookNotFound
        return found

    async def test(self, webhook_id: WebhookId) -> Outcome[Delivery]:
        """Send an endpoint an event that means nothing. Raises ``WebhookNotFound``."""
        webhook = await self.webhook(webhook_id)
        event_id = self._ids.new()
        envelope = Envelope(
            id=event_id,
            source="/kibble/notification",
            type=TEST,
            subject=webhook.id,
            time=to_text(self._clock.now()),
            dataschema=f"urn:kibble:event:{TEST}:1",
            sequence=1,
            partitionkey=webhook.id,
        )
        delivery = self._delivery(webhook, envelope, {"webhookId": webhook.id})
        return Outcome(delivery, self._to_send([delivery]))

    async def replay(self, webhook_id: WebhookId, delivery_id: DeliveryId) -> Outcome[Delivery]:
        """Send one event again. Raises ``WebhookNotFound``."""
        delivery = await self.delivery(webhook_id, delivery_id)
        delivery.replay(self._clock.now())
        return Outcome(delivery, self._to_send([delivery]))

    async def replay_all(self, webhook_id: WebhookId, wanted: Range) -> Outcome[Sequence[Delivery]]:
        """Send the events of a range again, the oldest ``REPLAYED_AT_ONCE``; return which.

        Raises ``WebhookNotFound``.
        """
        await self.webhook(webhook_id)
        found = await self._webhooks.deliveries_in(webhook_id, wanted, REPLAYED_AT_ONCE)
        for delivery in found:
            delivery.replay(self._clock.now())
        return Outcome(found, self._to_send(found))

    def _to_send(self, deliveries: Sequence[Delivery]) -> Changes:
        changes = Changes()
        for delivery in deliveries:
            changes.save(delivery)
        for webhook_id in {delivery.webhook_id for delivery in deliveries}:
            changes.then(_waking(self._wake, webhook_id))
        return changes

    # What happens on events.

    async def record(self, _: Event, received: Received) -> Outcome[None]:
        """Note an event for every endpoint that wants it, once each.

        An endpoint is not told of what was before it.
        """
        envelope = received.envelope
        at = from_text(envelope.time)
        wanted = [
            webhook
            for webhook in await self._all_known()
            if envelope.type in webhook.events and webhook.created_at <= at
        ]
        if not wanted:
            return unchanged(None)
        told = await self._webhooks.recorded(envelope.id)
        data = msgspec.json.decode(envelope.data)
        new = [self._delivery(one, envelope, data) for one in wanted if one.id not in told]
        return Outcome(None, self._to_send(new))

    async def _all_known(self) -> Sequence[Webhook]:
        now = self._clock.monotonic()
        if now >= self._known_until:
            self._known_until = now + KNOWN_SECONDS
            self._known = await self._webhooks.webhooks()
        return self._known

    def _delivery(self, webhook: Webhook, envelope: Envelope, data: dict[str, object]) -> Delivery:
        now = self._clock.now()
        customer_id = data.get("customerId")
        return Delivery(
            id=DeliveryId(self._ids.new()),
            webhook_id=webhook.id,
            event_id=envelope.id,
            event_type=envelope.type,
            subject=envelope.subject,
            body=body_of(envelope, data, webhook.fields),
            due_at=now,
            created_at=now,
            customer_id=CustomerId(customer_id) if isinstance(customer_id, str) else None,
            personal=webhook.fields is Fields.PERSONAL and tells_of_a_person(data),
        )


def _waking(wake: Wake, webhook_id: WebhookId) -> Callable[[], None]:
    return lambda: wake(webhook_id)
