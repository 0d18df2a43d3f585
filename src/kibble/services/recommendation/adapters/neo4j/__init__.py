"""The graph on Neo4j."""

from kibble.services.recommendation.adapters.neo4j.graph import Neo4jGraph
from kibble.services.recommendation.adapters.neo4j.models import Neo4jItemModels

__all__ = ["Neo4jGraph", "Neo4jItemModels"]
