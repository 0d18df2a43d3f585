"""How often a password may be guessed: by account, by address, without locking the owner out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil

from kibble.services.customer.errors import TooManyTries

WINDOW_SECONDS = 900.0
PER_ACCOUNT = 10
PER_ADDRESS = 100
MAX_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class Tried:
    """Under what a sign-in counts.

    A device that the account signed in from before counts for itself alone, so that a stranger's
    guesses do not keep the owner out.
    """

    account: str
    address: str
    device: str | None = None

    def buckets(self) -> tuple[tuple[str, int], ...]:
        """Return each key and how many failures it may have in the window."""
        if self.device is not None:
            return ((f"device {self.device}", PER_ACCOUNT),)
        by_address = (f"address {self.address}", PER_ADDRESS)
        return ((f"account {self.account}", PER_ACCOUNT), by_address)


class Throttle:
    """Counts failures within the last quarter of an hour.

    Ten tries a quarter of an hour are far below the hundred in a row that NIST SP 800-63B allows.
    Names that nobody has are counted alike. Counts are this process's own.
    """

    def __init__(self) -> None:
        self._failures: dict[str, deque[float]] = {}

    def _wait(self, key: str, allowed: int, now: float) -> float:
        failures = self._failures.get(key)
        if failures is None:
            return 0.0
        while failures and failures[0] <= now - WINDOW_SECONDS:
            failures.popleft()
        if not failures:
            del self._failures[key]
        return failures[-allowed] + WINDOW_SECONDS - now if len(failures) >= allowed else 0.0

    def begin(self, tried: Tried, now: float) -> None:
        """Count a try as a failure before it is known: those side by side must not slip through.

        Raises ``TooManyTries`` when it may not be made yet.
        """
        wait = max(self._wait(key, allowed, now) for key, allowed in tried.buckets())
        if wait > 0:
            raise TooManyTries(max(1, ceil(wait)))
        for key, allowed in tried.buckets():
            if key not in self._failures and len(self._failures) >= MAX_KEYS:
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(key, deque(maxlen=allowed)).append(now)

    def undo(self, tried: Tried) -> None:
        """Take a try back that was no failure."""
        for key, _ in tried.buckets():
            if failures := self._failures.get(key):
                failures.pop()

    def forget(self, account: str) -> None:
        """Forget the failures of an account whose owner has come in, or has set a new password."""
        self._failures.pop(f"account {account}", None)
