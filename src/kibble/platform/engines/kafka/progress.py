"""How far consumer groups are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.kafka.cluster import Cluster


async def undelivered(cluster: Cluster, topics: Mapping[str, set[str]]) -> dict[str, int]:
    """Count the events that groups have not applied yet; those that have none are left out.

    ``topics`` are what each consumer reads, by its name. Raises ``Unavailable``.
    """
    asking = AIOKafkaConsumer(bootstrap_servers=cluster.servers)
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.servers)
    try:
        await asking.start()
        await admin.start()
        there = set(await admin.list_topics())
        found: dict[str, int] = {}
        for consumer, wanted in topics.items():
            names = sorted(there & {cluster.topic(topic) for topic in wanted})
            partitions = await _partitions(admin, names)
            found[consumer] = await _behind(asking, admin, cluster.group(consumer), partitions)
    except KafkaError as error:
        raise Unavailable(f"Kafka cannot tell how far consumers are: {error}") from error
    finally:
        await admin.close()
        await asking.stop()
    return {consumer: count for consumer, count in found.items() if count}


async def _partitions(admin: AIOKafkaAdminClient, topics: list[str]) -> list[TopicPartition]:
    if not topics:
        return []
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in await admin.describe_topics(topics)
        for partition in topic["partitions"]
    ]


async def _behind(
    asking: AIOKafkaConsumer,
    admin: AIOKafkaAdminClient,
    group: str,
    partitions: Sequence[TopicPartition],
) -> int:
    """Count the events after those that a group has committed: all of them if it has none."""
    if not partitions:
        return 0
    begins = await asking.beginning_offsets(partitions)
    ends = await asking.end_offsets(partitions)
    committed = await admin.list_consumer_group_offsets(group)
    applied = {one: committed[one].offset for one in partitions if one in committed}
    return sum(ends[one] - max(applied.get(one, -1), begins[one]) for one in partitions)
