"""How long to wait before trying again."""

from __future__ import annotations

from kibble.kernel.ids import Randomness


def full_jitter(randomness: Randomness, retry: int, first: float, longest: float) -> float:
    """Return the seconds to wait before a retry, 0 being the first: any pause up to a bound.

    The bound is ``first``, twice as long each time, and ``longest`` at most: those that failed
    together do not meet again (Amazon Builders' Library, timeouts, retries and backoff).
    """
    bound: float = min(first * 2**retry, longest)
    return randomness.random() * bound
