"""Customer as several processes on one MongoDB."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pymongo import MongoClient

from kibble.platform.config import Settings
from kibble.platform.service import Built, ServiceStore, World
from kibble.services.customer.client import CustomerClient
from kibble.services.customer.wiring import build_distributed
from tests.component.customer.conftest import JANE, CountingHasher
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.http import Client
from tests.fixtures.identity import signed_in
from tests.fixtures.spaces.mongodb import mongodb

__all__ = ["mongodb"]

pytestmark = pytest.mark.engine


@dataclass
class Replica:
    built: Built[CustomerClient, ServiceStore]
    http: Client


@pytest.fixture
async def replicas(mongodb: Space, clock: FakeClock) -> AsyncIterator[list[Replica]]:
    settings = Settings(mongodb_url=mongodb.url, namespace=mongodb.namespace)
    made: list[Replica] = []
    for seed in (1, 2):
        world = World(clock, fake_ids(clock, seed), random.Random(seed))
        built = await build_distributed(settings, world, hasher=CountingHasher())
        made.append(Replica(built, Client(built.routes, clock)))
    yield made
    for replica in made:
        for close in replica.built.closing:
            await close()
    with MongoClient[dict[str, object]](mongodb.url) as client:
        client.drop_database(f"{mongodb.namespace}_customer")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_an_account_of_one_replica_signs_in_at_another(replicas: list[Replica]) -> None:
    one, other = replicas
    answer = await one.http.post("/api/customers", JANE)
    assert answer.status == 201, answer.body
    customer_id = answer.json()["id"]
    assert await signed_in(other.built.client, "johndoe", "password123") == customer_id
    assert (await other.http.post("/api/customers", JANE)).status == 409


async def test_the_events_of_all_replicas_are_relayed_by_one(replicas: list[Replica]) -> None:
    one, other = replicas
    await one.http.post("/api/customers", JANE)
    await other.http.post("/api/customers", {**JANE, "username": "eve", "email": "e@example.com"})
    (first,), (second,) = one.built.outboxes, other.built.outboxes
    assert await second.pending(100)
    assert await first.pending(100) == []
    events = await second.pending(100)
    registered = [event for event in events if event.type == "customer.registered"]
    assert len(registered) == 2
    await second.settle(events)
    assert await second.pending(100) == []


async def test_a_key_is_answered_alike_by_all_replicas(replicas: list[Replica]) -> None:
    one, other = replicas
    headers = {"idempotency-key": "k-1"}
    first = await one.http.post("/api/customers", JANE, headers=headers)
    again = await other.http.post("/api/customers", JANE, headers=headers)
    assert (first.status, first.body) == (again.status, again.body)
