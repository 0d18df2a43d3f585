"""Reading the API: what a page is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp

from kibble.platform.web.local import exchange


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a GET; ``link`` is its Link header, ``body`` its JSON."""

    status: int
    body: bytes
    link: str | None = None


class Reader(Protocol):
    """Reads the API: as every visitor may, or as the one whose cookies are passed on."""

    async def get(self, address: str, cookie: str = "") -> Answer:
        """Return the answer to a GET of ``address``: a path with its query.

        ``cookie`` is a Cookie header. A failure to reach the API is an answer of status 503.
        """
        ...


class InProcess:
    """Reads an application of this process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def get(self, address: str, cookie: str = "") -> Answer:
        """Return the answer to a GET."""
        headers = [(b"cookie", cookie.encode("latin-1"))] if cookie else []
        answered = await exchange(self._app, "GET", address, headers)
        link = next((value for name, value in answered.headers if name == b"link"), None)
        told = link.decode("latin-1") if link else None
        return Answer(answered.status, answered.body, told)
