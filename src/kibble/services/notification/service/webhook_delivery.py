"""Telling endpoints outside the shop what is due: outside any transaction, and then noted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import (
    CustomerId,
    DeliveryId,
    IdSource,
    NotificationId,
    Randomness,
    WebhookId,
)
from kibble.kernel.languages import FALLBACK
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.platform.persistence.claims import Claims
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.tasks import Worker
from kibble.services.notification.errors import DeliveryFailed
from kibble.services.notification.integration import (
    Copywriter,
    WebhookCaller,
    WebhookRequest,
)
from kibble.services.notification.model import KINDS, Preferences, Request, compose
from kibble.services.notification.model.signature import signature
from kibble.services.notification.model.webhook import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Webhook,
)
from kibble.services.notification.repository.webhooks import WebhookRepository
from kibble.services.notification.service.signing import Signing

_log = structlog.get_logger()

AT_ONCE = 4
"""How many events one endpoint is told side by side."""
ENDPOINTS_AT_ONCE = 16
CLAIM = timedelta(seconds=60)
"""How long other processes leave an endpoint alone."""
GO_ON_WITHIN = CLAIM / 2
"""How long after the claim another round may begin: what is left of it is for that."""
FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 5.0, 300.0
USER_AGENT = "Kibble-Webhooks/1"
_NOBODYS = Preferences(customer_id=CustomerId(""))


class WebhookSender:
    """Hands events over to endpoints, at least once each.

    Of several processes one at a time serves an endpoint. It is told some events side by side, in
    the order in which they fell due, so their order is not promised. An endpoint that fails has a
    rest, for all that waits there; others do not wait for it.
    """

    def __init__(
        self,
        webhooks: WebhookRepository,
        caller: WebhookCaller,
        copywriter: Copywriter,
        claims: Claims,
        signing: Signing,
        *,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
    ) -> None:
        self._webhooks = webhooks
        self._caller = caller
        self._copywriter = copywriter
        self._claims = claims
        self._signing = signing
        self._clock = clock
        self._ids = ids
        self._randomness = randomness
        self._rests: dict[WebhookId, tuple[int, float]] = {}
        self.worker: Worker[WebhookId] = Worker(
            "send webhooks",
            load=self._due,
            work=self._serve,
            clock=clock,
            concurrency=ENDPOINTS_AT_ONCE,
        )

    async def sweep(self) -> None:
        """Have every endpoint served that has something due, and no rest."""
        for webhook_id in await self._due():
            self.worker.submit(webhook_id)

    async def _due(self) -> list[WebhookId]:
        now = self._clock.monotonic()
        due = await self._webhooks.with_due_deliveries(self._clock.now())
        return [each for each in due if self._rests.get(each, (0, 0.0))[1] <= now]

    async def _serve(self, webhook_id: WebhookId) -> None:
        """Tell an endpoint what is due, until it fails or nothing is left."""
        now = self._clock.now()
        key = f"webhook {webhook_id}"
        if not await self._claims.take(key, now, now + CLAIM):
            return
        try:
            while await self._serve_some(webhook_id):
                if self._clock.now() - now >= GO_ON_WITHIN:
                    break
        finally:
            await self._claims.give_back([key])

    async def _serve_some(self, webhook_id: WebhookId) -> bool:
        """Tell a few events; tell whether to go on."""
        now = self._clock.now()
        webhook = await self._webhooks.webhook(webhook_id)
        if webhook is None or not webhook.enabled:
            return False
        due = await self._webhooks.due_deliveries(webhook_id, now, AT_ONCE)
        attempts = await asyncio.gather(*(self._try(webhook, delivery) for delivery in due))
        made = {delivery.id: attempt for delivery, attempt in zip(due, attempts, strict=True)}
        if not made:
            return False
        await commit_outcome(self._webhooks, lambda: self._note(webhook_id, made))
        all_taken = all(attempt.succeeded for attempt in attempts)
        self._rest(webhook_id, needed=not all_taken)
        return all_taken

    def _rest(self, webhook_id: WebhookId, *, needed: bool) -> None:
        count, _ = self._rests.pop(webhook_id, (0, 0.0))
        if needed:
            seconds = min(FIRST_REST_SECONDS * 2**count, LONGEST_REST_SECONDS)
            self._rests[webhook_id] = (min(count + 1, 10), self._clock.monotonic() + seconds)

    async def _try(self, webhook: Webhook, delivery: Delivery) -> Attempt:
        at, began = self._clock.now(), self._clock.monotonic()
        status, error = None, None
        try:
            status = await self._caller.call(self._request(webhook, delivery, at))
        except Unavailable as failure:
            error = failure.message
        took = self._clock.monotonic() - began
        return Attempt(at=at, status=status, error=error, milliseconds=round(took * 1000))

    def _request(self, webhook: Webhook, delivery: Delivery, at: datetime) -> WebhookRequest:
        secrets = self._signing.secrets(webhook, at)
        if not secrets:
            raise DeliveryFailed("The endpoint's secret does not open: make a new one.")
        body = delivery.body.encode()
        timestamp = int(at.timestamp())
        return WebhookRequest(
            url=webhook.url,
            headers={
                "content-type": "application/json",
                "user-agent": USER_AGENT,
                "webhook-id": delivery.event_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signature(secrets, delivery.event_id, timestamp, body),
            },
            body=body,
        )

    async def _note(self, webhook_id: WebhookId, made: dict[DeliveryId, Attempt]) -> Outcome[None]:
        """Write what came of some attempts into what there is now."""
        now, changes = self._clock.now(), Changes()
        deliveries = await asyncio.gather(*map(self._webhooks.delivery, made))
        for delivery in deliveries:
            if delivery is not None and delivery.status is DeliveryStatus.PENDING:
                delivery.note(made[delivery.id], now, self._randomness.random())
                changes.save(delivery)
        webhook = await self._webhooks.webhook(webhook_id)
        if webhook is not None:
            self._note_health(webhook, made.values(), now, changes)
        return Outcome(None, changes)

    def _note_health(
        self, webhook: Webhook, attempts: Iterable[Attempt], now: datetime, changes: Changes
    ) -> None:
        before = (webhook.failing_since, webhook.enabled)
        switched_off = False
        for attempt in attempts:
            switched_off = webhook.note(attempt, now) or switched_off
        if (webhook.failing_since, webhook.enabled) != before:
            changes.save(webhook)
        if switched_off:
            _log.warning("webhook off", webhook_id=webhook.id, reason=webhook.disabled_reason)
            self._tell_staff(webhook, now, changes)

    def _tell_staff(self, webhook: Webhook, now: datetime, changes: Changes) -> None:
        if webhook.contact is None:
            return
        request = Request(
            id=f"webhook:{webhook.id}:{webhook.version}",
            kind=KINDS["webhook_disabled"],
            customer_id=None,
            email=webhook.contact,
        )
        facts = {"url": webhook.url, "reason": webhook.disabled_reason, "webhookId": webhook.id}
        copy = self._copywriter.write("webhook_disabled", facts, FALLBACK)
        for message in compose(
            request,
            _NOBODYS,
            copy,
            now=now,
            new_id=lambda: NotificationId(self._ids.new()),
        ):
            changes.save(message)
