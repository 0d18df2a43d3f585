"""Calling an outside party's JSON API over HTTP, signed in as an OAuth client.

The token of RFC 6749, section 4.4 (client credentials), is kept until shortly before it ends, and
one is asked for however many calls wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import TimedOut, Unavailable

_log = structlog.get_logger()

CONNECT_SECONDS = 3.0
EARLY_SECONDS = 60.0
"""How long before its end a token is not used any more."""
UNAUTHORIZED = 401
FORBIDDEN = 403
TOO_MANY = 429
SERVER_ERROR = 500
_NO_ANSWER = frozenset({TOO_MANY, *range(300, 400)})
"""What says nothing of what was asked: come later, or ask somewhere else."""
BAD_REQUEST = 400


class NotAccepted(Unavailable):
    """The other side does not accept our credentials."""

    code = "credentials-not-accepted"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client at an outside party.

    ``path`` is where tokens are given. ``in_form`` sends id and secret in the form, as FedEx wants
    it; otherwise they go into the header of basic authentication. ``headers`` go along.
    """

    client_id: str
    secret: str
    path: str
    in_form: bool = False
    headers: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        """Describe the client without its secret."""
        return f"Credentials({self.client_id})"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer below 500: its status, and its JSON (None when there is none)."""

    status: int
    body: Any

    @property
    def is_ok(self) -> bool:
        """Tell whether the answer is a success."""
        return self.status < BAD_REQUEST


class OutsideApi:
    """One outside party's API: a connection pool, a token, and errors in our own words."""

    def __init__(
        self, name: str, url: str, credentials: Credentials, clock: Clock, *, timeout_seconds: float
    ) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self._credentials = credentials
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=CONNECT_SECONDS)
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._ends_at = 0.0
        self._signing_in = asyncio.Lock()

    async def check(self, variable: str) -> None:
        """Sign in; raises ``ValueError`` that names the setting when that is refused.

        An outside party that is away is logged, and found out about later.
        """
        try:
            await self._token_now()
        except NotAccepted as error:
            raise ValueError(f"{variable}: {error.message}") from error
        except Unavailable as error:
            _log.warning("not reached at the start", party=self.name, reason=error.message)

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """Send a request and return an answer below 500; no redirect is followed.

        Raises ``TimedOut`` and ``Unavailable``, after which the outcome is unknown, and
        ``NotAccepted`` when our credentials are refused. A withdrawn token is renewed once.
        """
        token = await self._token_now()
        answered = await self._send(method, path, body, query, _signed(token, headers))
        if answered.status == UNAUTHORIZED:
            self._forget(token)
            token = await self._token_now()
            answered = await self._send(method, path, body, query, _signed(token, headers))
        if answered.status == UNAUTHORIZED:
            raise NotAccepted(f"{self.name} does not accept our token.")
        return answered

    async def fetch(self, url: str) -> bytes:
        """Return what is at a full address, asked for without our token and without redirects."""
        try:
            async with self._pool().get(url, allow_redirects=False) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{self.name} cannot be reached: {type(error).__name__}.") from error
        if answer.status != 200:  # noqa: PLR2004 - the one status that has the content
            raise Unavailable(f"{self.name} answered {answer.status}.")
        return content

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _token_now(self) -> str:
        async with self._signing_in:
            if self._clock.monotonic() >= self._ends_at:
                await self._sign_in()
            return self._token

    async def _sign_in(self) -> None:
        known = self._credentials
        form = {"grant_type": "client_credentials"}
        headers = dict(known.headers or {})
        if known.in_form:
            form |= {"client_id": known.client_id, "client_secret": known.secret}
        else:
            headers["authorization"] = aiohttp.encode_basic_auth(known.client_id, known.secret)
        answered = await self._send("POST", known.path, aiohttp.FormData(form), None, headers)
        if not answered.is_ok or "access_token" not in (answered.body or {}):
            raise NotAccepted(f"{self.name} does not accept our client id and secret.")
        self._token = answered.body["access_token"]
        lasts = float(answered.body.get("expires_in", 0))
        self._ends_at = self._clock.monotonic() + max(lasts - EARLY_SECONDS, lasts / 2)

    def _forget(self, token: str) -> None:
        if self._token == token:
            self._ends_at = 0.0

    async def _send(
        self,
        method: str,
        path: str,
        body: object,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> Answered:
        sent: dict[str, Any] = {"headers": headers, "params": query}
        if isinstance(body, aiohttp.FormData):
            sent["data"] = body
        elif body is not None:
            sent["data"] = msgspec.json.encode(body)
            sent["headers"] = {**headers, "content-type": "application/json"}
        try:
            async with self._pool().request(
                method, self.url + path, allow_redirects=False, **sent
            ) as answer:
                content = await answer.read()
        except TimeoutError as error:
            raise TimedOut(f"{self.name} did not answer in time.") from error
        except aiohttp.ClientError as error:
            raise Unavailable(f"{self.name} cannot be reached: {type(error).__name__}.") from error
        if answer.status >= SERVER_ERROR or answer.status in _NO_ANSWER:
            raise Unavailable(f"{self.name} answered {answer.status}.")
        return Answered(answer.status, self._decoded(content))

    def _decoded(self, content: bytes) -> Any:
        try:
            return msgspec.json.decode(content) if content else None
        except msgspec.MsgspecError as error:
            raise Unavailable(f"{self.name} answered what is no JSON.") from error

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"accept": "application/json"},
            )
        return self._session


def _signed(token: str, headers: Mapping[str, str] | None) -> dict[str, str]:
    return {**(headers or {}), "authorization": f"Bearer {token}"}
