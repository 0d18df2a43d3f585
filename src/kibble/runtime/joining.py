"""What the composition roots of both profiles share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from kibble.gateway.edge import Limits
from kibble.gateway.limits import Limiter, Policy
from kibble.kernel.clock import Clock
from kibble.platform.config import Settings
from kibble.platform.messaging.consumer import Consumer, DeadLetters
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import Built, ServiceStore
from kibble.platform.telemetry import metrics
from kibble.runtime.business import observers

S = TypeVar("S", bound=ServiceStore)

GENERAL = Policy("general", per_second=100, burst=1000)
STRICT = Policy("accounts", per_second=1, burst=60)
GUEST_TOKEN_LIFE = timedelta(days=30)


def key_path(data_dir: Path) -> Path:
    """Return where the signing key is: who can read it is the operator."""
    return data_dir / "signing-key.json"


def limits(settings: Settings, clock: Clock) -> Limits | None:
    """Return the rate limits, or None when they are switched off."""
    if not settings.rate_limits:
        return None
    return Limits(Limiter(GENERAL, clock), Limiter(STRICT, clock))


def consumers(
    services: Sequence[Built[Any, S]], clock: Clock, dead_letters: DeadLetters | None = None
) -> list[Consumer[S]]:
    """Return a consumer per service, and those that a service names beside its own."""
    found = []
    for built in services:
        groups = {built.name: built.subscriptions, **built.consumers}
        found += [
            Consumer(name, rows, built.store, clock, dead_letters, observers=observers(name, clock))
            for name, rows in groups.items()
        ]
    return found


async def measure_parked(members: Sequence[Consumer[S]]) -> None:
    """Show how many events of each consumer are parked."""
    for consumer in members:
        parked = await consumer.store.parked(consumer.name)
        dead = sum(1 for event in parked if event.status == "dead")
        metrics.set_parked(consumer.name, len(parked) - dead, dead)


class GuestTokens:
    """Makes guests' order tokens, for Order."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer

    def for_order(self, order_id: str) -> str:
        """Return a token that reaches one order for 30 days."""
        return self._issuer.for_order(order_id, GUEST_TOKEN_LIFE)
