"""How far consumers are on Kafka: what a shop that is to move has to know."""

from __future__ import annotations

import pytest
from aiokafka import AIOKafkaConsumer

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.kafka import Cluster, KafkaPublisher
from kibble.platform.engines.kafka.progress import undelivered
from kibble.platform.messaging.log import OutboxEvent
from tests.fixtures.engines import Space
from tests.fixtures.eventually import eventually
from tests.fixtures.spaces.kafka import kafka

__all__ = ["kafka"]

pytestmark = pytest.mark.engine

AT = "2026-03-02T15:00:00.000000Z"


def event(key: str) -> OutboxEvent:
    return OutboxEvent(None, "dog_events", "dog.barked", key, AT, b"{}")


async def publish(cluster: Cluster, *keys: str) -> None:
    publisher = KafkaPublisher(cluster)
    await publisher.publish([event(key) for key in keys])
    await publisher.close()


async def apply_all(cluster: Cluster, consumer: str, count: int) -> None:
    """Have a consumer's group commit that it has applied so many events."""
    kafka = AIOKafkaConsumer(
        cluster.topic("dog_events"),
        bootstrap_servers=cluster.servers,
        group_id=cluster.group(consumer),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await kafka.start()
    try:
        for _ in range(count):
            await kafka.getone()
        await kafka.commit()
    finally:
        await kafka.stop()


async def test_counts_what_each_consumer_has_not_applied(kafka: Space) -> None:
    cluster = Cluster.at(kafka.url, f"{kafka.namespace}_progress")
    topics = {"quick": {"dog_events"}, "slow": {"dog_events"}, "deaf": {"cat_events"}}

    async def counted() -> dict[str, int] | None:
        """Count, once the broker has somebody who keeps the groups' places."""
        try:
            return await undelivered(cluster, topics)
        except Unavailable:
            return None

    assert await undelivered(cluster, topics) == {}
    await cluster.make_topics(["dog_events"])
    await publish(cluster, "rex", "lassie", "rex")
    await eventually(counted, until=lambda seen: seen == {"quick": 3, "slow": 3}, within=60)
    await apply_all(cluster, "quick", 3)
    assert await undelivered(cluster, topics) == {"slow": 3}
    await publish(cluster, "rex")
    assert await undelivered(cluster, topics) == {"quick": 1, "slow": 4}
