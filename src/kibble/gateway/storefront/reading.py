"""Reading the API as every visitor may: what a page is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a GET; ``link`` is its Link header, ``body`` its JSON."""

    status: int
    body: bytes
    link: str | None = None


class Reader(Protocol):
    """Reads the API without a token."""

    async def get(self, address: str) -> Answer:
        """Return the answer to a GET of ``address``: a path with its query.

        A failure to reach the API is an answer of status 503.
        """
        ...


class InProcess:
    """Reads an application of this process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def get(self, address: str) -> Answer:
        """Return the answer to a GET."""
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [],
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        link = next((value for name, value in sent[0]["headers"] if name == b"link"), None)
        body = b"".join(part["body"] for part in sent[1:])
        return Answer(sent[0]["status"], body, link.decode("latin-1") if link else None)
