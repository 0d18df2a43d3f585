"""Events on their way out of the shop: to queues, topics and streams that others read.

An outlet is a consumer like every other. What it cannot hand over is parked and tried again, in
order per key, for a day. Each event is handed over at least once: again, under the same id, when
its delivery is repeated, as after a crash. A receiver that remembers ids has it exactly once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

import msgspec

from kibble.kernel.errors import KibbleError
from kibble.platform.messaging.event import Envelope, Event
from kibble.platform.messaging.handler import Received, Subscription, repeatably_on
from kibble.platform.persistence.changes import Outcome, unchanged


class Refused(KibbleError):
    """The other side will not take an event, now or ever: it is too large, or malformed."""

    code = "refused"
    title = "Refused"


@dataclass(frozen=True, slots=True)
class Letter:
    """An event as it leaves: its envelope (CloudEvents 1.0 in JSON), and what is told beside it.

    ``key`` is what is kept in order; ``id`` is the same whenever the event is handed over again.
    """

    id: str
    type: str
    key: str
    time: str
    body: str

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.body.encode()) + len(self.key) + len(self.type) + len(self.id)


class Outlet(Protocol):
    """Where events are handed over."""

    name: str
    """What the consumer is called: the same for ever, since it remembers its place by it."""

    async def hand_over(self, letters: Sequence[Letter]) -> Sequence[KibbleError | None]:
        """Hand over events, no two of which have the same key; return what is wrong with each.

        ``Unavailable`` is tried again, ``Refused`` is not.
        """
        ...

    async def check(self) -> None:
        """See that we are known there; raises ``ValueError`` with a sentence for the operator."""
        ...

    async def close(self) -> None:
        """Let go of what was opened."""
        ...


Send = Callable[[Letter], Awaitable[None]]
"""Hands one event over, together with others that come at the same time; raises what is wrong."""


def matching(kinds: Iterable[type[Event]], wanted: Iterable[str]) -> list[type[Event]]:
    """Return the event types whose names match one of some patterns, such as ``order.*``."""
    patterns = list(wanted)
    return [kind for kind in kinds if any(fnmatchcase(kind.type, pattern) for pattern in patterns)]


def letter(envelope: Envelope) -> Letter:
    """Return an event as it leaves."""
    # Within the shop, what is the same in every envelope is left out; CloudEvents requires it.
    fields = {name: getattr(envelope, name) for name in envelope.__struct_fields__}
    body = msgspec.json.encode({n: v for n, v in fields.items() if v is not None}).decode()
    return Letter(envelope.id, envelope.type, envelope.partitionkey, envelope.time, body)


Shape = Callable[[Envelope], Letter]
"""Makes of an event what leaves."""


def rows(
    kinds: Iterable[type[Event]], send: Send, since: str = "", shape: Shape = letter
) -> list[Subscription]:
    """Return the table of an outlet: each of these types is handed over.

    What happened before ``since`` (RFC 3339, UTC) is not: a shop's log goes back to its beginning.
    """

    async def tell(_: Event, received: Received) -> Outcome[None]:
        if received.envelope.time >= since:
            await send(shape(received.envelope))
        return unchanged(None)

    return [repeatably_on(kind, tell) for kind in kinds]
