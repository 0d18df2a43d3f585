"""What a distributed shop lacks, in a sentence each."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from urllib.parse import urlsplit

import aiohttp

from kibble.platform.config import Settings
from kibble.runtime.distributed.addresses import served, url_of

TIMEOUT_SECONDS = 2.0
ENGINES = {
    "PostgreSQL": ("postgres_url", 5432),
    "MongoDB": ("mongodb_url", 27017),
    "Redis": ("redis_url", 6379),
    "Cassandra": ("cassandra_url", 9042),
    "Elasticsearch": ("elasticsearch_url", 9200),
    "Neo4j": ("neo4j_url", 7687),
    "Kafka": ("kafka_url", 9092),
}
"""Each engine's setting, and its port where the address names none."""
DRIVERS = ("aiokafka", "asyncpg", "cassandra", "neo4j", "pymongo", "redis")


async def problems(settings: Settings) -> list[str]:
    """Return what is wrong, if anything: drivers, engines, services."""
    found = [f"The driver {name} is not installed." for name in DRIVERS if find_spec(name) is None]
    engines = await asyncio.gather(*(_engine(name, settings) for name in ENGINES))
    services = await asyncio.gather(*(_service(name, settings) for name in served(settings)))
    return found + [problem for problem in (*engines, *services) if problem]


async def _engine(name: str, settings: Settings) -> str | None:
    setting, default = ENGINES[name]
    place = urlsplit(getattr(settings, setting))
    address = (place.netloc.rpartition("@")[2].split(",")[0]) or "nowhere"
    host, _, port = address.partition(":")
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            _, writer = await asyncio.open_connection(host, int(port or default))
    except (OSError, TimeoutError):
        return f"{name} does not answer at {address} (KIBBLE_{setting.upper()})."
    writer.close()
    await writer.wait_closed()
    return None


async def _service(name: str, settings: Settings) -> str | None:
    url = url_of(name, settings)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{url}/health/ready", allow_redirects=False) as answer,
        ):
            ready = answer.ok
    except (aiohttp.ClientError, TimeoutError):
        return f"The service {name} does not answer at {url}."
    return None if ready else f"The service {name} at {url} is not ready."
