"""What every ``PasswordHasher`` does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from kibble.kernel.errors import Unavailable
from kibble.services.customer.adapters.argon2 import QUEUE, Argon2PasswordHasher
from kibble.services.customer.integration import PasswordHasher

CHEAP = {"memory_kib": 8, "iterations": 1}


@pytest.fixture(params=["in the loop", "in threads"])
def hasher(request: pytest.FixtureRequest) -> Iterator[PasswordHasher]:
    threads = 0 if request.param == "in the loop" else 2
    made = Argon2PasswordHasher(threads, random.Random(1), **CHEAP)
    yield made
    made.close()


class TestEveryHasher:
    async def test_knows_the_password_again(self, hasher: PasswordHasher) -> None:
        hashed = await hasher.hash("correct horse battery")
        assert await hasher.verify(hashed, "correct horse battery")
        assert not await hasher.verify(hashed, "correct horse batterz")

    async def test_hashes_the_same_password_differently_each_time(
        self, hasher: PasswordHasher
    ) -> None:
        assert await hasher.hash("correct horse") != await hasher.hash("correct horse")

    async def test_nobody_has_any_password(self, hasher: PasswordHasher) -> None:
        assert not await hasher.verify(None, "nobody")

    @pytest.mark.parametrize("damaged", ["", "password", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
    async def test_a_damaged_hash_fits_nothing(self, hasher: PasswordHasher, damaged: str) -> None:
        assert not await hasher.verify(damaged, "password")

    async def test_the_same_text_from_another_keyboard_is_the_same_password(
        self, hasher: PasswordHasher
    ) -> None:
        hashed = await hasher.hash("cafe\u0301 \uff11\uff12\uff13")
        assert await hasher.verify(hashed, "caf\u00e9 123")

    async def test_takes_every_length_whole(self, hasher: PasswordHasher) -> None:
        hashed = await hasher.hash("x" * 127 + "y")
        assert not await hasher.verify(hashed, "x" * 127 + "z")

    async def test_its_own_hash_is_not_outdated(self, hasher: PasswordHasher) -> None:
        assert not hasher.is_outdated(await hasher.hash("correct horse"))


class TestArgon2:
    async def test_uses_the_settings_that_owasp_asks_for(self) -> None:
        hasher = Argon2PasswordHasher(0, random.Random(1))
        assert (await hasher.hash("x")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    async def test_a_hash_with_weaker_settings_is_outdated(self) -> None:
        weak = await Argon2PasswordHasher(0, random.Random(1), **CHEAP).hash("x")
        assert Argon2PasswordHasher(0, random.Random(1)).is_outdated(weak)

    async def test_one_seed_makes_the_same_salts_for_a_simulation(self) -> None:
        first, second = (Argon2PasswordHasher(0, random.Random(1), **CHEAP) for _ in range(2))
        assert await first.hash("x") == await second.hash("x")


class TestFlood:
    async def test_more_than_the_queue_holds_is_refused_and_room_comes_back(self) -> None:
        hasher = Argon2PasswordHasher(1, random.Random(1), **CHEAP)
        waiting = [asyncio.ensure_future(hasher.hash("x")) for _ in range(QUEUE + 1)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await hasher.hash("one too many")
        assert len(set(await asyncio.gather(*waiting))) == QUEUE + 1
        assert await hasher.hash("x")
        hasher.close()

    async def test_a_caller_who_leaves_makes_room(self) -> None:
        hasher = Argon2PasswordHasher(1, random.Random(1), **CHEAP)
        for _ in range(3 * QUEUE):
            caller = asyncio.ensure_future(hasher.hash("x"))
            await asyncio.sleep(0)
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
        assert await hasher.hash("x")
        hasher.close()
