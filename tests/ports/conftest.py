"""What several ports have adapters on: one space of it for all their tests."""

from tests.fixtures.spaces.neo4j import neo4j

__all__ = ["neo4j"]
