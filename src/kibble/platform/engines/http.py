"""Calling a neighbour over HTTP: one connection pool a neighbour, with care."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import aiohttp
import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.errors import KibbleError, TimedOut, Unavailable
from kibble.kernel.ids import Randomness
from kibble.platform.resilience import Guard
from kibble.platform.rpc import Ask, Procedure, context_of, remaining_seconds
from kibble.platform.rpc.deadline import HEADER
from kibble.platform.telemetry.spans import span
from kibble.platform.telemetry.trace import current_traceparent
from kibble.platform.web import json, problem

A = TypeVar("A", bound=Ask)
R = TypeVar("R")

TIMEOUT_SECONDS = 5.0
CONNECT_SECONDS = 1.0
CONCURRENCY = 64
ATTEMPTS = 3
_OK = 200


class HttpNeighbour:
    """Implements ``Neighbour`` for a service in another process, behind one address.

    Each call has a deadline (what the caller has left, at most five seconds) that is carried on, a
    place in a bulkhead, retries within a budget, and a circuit breaker.
    """

    def __init__(
        self,
        name: str,
        url: str,
        clock: Clock,
        randomness: Randomness,
        token: Callable[[], str],
        *,
        behalf: Callable[[str], str] | None = None,
    ) -> None:
        """``token`` returns this service's own token, ``behalf`` what it says of itself.

        The latter for a customer for whom it works while nobody waits.
        """
        self.name = name
        self._url = url.rstrip("/")
        self._clock = clock
        self._token = token
        self._behalf = behalf
        self._session: aiohttp.ClientSession | None = None
        self._guard = Guard(
            name,
            clock,
            randomness,
            timeout_seconds=TIMEOUT_SECONDS,
            concurrency=CONCURRENCY,
            attempts=ATTEMPTS,
        )

    async def call(self, procedure: Procedure[A, R], ask: A) -> R:
        """See ``Neighbour.call``."""
        body = json.encode(ask)
        context = context_of(procedure.rights, ask, self._behalf)
        with span(f"{procedure.service} {procedure.name}", "client") as told:
            told.tell("peer.service", self.name)
            answer = await self._guard.call(lambda: self._post(procedure.path, body, context))
        value: R = msgspec.json.decode(answer, type=procedure.answers)
        return value

    async def _post(self, path: str, body: bytes, context: Mapping[str, str]) -> bytes:
        seconds = self._seconds()
        headers = {
            "authorization": f"Bearer {self._token()}",
            "content-type": "application/json",
            HEADER: str(int(seconds * 1000)),
            **context,
        }
        if traceparent := current_traceparent():
            headers["traceparent"] = traceparent
        try:
            async with self._pool().post(
                self._url + path, data=body, headers=headers, allow_redirects=False
            ) as answer:
                content = await answer.read()
        except TimeoutError as error:
            raise TimedOut(f"{self.name} did not answer in time.") from error
        except aiohttp.ClientError as error:
            raise Unavailable(f"{self.name} cannot be reached: {error}") from error
        if answer.status != _OK:
            raise _error(self.name, answer.status, content)
        return content

    def _seconds(self) -> float:
        left = remaining_seconds(self._clock)
        if left is None:
            return TIMEOUT_SECONDS
        if left <= 0:
            raise TimedOut(f"The time was up before {self.name} was asked.")
        return min(left, TIMEOUT_SECONDS)

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONCURRENCY, keepalive_timeout=30),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS, sock_connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _error(name: str, status: int, content: bytes) -> KibbleError:
    try:
        told: Any = msgspec.json.decode(content)
    except msgspec.MsgspecError:
        return Unavailable(f"{name} answered {status}.")
    return (
        problem.parse(status, told) if isinstance(told, dict) else Unavailable(f"{name}: {status}")
    )
