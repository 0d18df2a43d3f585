"""Webhooks: who outside the shop is told of which events, and one event on its way there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from kibble.kernel.ids import CustomerId, DeliveryId, WebhookId
from kibble.kernel.personal import Personal, Secret
from kibble.kernel.state_machine import StateMachine

MAX_WEBHOOKS = 50
LONGEST_OVERLAP = timedelta(days=7)

TRIED_FOR = timedelta(days=3)
"""How long an event is tried, from its first attempt or its replay."""
FAILING_FOR = timedelta(days=5)
"""How long an endpoint may fail, without one success, before it is switched off."""
KEPT_FOR = timedelta(days=30)
"""How long a delivery is kept, whatever became of it."""
KEPT_ATTEMPTS = 20

_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(hours=6)
_FACTOR = 4.0

GONE = 410
"""The answer by which an endpoint says that it wants no more (RFC 9110, section 15.5.11)."""
_SUCCESSES = range(200, 300)


class Fields(Enum):
    """How much of an event's data an endpoint is told."""

    IDS = "ids"
    DETAILS = "details"
    PERSONAL = "personal"


class DeliveryStatus(Enum):
    """Where an event for one endpoint stands; FAILED waits for a replay."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


LIFE = StateMachine(
    "delivery",
    {
        DeliveryStatus.PENDING: frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}),
        DeliveryStatus.DELIVERED: frozenset({DeliveryStatus.PENDING}),
        DeliveryStatus.FAILED: frozenset({DeliveryStatus.PENDING}),
    },
    DeliveryStatus.PENDING,
)


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """What an endpoint checks signatures with; one that was followed by another ends ``until``.

    ``value`` is sealed for its webhook; a shop that is older than the seal has it in clear.
    """

    value: Secret[str] = field(repr=False)
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Webhook:
    """An endpoint outside the shop, and what it wants to hear.

    While it is off, what it would be told waits. ``failing_since`` is when it first failed since
    its last success; ``contact`` is the mailbox that hears when it is switched off.
    """

    id: WebhookId
    url: str
    events: tuple[str, ...]
    fields: Fields
    description: str
    contact: str | None
    secrets: tuple[SigningSecret, ...]
    created_at: datetime
    enabled: bool = True
    disabled_reason: str | None = None
    failing_since: datetime | None = None
    version: int = 0

    def signing(self, now: datetime) -> list[str]:
        """Return the sealed secrets to sign with, the newest first."""
        return [one.value for one in self.secrets if one.until is None or one.until > now]

    def rotate(self, value: str, now: datetime, overlap: timedelta) -> None:
        """Sign with a new sealed secret too, and with the one before for ``overlap`` longer.

        No more than two are active: one that was about to end ends now.
        """
        before = SigningSecret(self.secrets[0].value, now + overlap)
        self.secrets = (SigningSecret(value), *([before] if overlap else []))

    def switch(self, *, enabled: bool) -> None:
        """Switch the endpoint on or off by hand."""
        if enabled != self.enabled:
            self.enabled, self.failing_since = enabled, None
            self.disabled_reason = None if enabled else "staff"

    def note(self, attempt: Attempt, now: datetime) -> bool:
        """Note how an attempt went; tell whether that switched the endpoint off."""
        if attempt.succeeded:
            self.failing_since = None
            return False
        self.failing_since = self.failing_since or now
        if attempt.status == GONE:
            self.disabled_reason = "gone"
        elif now - self.failing_since >= FAILING_FOR:
            self.disabled_reason = "failing"
        else:
            return False
        was, self.enabled = self.enabled, False
        return was


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request: when, what came back (``status`` None for no answer, and why), how long."""

    at: datetime
    status: int | None
    error: str | None
    milliseconds: int

    @property
    def succeeded(self) -> bool:
        """Whether the endpoint took the event: any 2xx."""
        return self.status in _SUCCESSES


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint; ``body`` is what is sent, the same on every attempt.

    ``tries`` counts the attempts since the beginning or the last replay, ``attempts`` has the
    latest of all. ``personal`` says that the body tells of a person, ``customer_id`` of whom.
    """

    id: DeliveryId
    webhook_id: WebhookId
    event_id: str
    event_type: str
    subject: str
    body: Personal[str]
    due_at: datetime
    created_at: datetime
    customer_id: CustomerId | None = None
    personal: bool = False
    status: DeliveryStatus = DeliveryStatus.PENDING
    tries: int = 0
    started_at: datetime | None = None
    attempts: list[Attempt] = field(default_factory=list)
    version: int = 0

    def note(self, attempt: Attempt, now: datetime, jitter: float) -> None:
        """Note an attempt, and decide what follows: nothing more, or another one later.

        The pause grows fourfold from 5 s up to 6 h; ``jitter`` from 0 to 1 takes up to half of it
        away. The last attempt is three days after the first. What says that it is gone is not
        tried again.
        """
        self.tries += 1
        self.started_at = self.started_at or now
        self.attempts = [*self.attempts, attempt][-KEPT_ATTEMPTS:]
        ends_at = self.started_at + TRIED_FOR
        if attempt.succeeded:
            self.status = LIFE.move(self.status, DeliveryStatus.DELIVERED)
        elif attempt.status == GONE or now >= ends_at:
            self.status = LIFE.move(self.status, DeliveryStatus.FAILED)
        else:
            self.due_at = min(now + _pause(self.tries, jitter), ends_at)

    def replay(self, now: datetime) -> None:
        """Send the event again from the start, under the same id."""
        if self.status is not DeliveryStatus.PENDING:
            self.status = LIFE.move(self.status, DeliveryStatus.PENDING)
        self.tries, self.started_at, self.due_at = 0, None, now


def _pause(tries: int, jitter: float) -> timedelta:
    # The exponent has a bound: what is tried for three days has made it far longer than needed.
    delay = min(_FIRST_DELAY * _FACTOR ** min(tries - 1, 10), _LONGEST_DELAY)
    return delay * (1 - jitter / 2)
