"""Customer whole, on a store of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kibble.platform.messaging.envelope import open_envelope
from kibble.platform.service import Built, LocalStore
from kibble.services.customer.adapters.argon2 import Argon2PasswordHasher
from kibble.services.customer.client import CustomerClient
from kibble.services.customer.wiring import build_embedded
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Answer, Client

JANE: dict[str, Any] = {
    "username": "johndoe",
    "email": "johndoe@example.com",
    "password": "password123",
    "address": {"street": "123 Main St", "city": "New York", "state": "NY", "zipCode": "10001"},
    "phone": "123-456-7890",
}
"""The owner's example."""


class CountingHasher(Argon2PasswordHasher):
    """Hashes quickly, in the loop, and counts."""

    def __init__(self) -> None:
        super().__init__(0, random.Random(7), memory_kib=8, iterations=1)
        self.hashed = 0
        self.verified = 0

    async def hash(self, password: str) -> str:
        self.hashed += 1
        return await super().hash(password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        self.verified += 1
        return await super().verify(password_hash, password)


@dataclass
class Shop:
    """Customer, and what a test needs around it."""

    built: Built[CustomerClient, LocalStore]
    http: Client
    clock: FakeClock
    hasher: CountingHasher
    folder: Path

    @property
    def client(self) -> CustomerClient:
        return self.built.client

    async def register(self, **fields: object) -> Answer:
        """Register the owner's example with some fields changed."""
        return await self.http.post("/api/customers", {**JANE, **fields})

    async def registered(self, **fields: object) -> str:
        """Register, and return the new customer's id."""
        answer = await self.register(**fields)
        assert answer.status == 201, answer.body
        customer_id: str = answer.json()["id"]
        return customer_id

    def events(self, topic: str) -> list[tuple[str, int, dict[str, Any]]]:
        """Return the type, sequence and data of everything published on a topic."""
        entries = self.built.store.read_log(topic, 0, 1_000)
        envelopes = [open_envelope(entry.envelope) for entry in entries]
        return [(e.type, e.sequence, msgspec.json.decode(e.data)) for e in envelopes]

    def requests(self, kind: str) -> list[dict[str, Any]]:
        """Return what Notification was asked to tell, of one kind."""
        events = [data for _, _, data in self.events("notification_events")]
        return [data for data in events if data["kind"] == kind]


def shop_in(folder: Path, *, production: bool = False, neighbours: Any = ()) -> Shop:
    clock = FakeClock()
    hasher = CountingHasher()
    built = build_embedded(
        folder,
        clock,
        fake_ids(clock),
        random.Random(3),
        production=production,
        neighbours=neighbours,
        hasher=hasher,
        inline=True,
    )
    return Shop(built, Client(built.routes, clock), clock, hasher, folder)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = shop_in(tmp_path)
    yield made
    made.built.store.close()
