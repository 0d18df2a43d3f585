"""What a stranger can tell from the time of an answer: nothing.

By construction the same work is done (counted in ``test_session.py``); here it is timed as well.
An account that is found is read as well, which costs microseconds; what must not show is the hash,
which costs milliseconds. A busy machine makes times noisy, never different for one name alone: of
several rounds one has to show next to no difference, while a sign-in that skips the hash for
unknown names differs in all of them.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from kibble.contracts.customer import Whence
from kibble.services.customer.adapters.argon2 import Argon2PasswordHasher
from kibble.services.customer.integration import PasswordHasher
from kibble.services.customer.wiring import build_embedded
from tests.component.customer.conftest import JANE
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Client
from tests.fixtures.identity import SignsIn

ROUNDS = 5
CALLS = 30
ALIKE = 0.1


class Hasher(Argon2PasswordHasher):
    """Costs some milliseconds, in the loop."""

    def __init__(self) -> None:
        super().__init__(0, random.Random(7), memory_kib=4_096, iterations=1)


class LeakyHasher(Hasher):
    """The mistake that this guards against: no hash where there is nothing to compare with."""

    async def verify(self, password_hash: str | None, password: str) -> bool:
        return password_hash is not None and await super().verify(password_hash, password)


class Place:
    """Customer on a folder, with a hasher."""

    def __init__(self, folder: Path, hasher: PasswordHasher) -> None:
        self.clock = FakeClock()
        self.built = build_embedded(
            folder, self.clock, fake_ids(self.clock), random.Random(3), hasher=hasher, inline=True
        )
        self.http = Client(self.built.routes, self.clock)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path, Hasher())
    yield made
    made.built.store.close()


@pytest.fixture
def leaky(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path, LeakyHasher())
    yield made
    made.built.store.close()


async def timed(client: SignsIn, username: str, number: int) -> float:
    whence = Whence(address=f"192.0.2.{number}", agent="tests")
    started = perf_counter()
    await client.sign_in(username, "not the password", None, whence)
    return perf_counter() - started


async def difference(place: Place) -> float:
    """Return by what share of a sign-in's time a known and an unknown name differ."""
    await place.http.post("/api/customers", JANE)
    least = 1.0
    for _ in range(ROUNDS):
        known: list[float] = []
        unknown: list[float] = []
        for number in range(CALLS):
            place.clock.advance(901)
            known.append(await timed(place.built.client, "johndoe", number))
            unknown.append(await timed(place.built.client, "nobody", number))
        one, other = statistics.median(known), statistics.median(unknown)
        least = min(least, abs(one - other) / max(one, other))
        if least < ALIKE:
            break
    return least


async def test_a_sign_in_takes_as_long_for_an_unknown_name(place: Place) -> None:
    assert await difference(place) < ALIKE


async def test_a_sign_in_that_skips_the_hash_would_be_seen(leaky: Place) -> None:
    assert await difference(leaky) >= ALIKE
