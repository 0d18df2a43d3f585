"""The edge cache: public reads are answered without entering a service.

An entry lives for a quarter of a second, which is how long a change of stock may take to show.
A write through the gateway ends all entries before it is answered, so that everybody reads their
own writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kibble.kernel.clock import Clock
from kibble.platform.telemetry.watched import Figure, watch

LIFE_SECONDS = 0.25
MAX_ENTRIES = 4_096
MAX_BODY_BYTES = 256 * 1024

Headers = list[tuple[bytes, bytes]]
Name = tuple[str, str]
"""A service, and an operation of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer: always status 200; ``headers`` are all but those of one request.

    ``name`` is what made it.
    """

    headers: Headers
    body: bytes
    etag: bytes | None
    generation: int
    expires_at: float
    name: Name


class EdgeCache:
    """Answers by path and query."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[bytes, Entry] = {}
        self.generation = 0
        self._hits: Counter[Name] = Counter()
        self._misses: Counter[Name] = Counter()
        watch(self)

    def __len__(self) -> int:
        """Return how many answers are in memory, ended ones that were not noticed yet too."""
        return len(self._entries)

    def find(self, key: bytes) -> Entry | None:
        """Return the answer that is kept for ``key`` and still holds."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.generation != self.generation or entry.expires_at < self._clock.monotonic():
            del self._entries[key]
            return None
        self._hits[entry.name] += 1
        return entry

    def keep(
        self,
        key: bytes,
        generation: int,
        headers: Headers,
        body: bytes,
        *,
        name: Name,
    ) -> None:
        """Keep an answer that was begun in ``generation``; one that a write overtook is dropped."""
        self._misses[name] += 1
        if generation != self.generation or len(body) > MAX_BODY_BYTES:
            return
        now = self._clock.monotonic()
        self._entries.pop(key, None)
        self._forget_expired(now)
        etag = next((value for name, value in headers if name == b"etag"), None)
        self._entries[key] = Entry(headers, body, etag, generation, now + LIFE_SECONDS, name)

    def _forget_expired(self, now: float) -> None:
        """Give back the memory of entries that ended: they stand in the order of their ends."""
        while self._entries:
            oldest = next(iter(self._entries))
            if len(self._entries) < MAX_ENTRIES and self._entries[oldest].expires_at >= now:
                return
            del self._entries[oldest]

    def drop_all(self) -> None:
        """End all entries: something was written."""
        self.generation += 1

    def figures(self) -> Iterator[Figure]:
        """See ``Watched.figures``."""
        for outcome, counts in (("hit", self._hits), ("miss", self._misses)):
            for name, count in counts.items():
                yield Figure("kibble_edge_cache_requests", (*name, outcome), count)
