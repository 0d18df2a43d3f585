"""Running use cases against a store: run, commit, and run again when somebody else was first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kibble.kernel.errors import StaleVersion, Unavailable
from kibble.platform.clock import SystemRandomness
from kibble.platform.persistence.changes import Outcome
from kibble.platform.persistence.store import InboxMark, Store, StoredReply
from kibble.platform.resilience.jitter import full_jitter

T = TypeVar("T")

MAX_ATTEMPTS = 10
FIRST_PAUSE_SECONDS = 0.002
LONGEST_PAUSE_SECONDS = 1.0

_randomness = SystemRandomness()


async def commit_outcome(
    store: Store,
    use_case: Callable[[], Awaitable[Outcome[T]]],
    *,
    seal: Callable[[T], StoredReply | None] | None = None,
    inbox: InboxMark | None = None,
) -> T:
    """Run ``use_case``, commit what it wants written, and return its answer.

    ``seal`` turns the answer into the record to keep under an idempotency key, in the same
    transaction. A ``StaleVersion`` runs the use case again, after a pause by chance: those that run
    again at once meet again. After ten times it is ``Unavailable``.
    """
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            await asyncio.sleep(
                full_jitter(_randomness, attempt - 1, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
            )
        outcome = await use_case()
        reply = seal(outcome.value) if seal else None
        if outcome.changes or reply or inbox:
            try:
                await store.commit(outcome.changes, reply=reply, inbox=inbox)
            except StaleVersion:
                continue
        for hook in outcome.changes.after_commit:
            hook()
        return outcome.value
    raise Unavailable("Too many others are changing this at the same moment; try again.")
