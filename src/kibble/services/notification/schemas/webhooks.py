"""Webhooks at the border."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from kibble.contracts.email import Email
from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import DeliveryId, is_id
from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from kibble.kernel.personal import Personal
from kibble.platform.web.json import Instant
from kibble.services.notification.model.webhook import (
    LONGEST_OVERLAP,
    Attempt,
    Delivery,
    DeliveryStatus,
    Fields,
    Webhook,
)
from kibble.services.notification.repository.webhooks import Range
from kibble.services.notification.schemas.messages import Answer, Id, Request
from kibble.services.notification.service.webhooks import REPLAYED_AT_ONCE, Wishes

Url = Annotated[
    str, msgspec.Meta(min_length=1, max_length=2_000, examples=["https://erp.example/hooks"])
]
EventNames = Annotated[
    list[Annotated[str, msgspec.Meta(max_length=60, examples=["order.confirmed"])]],
    msgspec.Meta(min_length=1, max_length=50),
]
Description = Annotated[str, msgspec.Meta(max_length=200)]
OverlapHours = Annotated[int, msgspec.Meta(ge=0, le=LONGEST_OVERLAP.days * 24)]


class NewWebhook(Request, frozen=True):
    """An endpoint to tell; ``contact`` is the mailbox that hears when it is switched off."""

    url: Url
    events: EventNames
    fields: Fields = Fields.IDS
    description: Description = ""
    contact: Email | None = None

    def wishes(self) -> Wishes:
        """Return what is wanted."""
        return Wishes(
            url=self.url,
            events=tuple(dict.fromkeys(self.events)),
            fields=self.fields,
            description=self.description,
            contact=self.contact,
        )


class ChangeWebhook(Request, frozen=True):
    """What to change of an endpoint; what is left out stays."""

    url: Url | msgspec.UnsetType = msgspec.UNSET
    events: EventNames | msgspec.UnsetType = msgspec.UNSET
    fields: Fields | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    contact: Email | msgspec.UnsetType | None = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET

    def revise(self, before: Wishes) -> Wishes:
        """Return what is wanted now."""
        unset = msgspec.UNSET
        return Wishes(
            url=before.url if self.url is unset else self.url,
            events=before.events if self.events is unset else tuple(dict.fromkeys(self.events)),
            fields=before.fields if self.fields is unset else self.fields,
            description=before.description if self.description is unset else self.description,
            contact=before.contact if self.contact is unset else self.contact,
        )


class NewSecret(Request, frozen=True):
    """A new secret; the one before is good for ``overlapHours`` longer."""

    overlap_hours: OverlapHours = 24


class ReplayRange(Request, frozen=True):
    """Which deliveries to send again: those whose events were noted from ``since`` to ``before``.

    Without ``before`` up to now. ``after`` goes on where an earlier answer's ``next`` said.
    """

    since: Instant
    before: Instant | None = None
    status: DeliveryStatus = DeliveryStatus.FAILED
    after: Id | None = None

    def range(self, clock: Clock) -> Range:
        """Return the range; raises ``InvalidInput`` for no delivery's id, or no time in UTC."""
        if self.after is not None and not is_id(self.after):
            raise InvalidInput.at("/after", "is no id of a delivery")
        return Range(
            status=self.status,
            since=_in_utc("/since", self.since),
            before=_in_utc("/before", self.before or clock.now()),
            after=DeliveryId(self.after) if self.after else None,
        )


def _in_utc(pointer: str, moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput.at(pointer, "is before or after all that there is in UTC") from error


class DeliveriesQuery(msgspec.Struct, frozen=True, rename="camel"):
    """Which of an endpoint's deliveries."""

    status: DeliveryStatus | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None


class EventView(Answer, frozen=True):
    """A type of event that endpoints may be told of."""

    type: str
    about: str


class WebhookView(Answer, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint. ``secret`` is told once: when it is made.

    ``secretsActive`` counts those that are signed with; ``disabledReason`` is staff, failing or
    gone.
    """

    id: str
    url: str
    events: list[str]
    fields: Fields
    description: str
    contact: str | None
    enabled: bool
    disabled_reason: str | None
    failing_since: Instant | None
    secrets_active: int
    created_at: Instant
    secret: str | msgspec.UnsetType = msgspec.UNSET

    @classmethod
    def of(
        cls, webhook: Webhook, now: datetime, *, secret: str | msgspec.UnsetType = msgspec.UNSET
    ) -> WebhookView:
        """Return the view of ``webhook``; with its newest secret, if that is given."""
        return cls(
            id=webhook.id,
            url=webhook.url,
            events=list(webhook.events),
            fields=webhook.fields,
            description=webhook.description,
            contact=webhook.contact,
            enabled=webhook.enabled,
            disabled_reason=webhook.disabled_reason,
            failing_since=webhook.failing_since,
            secrets_active=len(webhook.signing(now)),
            created_at=webhook.created_at,
            secret=secret,
        )


class AttemptView(Answer, frozen=True):
    """One request: what came back, or why nothing did."""

    at: Instant
    status: int | None
    error: str | None
    milliseconds: int

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptView:
        """Return the view of ``attempt``."""
        return cls(attempt.at, attempt.status, attempt.error, attempt.milliseconds)


class DeliveryView(Answer, frozen=True):
    """One event on its way to an endpoint, and how far it got; ``dueAt`` is its next attempt."""

    id: str
    event_id: str
    type: str
    subject: str
    status: DeliveryStatus
    tries: int
    created_at: Instant
    due_at: Instant | None
    last_attempt: AttemptView | None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryView:
        """Return the view of ``delivery``."""
        waits = delivery.status is DeliveryStatus.PENDING
        return cls(
            delivery.id,
            delivery.event_id,
            delivery.event_type,
            delivery.subject,
            delivery.status,
            delivery.tries,
            delivery.created_at,
            delivery.due_at if waits else None,
            AttemptView.of(delivery.attempts[-1]) if delivery.attempts else None,
        )


class DeliveryDetail(Answer, frozen=True):
    """A delivery whole: what is sent, and the latest attempts, oldest first."""

    delivery: DeliveryView
    payload: Personal[dict[str, Any]]
    attempts: list[AttemptView]

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryDetail:
        """Return the view of ``delivery``."""
        return cls(
            DeliveryView.of(delivery),
            msgspec.json.decode(delivery.body, type=dict[str, Any]),
            [AttemptView.of(attempt) for attempt in delivery.attempts],
        )


class ReplayedView(Answer, frozen=True):
    """How many were sent again; there may be more of them after ``next``, if it is given."""

    replayed: int
    next: str | None

    @classmethod
    def of(cls, replayed: Sequence[Delivery]) -> ReplayedView:
        """Return the view of what was sent again at once."""
        is_full = len(replayed) >= REPLAYED_AT_ONCE
        return cls(len(replayed), replayed[-1].id if is_full else None)
