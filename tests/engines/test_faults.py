"""What the servers keep when they are killed, stopped or frozen: each on a server of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from tests.fixtures.engines import StartServer
from tests.fixtures.spaces.cassandra import cassandra_session

pytestmark = [pytest.mark.engine, pytest.mark.slow]


async def test_postgres_keeps_what_it_acknowledged_before_a_kill(
    start_server: StartServer,
) -> None:
    server = start_server("postgres")
    connection = await asyncpg.connect(server.url)
    await connection.execute("create table orders (id int primary key)")
    await connection.executemany("insert into orders values ($1)", [(n,) for n in range(100)])
    await server.kill()
    connection.terminate()
    await server.start()
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("select count(*) from orders") == 100
    await connection.close()


async def test_a_frozen_redis_says_nothing_until_it_is_thawed(start_server: StartServer) -> None:
    server = start_server("redis")
    async with Redis.from_url(server.url) as client:
        assert await client.set("key", "value")
        server.freeze()
        answer = asyncio.ensure_future(client.get("key"))
        done, _ = await asyncio.wait([answer], timeout=0.3)
        assert not done
        server.thaw()
        assert await answer == b"value"


async def test_the_stand_in_for_mongodb_keeps_what_it_has_through_an_orderly_stop(
    start_server: StartServer,
) -> None:
    server = start_server("mongodb")
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(server.url, w="majority")
    carts = client.get_default_database().get_collection("carts")
    await carts.insert_one({"_id": 1})
    await server.stop()
    await server.start()
    assert await carts.find_one({}) == {"_id": 1}
    await client.close()


async def test_kafka_keeps_what_it_acknowledged_before_a_kill(start_server: StartServer) -> None:
    server = start_server("kafka")
    broker = server.url.removeprefix("kafka://")
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    await admin.create_topics([NewTopic("orders", num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=broker, acks="all") as producer:
        await producer.send_and_wait("orders", b"placed")
    await server.kill()
    await server.start()
    async with AIOKafkaConsumer(bootstrap_servers=broker) as consumer:
        partition = TopicPartition("orders", 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        assert (await consumer.getone()).value == b"placed"


async def test_cassandra_keeps_what_it_acknowledged_before_a_kill(
    start_server: StartServer,
) -> None:
    server = start_server("cassandra")
    replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    with cassandra_session(server.url.removesuffix("/kibble")) as session:
        session.execute(f"create keyspace kibble with replication = {replication}")
        session.execute("create table kibble.stock (product text primary key, stock int)")
        session.execute(
            "insert into kibble.stock (product, stock) values ('bowl', 5) if not exists"
        )
    await server.kill()
    await server.start()
    with cassandra_session(server.url) as session:
        assert session.execute("select stock from stock").one().stock == 5
