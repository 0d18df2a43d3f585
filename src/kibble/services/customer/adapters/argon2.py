"""Password hashing with argon2id, in a small pool of threads beside the event loop."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import argon2
from argon2 import exceptions

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import Randomness

MEMORY_KIB: Final = 19_456
ITERATIONS: Final = 2
LANES: Final = 1
SALT_BYTES: Final = 16
QUEUE: Final = 32

T = TypeVar("T")


class Argon2PasswordHasher:
    """Hashes with m=19456 KiB, t=2, p=1, as OWASP's Password Storage sheet asks at least.

    A hash costs about 70 ms of one core. So at most ``threads`` run at a time and 32 wait; more
    raise ``Unavailable``: a flood of sign-ins must not take the shop down. With no threads, hashing
    runs in the event loop, for a simulation under virtual time.
    """

    def __init__(
        self,
        threads: int,
        randomness: Randomness,
        *,
        memory_kib: int = MEMORY_KIB,
        iterations: int = ITERATIONS,
    ) -> None:
        """Start no thread yet; a weaker setting is for tests alone."""
        self._randomness = randomness
        self._argon2 = argon2.PasswordHasher(iterations, memory_kib, LANES)
        self._pool = ThreadPoolExecutor(threads, "password") if threads else None
        self._room = threads + QUEUE
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the PHC string of ``password`` with a fresh salt."""
        salt = self._salt()
        return await self._run(lambda: self._argon2.hash(_normal(password), salt=salt))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether ``password`` is the hashed one."""
        return await self._run(lambda: self._verify(password_hash, _normal(password)))

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether ``password_hash`` was made with other settings than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Let the threads end; what waits is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        if self._nobody is None:
            self._nobody = self._argon2.hash("nobody", salt=self._salt())
        try:
            self._argon2.verify(password_hash or self._nobody, password)
        except (exceptions.VerificationError, exceptions.InvalidHashError):
            return False
        return password_hash is not None

    def _salt(self) -> bytes:
        return self._randomness.getrandbits(8 * SALT_BYTES).to_bytes(SALT_BYTES)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._pool is None:
            return work()
        if self._room == 0:
            raise Unavailable("Too many people are signing in; please try again in a moment.")
        self._room -= 1
        future = asyncio.wrap_future(self._pool.submit(work))
        future.add_done_callback(self._leave)
        return await future

    def _leave(self, _future: object) -> None:
        self._room += 1


def _normal(password: str) -> str:
    """Return one form for the same text from different keyboards (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password)
