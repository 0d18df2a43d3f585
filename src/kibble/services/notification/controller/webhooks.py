"""Webhooks over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kibble.kernel.clock import Clock
from kibble.kernel.ids import DeliveryId, WebhookId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, accepted, created, listed, no_content, ok
from kibble.platform.web.route import Route, get, write
from kibble.services.notification.model.webhook import Webhook
from kibble.services.notification.schemas.webhooks import (
    ChangeWebhook,
    DeliveriesQuery,
    DeliveryDetail,
    DeliveryView,
    EventView,
    NewSecret,
    NewWebhook,
    ReplayedView,
    ReplayRange,
    WebhookView,
)
from kibble.services.notification.service.webhooks import Signed, WebhookService

ADMIN = "webhooks:admin"


class WebhookController:
    """One method a route."""

    def __init__(
        self, service: WebhookService, store: Store, clock: Clock, offered: dict[str, str]
    ) -> None:
        """``offered`` has what there is to subscribe to, and what each is about."""
        self._service = service
        self._store = store
        self._clock = clock
        self._offered = offered

    async def list_webhooks(self, call: Call[None, None]) -> Reply:
        """GET /api/webhooks."""
        return listed(Page(await self._service.webhooks()), self._view, call.next_url)

    async def list_webhook_events(self, call: Call[None, None]) -> Reply:
        """GET /api/webhooks/events."""
        events = [EventView(name, about) for name, about in sorted(self._offered.items())]
        return listed(Page(events), lambda event: event, call.next_url)

    async def add_webhook(self, call: Call[NewWebhook, None]) -> Reply:
        """POST /api/webhooks."""
        return await call.transact(
            self._store,
            lambda: self._service.add(call.body.wishes()),
            lambda made: created(
                self._signed(made),
                f"/api/webhooks/{made.webhook.id}",
                etag=str(made.webhook.version),
            ),
        )

    async def get_webhook(self, call: Call[None, None]) -> Reply:
        """GET /api/webhooks/{webhookId}."""
        return self._shown(await self._service.webhook(_id(call)))

    async def change_webhook(self, call: Call[ChangeWebhook, None]) -> Reply:
        """PATCH /api/webhooks/{webhookId}."""
        enabled = call.body.enabled
        return await call.transact(
            self._store,
            lambda: self._service.change(
                _id(call),
                call.body.revise,
                enabled=enabled if isinstance(enabled, bool) else None,
                expect=call.require_version,
            ),
            self._shown,
        )

    async def remove_webhook(self, call: Call[None, None]) -> Reply:
        """DELETE /api/webhooks/{webhookId}."""
        return await call.transact(
            self._store, lambda: self._service.remove(_id(call)), lambda _: no_content()
        )

    async def rotate_webhook_secret(self, call: Call[NewSecret, None]) -> Reply:
        """POST /api/webhooks/{webhookId}/secret."""
        overlap = timedelta(hours=call.body.overlap_hours)
        return await call.transact(
            self._store,
            lambda: self._service.rotate(_id(call), overlap),
            lambda made: ok(self._signed(made), etag=str(made.webhook.version)),
        )

    async def test_webhook(self, call: Call[None, None]) -> Reply:
        """POST /api/webhooks/{webhookId}/test."""
        return await call.transact(
            self._store,
            lambda: self._service.test(_id(call)),
            lambda delivery: accepted(DeliveryView.of(delivery)),
        )

    async def list_deliveries(self, call: Call[None, DeliveriesQuery]) -> Reply:
        """GET /api/webhooks/{webhookId}/deliveries."""
        query = call.query
        page = await self._service.deliveries(
            _id(call), status=query.status, limit=query.limit, cursor=query.cursor
        )
        return listed(page, DeliveryView.of, call.next_url)

    async def get_delivery(self, call: Call[None, None]) -> Reply:
        """GET /api/webhooks/{webhookId}/deliveries/{deliveryId}."""
        return ok(DeliveryDetail.of(await self._service.delivery(_id(call), _delivery_id(call))))

    async def replay_delivery(self, call: Call[None, None]) -> Reply:
        """POST /api/webhooks/{webhookId}/deliveries/{deliveryId}/replay."""
        return await call.transact(
            self._store,
            lambda: self._service.replay(_id(call), _delivery_id(call)),
            lambda delivery: accepted(DeliveryView.of(delivery)),
        )

    async def replay_deliveries(self, call: Call[ReplayRange, None]) -> Reply:
        """POST /api/webhooks/{webhookId}/replay."""
        wanted = call.body.range(self._clock)
        return await call.transact(
            self._store,
            lambda: self._service.replay_all(_id(call), wanted),
            lambda replayed: accepted(ReplayedView.of(replayed)),
        )

    def _view(self, webhook: Webhook) -> WebhookView:
        return WebhookView.of(webhook, self._clock.now())

    def _signed(self, made: Signed) -> WebhookView:
        return WebhookView.of(made.webhook, self._clock.now(), secret=made.secret)

    def _shown(self, webhook: Webhook) -> Reply:
        return ok(self._view(webhook), etag=str(webhook.version))


def _id(call: Call[Any, Any]) -> WebhookId:
    return WebhookId(call.id("webhookId"))


def _delivery_id(call: Call[Any, Any]) -> DeliveryId:
    return DeliveryId(call.id("deliveryId"))


def routes(controller: WebhookController) -> list[Route]:
    """Return the table of the webhooks' routes."""
    c = controller
    webhooks, one = "/api/webhooks", "/api/webhooks/{webhookId}"
    deliveries = f"{one}/deliveries"
    delivery = f"{deliveries}/{{deliveryId}}"
    return [
        get(webhooks, c.list_webhooks, "All webhooks", ADMIN, answer=list[WebhookView]),
        write(
            "POST",
            webhooks,
            c.add_webhook,
            "Have an endpoint told of events; the secret is shown this once",
            ADMIN,
            body=NewWebhook,
            answer=WebhookView,
            status=201,
        ),
        get(
            f"{webhooks}/events",
            c.list_webhook_events,
            "The events that endpoints may be told of",
            ADMIN,
            answer=list[EventView],
        ),
        get(one, c.get_webhook, "A webhook", ADMIN, answer=WebhookView),
        write(
            "PATCH",
            one,
            c.change_webhook,
            "Change a webhook, or switch it on or off",
            ADMIN,
            body=ChangeWebhook,
            answer=WebhookView,
            conditional=True,
        ),
        write("DELETE", one, c.remove_webhook, "Remove a webhook", ADMIN, status=204),
        write(
            "POST",
            f"{one}/secret",
            c.rotate_webhook_secret,
            "Make a new secret; the one before stays good for a while",
            ADMIN,
            body=NewSecret,
            answer=WebhookView,
        ),
        write(
            "POST",
            f"{one}/test",
            c.test_webhook,
            "Send a test event",
            ADMIN,
            answer=DeliveryView,
            status=202,
        ),
        get(
            deliveries,
            c.list_deliveries,
            "What an endpoint was told, newest first",
            ADMIN,
            query=DeliveriesQuery,
            answer=list[DeliveryView],
        ),
        write(
            "POST",
            f"{one}/replay",
            c.replay_deliveries,
            "Send the events of a while again",
            ADMIN,
            body=ReplayRange,
            answer=ReplayedView,
            status=202,
        ),
        get(delivery, c.get_delivery, "A delivery and its attempts", ADMIN, answer=DeliveryDetail),
        write(
            "POST",
            f"{delivery}/replay",
            c.replay_delivery,
            "Send an event again",
            ADMIN,
            answer=DeliveryView,
            status=202,
        ),
    ]
