"""The running shops of the journeys: each profile has one, and what a journey sees is the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fixtures import cluster as clusters
from tests.fixtures.cluster import cluster, engine_settings
from tests.fixtures.live import Called, calling
from tests.fixtures.running import running, slow_shop, unhurried
from tests.fixtures.shopping import Shop, open_shop

__all__ = ["cluster", "engine_settings", "running", "slow_shop", "unhurried"]

cassandra = clusters.cassandra
elasticsearch = clusters.elasticsearch
kafka = clusters.kafka
own_mongodb = clusters.own_mongodb
neo4j = clusters.neo4j
postgres = clusters.postgres
redis = clusters.redis

DISTRIBUTED = pytest.param(
    "cluster", id="distributed", marks=[pytest.mark.engine, pytest.mark.xdist_group("cluster")]
)


@pytest.fixture(params=[pytest.param("running", id="embedded"), DISTRIBUTED])
def either(request: pytest.FixtureRequest) -> Called:
    """The running shop of a profile."""
    process: Called = request.getfixturevalue(request.param)
    return process


@pytest.fixture
async def shop(either: Called) -> AsyncIterator[Shop]:
    """A shared shop whose parcels arrive within seconds, of each profile."""
    async with calling(either) as live:
        yield await open_shop(live)
