"""One e-mail a day for what can wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from kibble.kernel.clock import Clock
from kibble.kernel.ids import CustomerId, IdSource, NotificationId
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.services.notification.cache import NotificationCache
from kibble.services.notification.integration import Copywriter
from kibble.services.notification.model import KINDS, Channel, Copy, Message, Preferences
from kibble.services.notification.repository.messages import NotificationRepository

BATCH = 64
"""How many customers' digests are written at a time."""

DIGEST = KINDS["digest"]


class DigestService:
    """Turns what was collected for a customer into one e-mail.

    The e-mail and the end of what it is made of are one commit, whose rows have their versions
    checked: a second process, or a second try after a crash, finds nothing left to collect.
    """

    def __init__(
        self,
        store: NotificationRepository,
        copywriter: Copywriter,
        *,
        cache: NotificationCache,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._store = store
        self._copywriter = copywriter
        self._cache = cache
        self._clock = clock
        self._ids = ids

    async def write_due(self) -> None:
        """Write the digest of each customer whose hour has come."""
        for customer_id in await self._store.digests_due(self._clock.now(), BATCH):
            await commit_outcome(self._store, partial(self._write, customer_id))

    async def _write(self, customer_id: CustomerId) -> Outcome[None]:
        now = self._clock.now()
        collected = await self._store.collected(customer_id, now)
        if not collected:
            return unchanged(None)
        stored = await self._store.preferences(customer_id)
        preferences = stored or Preferences(customer_id=customer_id)
        wanted = [message for message in collected if _is_wanted(preferences, message)]
        changes = Changes()
        for message in collected:
            message.suppress("digest" if message in wanted else "preferences")
            changes.save(message)
            changes.then(partial(self._cache.messages.forget, message.id))
        if wanted:
            changes.save(self._digest(preferences, wanted))
        return Outcome(None, changes)

    def _digest(self, preferences: Preferences, messages: Sequence[Message]) -> Message:
        now = self._clock.now()
        return Message(
            id=NotificationId(self._ids.new()),
            request_id=f"digest:{messages[0].id}",
            kind=DIGEST.name,
            channel=Channel.EMAIL,
            customer_id=preferences.customer_id,
            email=None,
            copy=self._copy(preferences, messages),
            due_at=preferences.due(DIGEST, Channel.EMAIL, now),
            created_at=now,
        )

    def _copy(self, preferences: Preferences, messages: Sequence[Message]) -> Copy:
        head = self._copywriter.write(DIGEST.name, {"count": len(messages)}, preferences.language)
        items = (f"{each.copy.title}: {each.copy.body}" for each in messages)
        lines = (item.replace("\n\n", " ") for item in items)
        return replace(head, body="\n\n".join((head.body, *lines)))


def _is_wanted(preferences: Preferences, message: Message) -> bool:
    """Tell whether a message is still wanted: it may have been collected a day ago."""
    kinds = (DIGEST, KINDS[message.kind])
    return all(preferences.wants(kind, Channel.EMAIL) for kind in kinds)
