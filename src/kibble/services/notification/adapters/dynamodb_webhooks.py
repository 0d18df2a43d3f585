"""Webhooks and their deliveries in DynamoDB.

Few endpoints are one partition; a delivery is one item by itself, found by indices. What tells that
an endpoint has a delivery of an event is one item an event, however many endpoints there are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from kibble.kernel.clock import to_text
from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import DeliveryId, WebhookId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.platform.engines.aws.dynamodb import (
    CHECK,
    NEW,
    Condition,
    DynamoTable,
    Item,
    Step,
)
from kibble.platform.persistence.changes import Aggregate
from kibble.services.notification.adapters import dynamodb_items as items
from kibble.services.notification.model.webhook import Delivery, DeliveryStatus, Webhook
from kibble.services.notification.repository.webhooks import Range

_GUARD = {"pk": "guard", "sk": items.WEBHOOKS}
"""The item that names the endpoint that was removed last.

A delivery is written only if that is still the one that it was when the endpoints were read.
"""
_LAST = "~"
_OF = "head = :head AND id BETWEEN :first AND :last"


class _HasTable(Protocol):
    @property
    def table(self) -> DynamoTable: ...

    async def delivery(self, delivery_id: DeliveryId) -> Delivery | None: ...

    async def webhooks(self) -> Sequence[Webhook]: ...


class DynamoWebhooks:
    """Implements ``WebhookRepository`` for a store."""

    async def webhooks(self: _HasTable) -> Sequence[Webhook]:
        """See ``WebhookRepository.webhooks``."""
        found = self.table.query("pk = :pk", {":pk": items.WEBHOOKS})
        return [items.WEBHOOK.read(item) async for item in found]

    async def webhook(self: _HasTable, webhook_id: WebhookId) -> Webhook | None:
        """See ``WebhookRepository.webhook``."""
        item = await self.table.get(items.WEBHOOKS, webhook_id)
        return items.WEBHOOK.read(item) if item else None

    async def delivery(self: _HasTable, delivery_id: DeliveryId) -> Delivery | None:
        """See ``WebhookRepository.delivery``."""
        item = await self.table.get(items.of_delivery(delivery_id), "delivery")
        return items.DELIVERY.read(item) if item else None

    async def deliveries(
        self: _HasTable,
        webhook_id: WebhookId,
        *,
        status: DeliveryStatus | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Delivery]:
        """See ``WebhookRepository.deliveries``."""
        last = str(decode_cursor(cursor, str)[0]) if cursor else _LAST
        found: list[Delivery] = []
        async for one in _of(self.table, webhook_id, last=last, newest_first=True):
            if one.id != last and (status is None or one.status is status):
                found.append(one)
            if len(found) > limit:
                break
        return page_of(found, limit, lambda each: encode_cursor(each.id))

    async def recorded(self: _HasTable, event_id: str) -> frozenset[WebhookId]:
        """See ``WebhookRepository.recorded``."""
        item = await self.table.get(f"event#{event_id}", "told")
        return frozenset(map(WebhookId, item["webhooks"])) if item else frozenset()

    async def with_due_deliveries(self: _HasTable, now: datetime) -> Sequence[WebhookId]:
        """See ``WebhookRepository.with_due_deliveries``."""
        found: list[WebhookId] = []
        for webhook in await self.webhooks():
            if webhook.enabled:
                async for _ in _due(self.table, webhook.id, now, page=1):
                    found.append(webhook.id)
                    break
        return found

    async def due_deliveries(
        self: _HasTable, webhook_id: WebhookId, now: datetime, limit: int
    ) -> Sequence[Delivery]:
        """See ``WebhookRepository.due_deliveries``."""
        found: list[Delivery] = []
        async for item in _due(self.table, webhook_id, now, page=limit):
            one = await self.delivery(item["id"])
            if one and one.status is DeliveryStatus.PENDING and one.due_at <= now:
                found.append(one)
            if len(found) == limit:
                break
        return found

    async def deliveries_in(
        self: _HasTable, webhook_id: WebhookId, wanted: Range, limit: int
    ) -> Sequence[Delivery]:
        """See ``WebhookRepository.deliveries_in``."""
        found: list[Delivery] = []
        async for one in _of(self.table, webhook_id, first=wanted.after or "-"):
            within = wanted.since <= one.created_at < wanted.before
            if within and one.status is wanted.status and one.id != wanted.after:
                found.append(one)
            if len(found) == limit:
                break
        return found

    async def announcing(self: _HasTable, new: Iterable[Delivery]) -> list[Step]:
        """Return what is written beside new deliveries, so that each is one an event and endpoint.

        Raises ``StaleVersion`` when one is there already, or its endpoint is not.
        """
        by_event: dict[str, list[Delivery]] = {}
        for one in new:
            by_event.setdefault(one.event_id, []).append(one)
        guard = await self.table.get(_GUARD["pk"], _GUARD["sk"])
        there = {webhook.id for webhook in await self.webhooks()}
        unmoved = Condition("removed = :was", {":was": guard["removed"]}) if guard else None
        found = [Step(_GUARD, unmoved or Condition(NEW), act=CHECK)]
        for event_id, deliveries in by_event.items():
            kept = await self.table.get(f"event#{event_id}", "told")
            before: list[str] = kept["webhooks"] if kept else []
            told: list[str] = [one.webhook_id for one in deliveries]
            if not there.issuperset(told) or {*before} & {*told} or len({*told}) < len(told):
                raise StaleVersion("An endpoint is gone, or was told of the event already.")
            same = Condition("webhooks = :was", {":was": before}) if kept else Condition(NEW)
            item = items.told(event_id, [*before, *told], deliveries[0])
            found.append(Step(item, same))
        return found

    def guarding(self, removed: Aggregate) -> list[Step]:
        """Return what tells those who write deliveries that an endpoint is removed."""
        return [Step({**_GUARD, "removed": removed.id})] if isinstance(removed, Webhook) else []

    async def forget_deliveries(self: _HasTable, webhook_id: WebhookId) -> None:
        """Delete all deliveries of an endpoint; what a crash leaves is gone with its age."""
        keys: list[Item] = [_key(one) async for one in _of(self.table, webhook_id)]
        await self.table.delete_all(keys)

    async def prune_deliveries(self: _HasTable, before: datetime) -> None:
        """Delete the deliveries that were noted before a moment, the oldest of each endpoint."""
        for webhook in await self.webhooks():
            keys: list[Item] = []
            async for one in _of(self.table, webhook.id):
                if one.created_at >= before:
                    break
                keys.append(_key(one))
            await self.table.delete_all(keys)


def _key(delivery: Delivery) -> Item:
    return {"pk": items.of_delivery(delivery.id), "sk": "delivery"}


async def _of(
    table: DynamoTable,
    webhook_id: WebhookId,
    *,
    first: str = "-",
    last: str = _LAST,
    newest_first: bool = False,
) -> AsyncIterator[Delivery]:
    """Yield an endpoint's deliveries by their ids, as of a moment ago."""
    # An upper bound below the lower one is refused.
    values = {":head": items.of_webhook(webhook_id), ":first": first, ":last": max(first, last)}
    async for item in table.query(_OF, values, index="about", newest_first=newest_first):
        yield items.DELIVERY.read(item)


def _due(
    table: DynamoTable, webhook_id: WebhookId, now: datetime, *, page: int
) -> AsyncIterator[Item]:
    due = {":waiting": items.of_webhook(webhook_id), ":now": to_text(now)}
    where = "waiting = :waiting AND due_at <= :now"
    return table.query(where, due, index="due", page=page)
