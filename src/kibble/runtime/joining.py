"""What the composition roots of both profiles share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from kibble.contracts.customer import Revoked
from kibble.gateway.limits import Limiter, Limits, Policy, RateLimiter
from kibble.kernel.clock import Clock
from kibble.kernel.ids import Randomness
from kibble.platform.config import Settings
from kibble.platform.messaging.consumer import Consumer, DeadLetters
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.service import Built, ServiceStore
from kibble.platform.tasks import Periodic, Task
from kibble.platform.telemetry import metrics
from kibble.platform.telemetry.spans import trace_with
from kibble.runtime.business import observers

S = TypeVar("S", bound=ServiceStore)

REVOCATION_SECONDS = 10.0
GUEST_TOKEN_LIFE = timedelta(days=30)


def limits(
    settings: Settings, clock: Clock, limiter: Callable[[Policy], RateLimiter] | None = None
) -> Limits | None:
    """Return the rate limits, or None when they are switched off.

    ``limiter`` makes what counts one policy; without it each process counts for itself.
    """
    if not settings.rate_limits:
        return None
    return Limits(limiter or (lambda policy: Limiter(policy, clock)))


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


class TellsRevoked(Protocol):
    """Who knows what was revoked."""

    async def revoked(self) -> list[Revoked]:
        """Return what was revoked and has not ended by itself."""
        ...


class Revocations:
    """Has a verifier refuse what was revoked, a few seconds after it was."""

    def __init__(self, source: TellsRevoked, verifier: TokenVerifier) -> None:
        self._source = source
        self._verifier = verifier

    async def follow(self) -> None:
        """Ask once."""
        self._verifier.revoke([(one.id, one.until) for one in await self._source.revoked()])

    def task(self, clock: Clock) -> Task:
        """Return the task that asks again and again."""
        return Periodic("follow revocations", REVOCATION_SECONDS, self.follow, clock)


def start_tracing(name: str, settings: Settings, randomness: Randomness) -> Callable[[], None]:
    """Send traces to the collector, if there is one; return what ends that.

    Raises ``ValueError`` when the packages for it are not installed.
    """
    if not settings.otlp_url:
        return lambda: None
    try:
        from kibble.platform.telemetry.otlp import OtlpTracer
    except ImportError as error:
        raise ValueError("KIBBLE_OTLP_URL needs the extra: pip install kibble[tracing]") from error
    tracer = OtlpTracer(settings.otlp_url, name, settings.trace_share, randomness)
    trace_with(tracer)
    return tracer.close


class GuestTokens:
    """Makes guests' order tokens, for Order."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer

    def for_order(self, order_id: str) -> str:
        """Return a token that reaches one order for 30 days."""
        return self._issuer.for_order(order_id, GUEST_TOKEN_LIFE)
