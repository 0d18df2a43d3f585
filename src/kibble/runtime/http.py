"""HTTP with bounds: how long a request's head may be, and how long it may take to come.

Uvicorn's parser keeps what it is sent of a head for as long as the sender pleases.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from kibble.gateway.headers import API_POLICY, SECURITY_HEADERS
from kibble.platform.web import json, problem

MAX_HEAD_BYTES = 32 * 1024
MAX_HEADERS = 100
HEAD_SECONDS = 10.0
SWEEP_SECONDS = 1.0
BAD_REQUEST, TIMED_OUT, TOO_LARGE_HEAD = 400, 408, 431


class BoundedHttp(HttpToolsProtocol):
    """One connection; ``head_since`` is when the head that has not come whole was begun."""

    head_since: float | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self.head_since = monotonic()

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it makes a head too long."""
        if self.head_since is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and self.head_since is not None:
            self.refuse(TOO_LARGE_HEAD, "The request's head is too long.", "head-too-long")

    def on_message_begin(self) -> None:
        """Begin to wait for a head."""
        super().on_message_begin()
        if self.head_since is None:
            self.head_since, self._head_bytes = monotonic(), 0

    def on_headers_complete(self) -> None:
        """End the wait; refuse a head with too many lines."""
        came, self.head_since, self._head_bytes = self._head_bytes, None, 0
        if len(self.headers) > MAX_HEADERS or (came > MAX_HEAD_BYTES and self._is_long()):
            self.refuse(TOO_LARGE_HEAD, "The request's head is too long.", "head-too-long")
            return
        super().on_headers_complete()

    def _is_long(self) -> bool:
        """Tell whether it is the head that is long, not a body that came along."""
        head = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.url) + head > MAX_HEAD_BYTES

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, unless the request was refused."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of the body, unless the request was refused."""
        if not self.transport.is_closing():
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and close the connection."""
        self.refuse(BAD_REQUEST, "The request is no valid HTTP.", "invalid-input")

    def refuse(self, status: int, detail: str, code: str) -> None:
        """Answer with a problem, as the edge does, and close the connection."""
        if self.transport.is_closing():
            return
        title = "Invalid request"
        body = json.encode(
            {
                "type": problem.TYPE_BASE + code,
                "title": title,
                "status": status,
                "detail": detail,
                "code": code,
                "errors": [{"pointer": "", "detail": detail}],
            }
        )
        headers = [
            (b"content-type", problem.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            API_POLICY,
            *SECURITY_HEADERS,
            *self.server_state.default_headers,
        ]
        lines = [STATUS_LINE[status], *(name + b": " + value + b"\r\n" for name, value in headers)]
        self.transport.write(b"".join([*lines, b"\r\n", body]))
        self.transport.close()


async def end_slow_heads(connections: Iterable[Any]) -> None:
    """Close connections whose request's head does not come to its end, until cancelled."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        sweep(connections, monotonic())


def sweep(connections: Iterable[Any], now: float) -> None:
    """Close those of ``connections`` that have waited for a head for too long."""
    for connection in list(connections):
        since = getattr(connection, "head_since", None)
        if since is not None and since < now - HEAD_SECONDS:
            connection.refuse(TIMED_OUT, "The request took too long to arrive.", "timed-out")
