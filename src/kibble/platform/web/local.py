"""Calling an application of this process: by the contract that everybody has, without a socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answered:
    """What an application answered."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


async def exchange(
    app: ASGIApp,
    method: str,
    address: str,
    headers: Sequence[tuple[bytes, bytes]] = (),
    body: bytes = b"",
) -> Answered:
    """Send a request to ``app`` and return the whole answer; ``address`` is a path and a query."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": list(headers),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    return Answered(start["status"], start["headers"], b"".join(part["body"] for part in parts))
