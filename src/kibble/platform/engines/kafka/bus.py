"""Delivering Kafka's topics to consumer groups."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord

from kibble.kernel.clock import Clock, from_text
from kibble.kernel.errors import KibbleError
from kibble.platform.engines.kafka.cluster import Cluster
from kibble.platform.engines.kafka.publisher import TIME, TYPE
from kibble.platform.messaging.consumer import Consumer
from kibble.platform.messaging.delivery import deliver, keep_retrying
from kibble.platform.messaging.log import ConsumerStore, LogEntry

_log = structlog.get_logger()

BATCH = 64
POLL_MS = 1_000
SESSION_MS = 6_000
"""How long a process may be silent before its group goes on without it: the broker's least."""
PAUSE_SECONDS = 1.0
KEEP_SECONDS = 0.25
"""How often a busy consumer keeps its place: what a crash repeats, the inbox knows."""
LAST_SECONDS = 1.0
"""How long a consumer that is stopped tries to keep its place."""
METADATA_MS = 10_000
"""How soon a topic that was made anew is found."""

Batch = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]


class KafkaBus:
    """Implements ``EventBus``: a group a consumer, in as many processes as there are replicas."""

    def __init__(
        self, cluster: Cluster, consumers: Iterable[Consumer[ConsumerStore]], clock: Clock
    ) -> None:
        self._clock = clock
        self._consumers = [consumer for consumer in consumers if consumer.topics]
        self._members = [Member(cluster, consumer, clock) for consumer in self._consumers]

    async def run(self) -> None:
        """See ``EventBus.run``."""
        async with asyncio.TaskGroup() as group:
            for member in self._members:
                group.create_task(member.run())
            for consumer in self._consumers:
                group.create_task(keep_retrying(consumer, self._clock))

    def lag_seconds(self) -> float:
        """See ``EventBus.lag_seconds``."""
        return max(self.backlog().values(), default=0.0)

    def backlog(self) -> dict[str, float]:
        """See ``EventBus.backlog``."""
        now = self._clock.now()
        return {member.name: member.lag_seconds(now) for member in self._members}


class Member(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """The membership of this process in one consumer's group."""

    def __init__(self, cluster: Cluster, consumer: Consumer[ConsumerStore], clock: Clock) -> None:
        self.name = f"{consumer.name}<-kafka"
        self._cluster = cluster
        self._consumer = consumer
        self._clock = clock
        self._oldest: datetime | None = None
        self._delivering = asyncio.Lock()
        self._has_new_keys = True
        self._ends: dict[TopicPartition, int] = {}
        self._kept_at = float("-inf")
        self._kafka: AIOKafkaConsumer | None = None

    async def run(self) -> None:
        """Deliver until cancelled; a broker that is away is asked again."""
        while True:
            kafka = self._client()
            self._kafka, self._ends = kafka, {}
            try:
                await kafka.start()
                kafka.subscribe(
                    [self._cluster.topic(topic) for topic in self._consumer.topics], listener=self
                )
                while True:
                    await self._step(kafka)
            except (KafkaError, KibbleError) as error:
                _log.warning("feed waits", feed=self.name, error=repr(error))
            except asyncio.CancelledError:
                with suppress(KafkaError, TimeoutError):
                    async with asyncio.timeout(LAST_SECONDS):
                        await self._commit(kafka)
                raise
            finally:
                self._kafka = None
                await kafka.stop()
            await self._clock.sleep(PAUSE_SECONDS)

    def _client(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._cluster.servers,
            group_id=self._cluster.group(self._consumer.name),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 3,
            metadata_max_age_ms=METADATA_MS,
        )

    async def _step(self, kafka: AIOKafkaConsumer) -> None:
        """Deliver one batch; keep the place behind it, unless more follows at once."""
        batch = await kafka.getmany(timeout_ms=self._poll_ms(), max_records=BATCH)
        if not batch:
            self._oldest = None
            async with self._delivering:
                await self._commit(kafka)
            return
        async with self._delivering:
            if self._has_new_keys:
                self._has_new_keys = False
                await self._consumer.prepare()
            await self._deliver(batch)
            self._ends |= {place: records[-1].offset + 1 for place, records in batch.items()}
            if self._clock.monotonic() - self._kept_at >= KEEP_SECONDS:
                await self._commit(kafka)

    def _poll_ms(self) -> int:
        """Return how long to wait for events: not past the time to keep the place."""
        return int(KEEP_SECONDS * 1000) if self._ends else POLL_MS

    async def _deliver(self, batch: Batch) -> None:
        entries = {
            partition: [_entry(record) for record in records]
            for partition, records in batch.items()
        }
        self._oldest = from_text(min(e[0].created_at for e in entries.values()))
        await asyncio.gather(
            *(
                deliver(self._consumer, self._cluster.plain(partition.topic), listed)
                for partition, listed in entries.items()
            )
        )

    async def _commit(self, kafka: AIOKafkaConsumer) -> None:
        """Commit the offsets behind all that is delivered."""
        ends, self._ends = self._ends, {}
        self._kept_at = self._clock.monotonic()
        if not ends:
            return
        try:
            await kafka.commit(ends)
        except (CommitFailedError, IllegalStateError):
            _log.info("partitions moved on before their commit", feed=self.name)

    # aiokafka awaits what its listener returns, and its types do not say so.
    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, revoked: Sequence[TopicPartition]
    ) -> None:
        """Let the batch under way end first: its keys' next events may go to another process."""
        async with self._delivering:
            self._has_new_keys = True
            if self._kafka is not None:
                await self._commit(self._kafka)

    # aiokafka awaits what its listener returns, and its types do not say so.
    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, assigned: Sequence[TopicPartition]
    ) -> None:
        """Note that keys may have come whose earlier events were parked by another process."""
        self._has_new_keys = True

    def lag_seconds(self, now: datetime) -> float:
        """Return the age of the oldest event of the batch under way; 0 when there is none."""
        return (now - self._oldest).total_seconds() if self._oldest else 0.0


def _entry(record: ConsumerRecord[bytes, bytes]) -> LogEntry:
    headers = dict(record.headers)
    return LogEntry(
        position=record.offset,
        type=headers[TYPE].decode(),
        key=(record.key or b"").decode(),
        created_at=headers[TIME].decode(),
        envelope=record.value or b"",
    )
