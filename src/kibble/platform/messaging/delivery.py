"""What every bus does with the events that it has for a consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from kibble.kernel.clock import Clock
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.log import ConsumerStore, LogEntry
from kibble.platform.tasks import attempt, unexpected

_log = structlog.get_logger()

RETRY_PERIOD_SECONDS = 1.0


async def deliver(
    consumer: Consumer[ConsumerStore], topic: str, entries: Sequence[LogEntry]
) -> None:
    """Deliver a batch: keys side by side, so that their commits share one transaction.

    Each key's events go in their order, without those that a later one of the batch supersedes.
    """
    by_key: dict[str, list[LogEntry]] = {}
    for entry in _wanted(consumer, entries):
        by_key.setdefault(entry.key, []).append(entry)
    if len(by_key) == 1:
        await _deliver_in_order(consumer, topic, next(iter(by_key.values())))
    elif by_key:
        await asyncio.gather(
            *(_deliver_in_order(consumer, topic, listed) for listed in by_key.values())
        )


def _wanted(consumer: Consumer[ConsumerStore], entries: Sequence[LogEntry]) -> list[LogEntry]:
    last = {(entry.type, entry.key): entry.position for entry in entries}
    return [
        entry
        for entry in entries
        if consumer.wants(entry.type)
        and (entry.position == last[entry.type, entry.key] or not consumer.supersedes(entry.type))
    ]


async def _deliver_in_order(
    consumer: Consumer[ConsumerStore], topic: str, entries: Sequence[LogEntry]
) -> None:
    for entry in entries:
        await consumer.receive(entry.envelope, topic)


async def keep_retrying(consumer: Consumer[ConsumerStore], clock: Clock) -> None:
    """Try a consumer's parked events when they are due, until cancelled."""
    while True:
        await clock.sleep(RETRY_PERIOD_SECONDS)
        if error := await attempt(consumer.retry_parked()):
            _log.warning(
                "parked events not retried",
                consumer=consumer.name,
                error=repr(error),
                exc_info=unexpected(error),
            )
