"""Kafka: a publisher for relays, and a bus that delivers topics to consumer groups.

No Kafka transactions: a consumer's effects are in its own store, so the inbox is what makes them
happen once. The producer is idempotent and waits for all in-sync replicas; a consumer commits its
offsets after its store has.
"""

from kibble.platform.engines.kafka.bus import KafkaBus
from kibble.platform.engines.kafka.cluster import Cluster
from kibble.platform.engines.kafka.publisher import KafkaPublisher

__all__ = ["Cluster", "KafkaBus", "KafkaPublisher"]
