"""Rate limits by the generic cell rate algorithm: one number per caller, 0.4 us a check.

Headers follow draft-ietf-httpapi-ratelimit-headers-10. Of the limits that a request counts
against, its answer shows the one that is nearest to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

from kibble.gateway.flows import Flow, flow_of
from kibble.kernel.clock import Clock

MAX_CALLERS = 100_000


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests a second on average, and at most ``burst`` at once.

    ``header`` is the RateLimit-Policy header.
    """

    name: str
    per_second: float
    burst: int
    header: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Make the header once: every answer has it."""
        window = max(1, round(self.burst / self.per_second))
        told = f'"{self.name}";q={self.burst};w={window}'.encode()
        object.__setattr__(self, "header", told)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, how many more may, and in how many seconds to ask again.

    ``headers`` tell the caller so, whether it passes or not.
    """

    allowed: bool
    remaining: int
    retry_after: int
    headers: tuple[tuple[bytes, bytes], ...]


class RateLimiter(Protocol):
    """One policy's callers, in this process or in all of them."""

    async def check(self, caller: str) -> Verdict:
        """Count a request of ``caller``, unless its limit is used up."""
        ...


def verdict(policy: Policy, spare: float, used: float) -> Verdict:
    """Return what a caller is told who has ``spare`` seconds of its burst left, or lacks them.

    ``used`` is in how many seconds the whole burst may be used again.
    """
    allowed = spare >= 0
    seconds = max(1, ceil(used if allowed else -spare))
    remaining = int(spare * policy.per_second + 1e-9) if allowed else 0
    told = f'"{policy.name}";r={remaining};t={seconds}'.encode()
    headers = ((b"ratelimit", told), (b"ratelimit-policy", policy.header))
    return Verdict(allowed, remaining, seconds, headers)


class Limiter:
    """Implements ``RateLimiter`` for this process."""

    def __init__(self, policy: Policy, clock: Clock) -> None:
        self.policy = policy
        self._clock = clock
        self._interval = 1.0 / policy.per_second
        self._tolerance = self._interval * policy.burst
        self._arrivals: dict[str, float] = {}

    async def check(self, caller: str) -> Verdict:
        """See ``RateLimiter.check``."""
        now = self._clock.monotonic()
        arrival = max(self._arrivals.get(caller, 0.0), now) + self._interval
        spare = self._tolerance - (arrival - now)
        if spare >= 0:
            if caller not in self._arrivals and len(self._arrivals) >= MAX_CALLERS:
                self._arrivals.pop(next(iter(self._arrivals)))
            self._arrivals[caller] = arrival
        return verdict(self.policy, spare, arrival - now)


GENERAL = Policy("general", per_second=100, burst=1000)
"""Of a user, and of an address that nobody has signed in at."""

OF_FLOWS: Mapping[Flow, Policy] = {
    Flow.SIGN_IN: Policy("sign-in", per_second=0.5, burst=30),
    Flow.TOKENS: Policy("tokens", per_second=5, burst=100),
    Flow.ACCOUNTS: Policy("accounts", per_second=1, burst=60),
    Flow.RECOVERY: Policy("recovery", per_second=0.1, burst=20),
    Flow.WAITING: Policy("waiting", per_second=0.1, burst=20),
    Flow.COUPONS: Policy("coupons", per_second=0.5, burst=30),
    Flow.CHECKOUT: Policy("checkout", per_second=10, burst=300),
    Flow.SEARCH: Policy("search", per_second=50, burst=500),
    Flow.REPORTS: Policy("reports", per_second=1, burst=60),
}
"""Of what is costly to answer, or worth guessing at; on top of the general one."""


class Limits:
    """All limits, each in the hands of a limiter that ``limiter`` makes of its policy."""

    def __init__(
        self,
        limiter: Callable[[Policy], RateLimiter],
        general: Policy = GENERAL,
        of_flows: Mapping[Flow, Policy] = OF_FLOWS,
    ) -> None:
        self._general = limiter(general)
        self._of_flows = {flow: limiter(policy) for flow, policy in of_flows.items()}

    async def check(self, method: str, path: str, address: str, subject: str | None) -> Verdict:
        """Count a request of an address, and of a user when the token is known to hold.

        What is guessed at counts for the address, whoever signs in there.
        """
        caller = address if subject is None else subject
        general = await self._general.check(caller)
        flow = flow_of(method, path)
        if flow is None or not general.allowed or (limiter := self._of_flows.get(flow)) is None:
            return general
        narrow = await limiter.check(address if flow.is_guessing else caller)
        return general if narrow.allowed and general.remaining < narrow.remaining else narrow
