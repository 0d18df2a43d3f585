"""The inbox as it grows, for each open page of the shop.

Nothing is queued for a page: its place in the inbox is all that is kept, and the store has the
rest. So a slow reader costs no memory, and one that comes back goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import contextmanager

from kibble.kernel.clock import Clock
from kibble.kernel.errors import TooManyRequests
from kibble.kernel.ids import CustomerId, NotificationId
from kibble.services.notification.model import Message
from kibble.services.notification.repository.messages import NotificationRepository

HEARTBEAT_SECONDS = 15.0
LOOK_SECONDS = 1.0
"""How long a reader may wait for what another process wrote."""
LONGEST_SECONDS = 15 * 60.0
MOST_STREAMS = 8
_BATCH = 50


class InboxFeed:
    """Wakes the readers of an inbox when it may have grown."""

    def __init__(self, messages: NotificationRepository, clock: Clock) -> None:
        self._messages = messages
        self._clock = clock
        self._readers: dict[CustomerId, set[asyncio.Event]] = {}
        self._newest: Mapping[CustomerId, int] = {}

    def changed(self, customer_id: CustomerId) -> None:
        """Wake the readers of one inbox."""
        for reader in self._readers.get(customer_id, ()):
            reader.set()

    async def look(self) -> None:
        """Wake the readers of the inboxes that grew, whichever process wrote to them.

        One query, whatever the number of readers and of messages.
        """
        if not self._readers:
            return
        seen, self._newest = self._newest, await self._messages.newest_positions([*self._readers])
        for customer_id, newest in self._newest.items():
            if newest != seen.get(customer_id):
                self.changed(customer_id)

    async def beat(self) -> None:
        """Wake all readers: each looks, finds nothing new, and shows that it is alive."""
        for customer_id in self._readers:
            self.changed(customer_id)

    async def follow(
        self, customer_id: CustomerId, after: NotificationId | None
    ) -> AsyncGenerator[Message | None, None]:
        """Yield what the app shows from now on, or after a message that the reader has seen.

        In the order of commits, for a quarter of an hour at most. None is a heartbeat: it comes
        first, and then whenever there is nothing to show. Raises ``TooManyRequests`` when the
        customer has eight open streams.
        """
        with self._reading(customer_id) as woken:
            end = self._clock.monotonic() + LONGEST_SECONDS
            position = await self._start(customer_id, after)
            yield None
            while self._clock.monotonic() < end:
                woken.clear()
                batch = await self._messages.inbox_after(customer_id, position, _BATCH)
                for message in batch:
                    yield message
                    position = message.position
                if not batch:
                    await woken.wait()
                    yield None

    async def _start(self, customer_id: CustomerId, after: NotificationId | None) -> int:
        if after is None:
            return (await self._messages.newest_positions([customer_id])).get(customer_id, 0)
        return await self._messages.position(customer_id, after)

    @contextmanager
    def _reading(self, customer_id: CustomerId) -> Generator[asyncio.Event, None, None]:
        readers = self._readers.setdefault(customer_id, set())
        if len(readers) >= MOST_STREAMS:
            raise TooManyRequests("You have this open too often.", retry_after=10)
        woken = asyncio.Event()
        readers.add(woken)
        try:
            yield woken
        finally:
            readers.discard(woken)
            if not readers:
                self._readers.pop(customer_id, None)
