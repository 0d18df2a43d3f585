"""Where the brokers are, and how topics and groups are named there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from kibble.kernel.errors import Unavailable

PARTITIONS = 6
"""A power of scale, fixed for good: more of them would move keys to other partitions."""
DEAD_LETTERS = ".dlq"

_DAY_MS = 86_400_000
KEPT = {"retention.ms": str(7 * _DAY_MS), "segment.ms": str(_DAY_MS)}
"""Events are kept for a week. Kafka forgets by whole segments, so that a quiet topic, too, begins a
new one each day: what is told of somebody is gone after eight days, erased or not."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Kafka cluster; ``namespace`` begins the names of topics and groups."""

    servers: str
    namespace: str
    replication: int = 1

    @classmethod
    def at(cls, url: str, namespace: str) -> Cluster:
        """Return the cluster of ``kafka://HOST:PORT[,HOST:PORT...][?replication=N]``."""
        servers, _, query = url.removeprefix("kafka://").rstrip("/").partition("?")
        options = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
        return cls(servers, namespace, int(options.get("replication", "1")))

    def topic(self, name: str) -> str:
        """Return what a topic is called on the brokers."""
        return f"{self.namespace}.{name}"

    def plain(self, topic: str) -> str:
        """Return the name of a topic from what it is called on the brokers."""
        return topic.removeprefix(f"{self.namespace}.")

    def group(self, consumer: str) -> str:
        """Return what a consumer's group is called on the brokers."""
        return f"{self.namespace}.{consumer}"

    async def make_topics(self, names: Iterable[str]) -> None:
        """Make the topics that are missing, with one for the dead letters of each.

        Raises ``Unavailable``.
        """
        wanted = [self.topic(name + end) for name in names for end in ("", DEAD_LETTERS)]
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        try:
            await admin.start()
            missing = sorted(set(wanted) - set(await admin.list_topics()))
            if missing:
                await admin.create_topics(
                    [
                        NewTopic(name, PARTITIONS, self.replication, topic_configs=KEPT)
                        for name in missing
                    ]
                )
        except TopicAlreadyExistsError:
            return
        except KafkaError as error:
            raise Unavailable(f"Kafka cannot make topics: {error}") from error
        finally:
            await admin.close()
