"""A space in every engine."""

from tests.fixtures.engines import start_server
from tests.fixtures.spaces.cassandra import cassandra
from tests.fixtures.spaces.elasticsearch import elasticsearch
from tests.fixtures.spaces.kafka import kafka
from tests.fixtures.spaces.mongodb import mongodb
from tests.fixtures.spaces.neo4j import neo4j
from tests.fixtures.spaces.postgres import postgres
from tests.fixtures.spaces.redis import redis

__all__ = [
    "cassandra",
    "elasticsearch",
    "kafka",
    "mongodb",
    "neo4j",
    "postgres",
    "redis",
    "start_server",
]
