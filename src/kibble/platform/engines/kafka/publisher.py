"""Publishing to Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.kafka.cluster import DEAD_LETTERS, Cluster
from kibble.platform.messaging.log import OutboxEvent, ParkedEvent

LINGER_MS = 2
TIMEOUT_MS = 10_000
TYPE = "ce_type"
TIME = "ce_time"
"""Headers that tell a consumer what a record is before it decodes it."""


class KafkaPublisher:
    """Implements ``Publisher`` with an idempotent producer that waits for all replicas.

    Order per key holds across the producer's own retries. After an error that it does not get
    over, the producer is made anew, and the relay publishes its batch again.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._producer: AIOKafkaProducer | None = None

    async def publish(self, events: Sequence[OutboxEvent]) -> None:
        """See ``Publisher.publish``."""
        try:
            producer = await self._started()
            sent = [await self._send(producer, event) for event in events]
            await asyncio.gather(*sent)
        except KafkaError as error:
            await self.close()
            raise Unavailable(f"Kafka did not take the events: {error!r}") from error

    async def bury(self, event: ParkedEvent) -> None:
        """Put an event that was given up on its topic's dead letters, with its error.

        Raises ``Unavailable``.
        """
        headers = [
            (TYPE, event.type.encode()),
            ("consumer", event.consumer.encode()),
            ("error", event.error.encode()),
        ]
        topic = self._cluster.topic(event.topic + DEAD_LETTERS)
        try:
            producer = await self._started()
            await producer.send_and_wait(topic, event.envelope, event.key.encode(), headers=headers)
        except KafkaError as error:
            await self.close()
            raise Unavailable(f"Kafka did not take a dead letter: {error!r}") from error

    async def _send(self, producer: AIOKafkaProducer, event: OutboxEvent) -> asyncio.Future[object]:
        future: asyncio.Future[object] = await producer.send(
            self._cluster.topic(event.topic),
            event.envelope,
            event.key.encode(),
            headers=[(TYPE, event.type.encode()), (TIME, event.created_at.encode())],
        )
        return future

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._cluster.servers,
                acks="all",
                enable_idempotence=True,
                linger_ms=LINGER_MS,
                max_batch_size=1 << 17,
                request_timeout_ms=TIMEOUT_MS,
            )
            await producer.start()
            self._producer = producer
        return self._producer

    async def close(self) -> None:
        """Send what waits, and end the producer; the next event makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()
