"""Calls that leave the process: a deadline, bounded retries, a bulkhead and a circuit breaker."""

from kibble.platform.resilience.breaker import Breaker, NotCalled
from kibble.platform.resilience.guard import Guard

__all__ = ["Breaker", "Guard", "NotCalled"]
