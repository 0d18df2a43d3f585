"""Each server is the real thing: its driver connects, and what it acknowledged is there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError
from neo4j.exceptions import ConstraintError
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError
from redis.asyncio import Redis

from tests.fixtures.engines import Space, address
from tests.fixtures.spaces.cassandra import cassandra_session
from tests.fixtures.spaces.neo4j import graph

pytestmark = pytest.mark.engine


class TestPostgres:
    async def test_sells_exactly_what_there_is_to_racing_buyers(self, postgres: Space) -> None:
        async with asyncpg.create_pool(postgres.url, min_size=0, max_size=10) as pool:
            await pool.execute("create table stock (sku text primary key, left_ int)")
            await pool.execute("insert into stock values ('bowl', 20)")
            buy = "update stock set left_ = left_ - 1 where sku = 'bowl' and left_ > 0 returning 1"
            bought = await asyncio.gather(*(pool.fetchval(buy) for _ in range(60)))
            assert sum(filter(None, bought)) == 20
            assert await pool.fetchval("select left_ from stock") == 0

    async def test_syncs_what_it_acknowledges(self, postgres: Space) -> None:
        connection = await asyncpg.connect(postgres.url)
        settings = ("fsync", "synchronous_commit", "full_page_writes")
        assert [await connection.fetchval(f"show {each}") for each in settings] == ["on"] * 3
        await connection.close()


class TestRedis:
    async def test_grants_a_lock_once_and_drops_keys_rather_than_refuse_writes(
        self, redis: Space
    ) -> None:
        async with Redis.from_url(redis.url) as client:
            key = f"{redis.namespace}:lock"
            assert await client.set(key, "one", nx=True, px=60_000)
            assert not await client.set(key, "two", nx=True, px=60_000)
            assert (await client.config_get("maxmemory-policy"))[
                "maxmemory-policy"
            ] == "allkeys-lru"


class TestMongoDB:
    async def test_lets_one_of_many_writers_have_a_version(self, mongodb: Space) -> None:
        async with self._client(mongodb) as client:
            carts = client.get_default_database().get_collection("carts")
            await carts.insert_one({"_id": 1, "version": 1})
            win = {"_id": 1, "version": 1}, {"$set": {"version": 2}}
            results = await asyncio.gather(*(carts.update_one(*win) for _ in range(40)))
            assert sum(result.modified_count for result in results) == 1

    async def test_keeps_a_unique_index(self, mongodb: Space) -> None:
        async with self._client(mongodb) as client:
            people = client.get_default_database().get_collection("people")
            await people.create_index("email", unique=True)
            await people.insert_one({"email": "sam@example.com"})
            with pytest.raises(DuplicateKeyError):
                await people.insert_one({"email": "sam@example.com"})

    @asynccontextmanager
    async def _client(self, space: Space) -> AsyncIterator[AsyncMongoClient[dict[str, Any]]]:
        client: AsyncMongoClient[dict[str, Any]]
        async with AsyncMongoClient(space.url, w="majority") as client:
            yield client


class TestKafka:
    async def test_gives_back_in_order_what_it_acknowledged(self, kafka: Space) -> None:
        topic, broker = f"{kafka.namespace}_orders", kafka.url.removeprefix("kafka://")
        admin = AIOKafkaAdminClient(bootstrap_servers=broker)
        await admin.start()
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
        await admin.close()
        sent = [f"event {number}".encode() for number in range(100)]
        async with AIOKafkaProducer(
            bootstrap_servers=broker, acks="all", enable_idempotence=True
        ) as producer:
            for value in sent:
                await producer.send(topic, value, key=b"order-1")
        async with AIOKafkaConsumer(
            topic, bootstrap_servers=broker, group_id=topic, auto_offset_reset="earliest"
        ) as consumer:
            received = [(await anext(consumer)).value for _ in sent]
        assert received == sent

    async def test_refuses_a_topic_that_nobody_made(self, kafka: Space) -> None:
        broker = kafka.url.removeprefix("kafka://")
        async with AIOKafkaProducer(
            bootstrap_servers=broker, request_timeout_ms=10_000, metadata_max_age_ms=500
        ) as producer:
            with pytest.raises(UnknownTopicOrPartitionError):
                await producer.send_and_wait(f"{kafka.namespace}_typo", b"lost")


class TestCassandra:
    def test_applies_one_of_two_transactions_on_the_same_revision(self, cassandra: Space) -> None:
        with cassandra_session(cassandra.url) as session:
            session.execute("create table stock (product text primary key, stock int, rev bigint)")
            seed = "insert into stock (product, stock, rev) values ('bowl', 5, 1) if not exists"
            assert session.execute(seed).was_applied
            take = "update stock set stock = 4, rev = 2 where product = 'bowl' if rev = 1"
            assert session.execute(take).was_applied
            assert not session.execute(take).was_applied
            assert session.execute("select stock from stock").one().stock == 4

    def test_syncs_its_log_before_it_acknowledges(self, cassandra: Space) -> None:
        with cassandra_session(cassandra.url) as session:
            rows = session.execute(
                "select value from system_views.settings where name = %s", ["commitlog_sync"]
            )
            assert rows.one().value == "batch"


class TestElasticsearch:
    async def test_finds_a_document_by_its_stem_and_refuses_a_stale_write(
        self, elasticsearch: Space
    ) -> None:
        index = f"/{elasticsearch.namespace}_products"
        async with aiohttp.ClientSession(elasticsearch.url, raise_for_status=False) as session:
            mapping = {"properties": {"name": {"type": "text", "analyzer": "english"}}}
            await self._send(session, "PUT", index, {"mappings": mapping}, 200)
            document = {"name": "Running leashes for puppies"}
            await self._send(session, "PUT", f"{index}/_doc/1?refresh=true", document, 201)
            query = {"query": {"match": {"name": "puppy leash"}}}
            found = await self._send(session, "POST", f"{index}/_search", query, 200)
            assert [hit["_id"] for hit in found["hits"]["hits"]] == ["1"]
            stale = f"{index}/_doc/1?if_seq_no=7&if_primary_term=1"
            await self._send(session, "PUT", stale, document, 409)

    async def test_refuses_an_index_that_nobody_made(self, elasticsearch: Space) -> None:
        async with aiohttp.ClientSession(elasticsearch.url) as session:
            typo = f"/{elasticsearch.namespace}_typo/_doc/1"
            await self._send(session, "PUT", typo, {"name": "lost"}, 404)

    async def _send(
        self, session: aiohttp.ClientSession, method: str, path: str, body: object, status: int
    ) -> Any:
        async with session.request(method, path, json=body) as answer:
            text = await answer.text()
            assert answer.status == status, text
            return json.loads(text)


class TestNeo4j:
    def test_merges_a_purchase_once_and_keeps_ids_unique(self, neo4j: Space) -> None:
        label = f"{neo4j.namespace}_Bowl"
        with graph(neo4j.url) as driver:
            driver.execute_query(
                f"create constraint {label} for (p:{label}) require p.id is unique"
            )
            for _ in range(2):
                driver.execute_query(f"merge (:{label} {{id: 'bowl'}})")
            counted = driver.execute_query(f"match (p:{label}) return count(p)").records
            assert counted[0][0] == 1
            with pytest.raises(ConstraintError):
                driver.execute_query(f"create (:{label} {{id: 'bowl'}})")


class TestHAProxy:
    def test_answers_and_shows_its_metrics(self) -> None:
        connection = HTTPConnection(urlsplit(address("haproxy")).netloc, timeout=10)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert (answer.status, b"haproxy_process_" in answer.read()) == (200, True)
        connection.close()
