"""A small client of Elasticsearch's REST API (https://www.elastic.co/docs/api/doc/elasticsearch).

It speaks what Elasticsearch 7.10 and later and OpenSearch have in common, and leaves out
elasticsearch-py, which refuses OpenSearch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.errors import TimedOut, Unavailable
from kibble.platform.resilience import Breaker

CONNECTIONS = 16
"""Connections to each node."""

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
"""The deadline of a call: a search that takes longer helps nobody."""

WRITE_SECONDS = 15.0
"""The deadline of a call that writes, which may be large."""

REST_SECONDS = 10.0
"""How long a node that could not be reached is passed over while there are others."""

NOT_FOUND = 404
CONFLICT = 409
_FIRST_ERROR = 400
_TOO_MANY = 429
_FIRST_FAILURE = 500
_LONGEST_COMPLAINT = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answered: an HTTP status, and the JSON of the body."""

    status: int
    body: Any


@dataclass(slots=True)
class _Node:
    """One address, and until when it is passed over."""

    url: str
    rests_until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Request:
    """One call, as it is sent to whichever node."""

    method: str
    path: str
    data: bytes | None
    kind: str
    params: Mapping[str, str]
    seconds: float


class Elasticsearch:
    """Calls a cluster, any of its nodes, over one pool of connections.

    ``url`` may name several nodes, with commas between: ``http://user:password@a:9200,http://b:9200``.
    A breaker keeps callers from waiting for a cluster that is gone. Must be made in a running
    event loop.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        read_seconds: float = READ_SECONDS,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        """A call takes ``read_seconds`` at most, one that ``writes`` ``write_seconds``."""
        self._read_seconds = read_seconds
        self._write_seconds = write_seconds
        self.breaker = Breaker("Elasticsearch", clock)
        self._clock = clock
        parts = [urlsplit(one.strip()) for one in url.split(",")]
        self._nodes = [
            _Node(f"{part.scheme}://{part.netloc.rpartition('@')[2]}{part.path.rstrip('/')}")
            for part in parts
        ]
        user = next((part for part in parts if part.username), None)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=CONNECTIONS),
            headers=_authorization(*map(unquote, (user.username or "", user.password or "")))
            if user
            else None,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        params: Mapping[str, str] | None = None,
        writes: bool = False,
        accept: Collection[int] = (),
    ) -> Answer:
        """Make one call; ``body`` becomes JSON.

        Raises ``Unavailable`` when no node can be reached, and for any status from 400 on that is
        not in ``accept``; ``TimedOut`` after the deadline, when what the call did is unknown.
        """
        seconds = self._write_seconds if writes else self._read_seconds
        data = None if body is None else _encoded(body)
        request = _Request(method, path, data, "application/json", params or {}, seconds)
        return await self._send(request, accept)

    async def bulk(self, index: str, lines: Iterable[object]) -> list[Any]:
        """Send the lines of a bulk request as newline-delimited JSON; return what became of each.

        Each item of the answer has an ``index`` or ``delete`` with a ``status`` of its own.
        """
        data = b"\n".join([*map(_encoded, lines), b""])
        path = f"/{quote(index)}/_bulk"
        request = _Request("POST", path, data, "application/x-ndjson", {}, self._write_seconds)
        answer = await self._send(request, ())
        items: list[Any] = answer.body["items"]
        return items

    async def _send(self, request: _Request, accept: Collection[int]) -> Answer:
        self.breaker.check()
        try:
            answer = await self._to_any_node(request)
        except Unavailable:
            self.breaker.record(succeeded=False)
            raise
        # What is wrong with one call, as an index that is not there yet, says nothing of the next.
        overloaded = answer.status >= _FIRST_FAILURE or answer.status == _TOO_MANY
        self.breaker.record(succeeded=not overloaded)
        if answer.status >= _FIRST_ERROR and answer.status not in accept:
            raise Unavailable(f"Elasticsearch answered {answer.status}: {_complaint(answer)}")
        return answer

    async def _to_any_node(self, request: _Request) -> Answer:
        timeout = aiohttp.ClientTimeout(total=request.seconds, sock_connect=CONNECT_SECONDS)
        headers = {"content-type": request.kind} if request.data is not None else {}
        failure: Exception | None = None
        for node in self._in_turn():
            try:
                async with self._session.request(
                    request.method,
                    f"{node.url}{request.path}",
                    data=None if request.data is None else BytesIO(request.data),
                    headers=headers,
                    params=request.params,
                    timeout=timeout,
                    allow_redirects=False,
                ) as reply:
                    return Answer(reply.status, _decoded(await reply.read()))
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                failure = error  # nothing was sent: the next node may be asked
                node.rests_until = self._clock.monotonic() + REST_SECONDS
            except TimeoutError as error:
                raise TimedOut("Elasticsearch did not answer in time.") from error
            except aiohttp.ClientError as error:
                raise TimedOut(f"Elasticsearch broke off: {error!r}") from error
        raise Unavailable(f"Elasticsearch cannot be reached: {failure!r}") from failure

    def _in_turn(self) -> list[_Node]:
        """Return the nodes, beginning with another one each time, those that rest last."""
        self._nodes.append(self._nodes.pop(0))
        now = self._clock.monotonic()
        return sorted(self._nodes, key=lambda node: node.rests_until > now)


def _authorization(user: str, password: str) -> dict[str, str]:
    return {"authorization": aiohttp.encode_basic_auth(user, password, "utf-8")}


def _encoded(body: object) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (UnicodeEncodeError, TypeError, ValueError) as error:
        raise Unavailable(f"Elasticsearch cannot take this in: {error}") from error


def _decoded(body: bytes) -> Any:
    if not body:
        return None
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body.decode(errors="replace")  # a proxy's page, for the message of the error


def _complaint(answer: Answer) -> str:
    error = answer.body.get("error") if isinstance(answer.body, dict) else answer.body
    reason = error.get("reason", error) if isinstance(error, dict) else error
    return str(reason)[:_LONGEST_COMPLAINT]
