"""Calling a shop's own API from inside its process: by the same contract as everybody."""

from __future__ import annotations

from typing import Any

import msgspec

from kibble.platform.web import json
from kibble.platform.web.local import exchange
from kibble.runtime.shop import Shop

CREATED_OR_OK = range(200, 300)
CONFLICT = 409


class Refused(RuntimeError):
    """The shop's own API said no to something that must succeed."""


def told(content: bytes) -> str:
    """Return what a problem's details say, in one line."""
    try:
        problem: Any = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return content.decode("utf-8", "replace")[:500]
    fields = [f"{one['pointer']} {one['detail']}" for one in problem.get("errors", [])]
    return " ".join([str(problem.get("detail", "")), *fields])


class Loopback:
    """Calls routes with a token, without a socket and without the edge's limits."""

    def __init__(self, shop: Shop, token: str) -> None:
        self._app = shop.web
        self._token = token

    async def post(self, path: str, body: object, *, token: str | None = None) -> Any:
        """Return the JSON of what was made, or None when it is there already (409)."""
        status, answer = await self._send("POST", path, json.encode(body), token or self._token)
        if status == CONFLICT:
            return None
        if status not in CREATED_OR_OK:
            raise Refused(f"POST {path}: {status} {answer.decode()}")
        return msgspec.json.decode(answer)

    async def get(self, path: str) -> Any:
        """Return the JSON of an answer."""
        status, answer = await self._send("GET", path, b"", self._token)
        if status not in CREATED_OR_OK:
            raise Refused(f"GET {path}: {status} {answer.decode()}")
        return msgspec.json.decode(answer)

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON of an answer, None for an empty one; raises ``Refused``."""
        sent = b"" if body is None else json.encode(body)
        status, answer = await self._send(method, path, sent, self._token)
        if status not in CREATED_OR_OK:
            raise Refused(told(answer))
        return msgspec.json.decode(answer) if answer else None

    async def _send(self, method: str, path: str, body: bytes, token: str) -> tuple[int, bytes]:
        headers = [
            (b"authorization", f"Bearer {token}".encode()),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        answered = await exchange(self._app, method, path, headers, body)
        return answered.status, answered.body
