"""The way out to other people's endpoints, which leads nowhere else.

The name is resolved, every address that it has is checked, and the connection goes to an address
that was checked: what the name resolves to a moment later does not matter. Of the answer only its
status is read. So a plain connection is all that is needed: no client that follows redirects,
keeps cookies, unpacks bodies, or reads a proxy's address from the environment.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from kibble.platform.security.addresses import Network, is_in, is_public
from kibble.services.notification.errors import DeliveryFailed
from kibble.services.notification.integration import WebhookRequest

TIMEOUT_SECONDS = 10.0
"""For all of a call: the name, the connection, and the head of the answer."""
GOODBYE_SECONDS = 1.0
MAX_HEAD_BYTES = 16 * 1024
MAX_URL_LENGTH = 2_000

_PLAIN = re.compile(r"[!-~]+")
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r|$)")
_INTERIM = range(100, 200)
_PORTS = {"https": 443, "http": 80}

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name; raises ``OSError`` when it has none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be called beside the public internet over https.

    ``networks`` are some of the shop's own; ``clear`` allows http, for development.
    """

    networks: Sequence[Network] = ()
    clear: bool = False


class DirectWebhookCaller:
    """Implements ``WebhookCaller``."""

    def __init__(
        self,
        reach: Reach,
        *,
        lookup: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """``tls`` says whose certificates are taken; by default those that the machine trusts."""
        self._reach = reach
        self._lookup = lookup
        self._tls = tls
        self._timeout_seconds = timeout_seconds

    def objection(self, url: str) -> str | None:
        """See ``WebhookCaller.objection``."""
        if not _PLAIN.fullmatch(url):
            return "must be of plain characters"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return "is no address"
        schemes = ("https", "http") if self._reach.clear else ("https",)
        address = _literal(parts.hostname or "")
        for holds, wanted in (
            (len(url) <= MAX_URL_LENGTH, f"must have at most {MAX_URL_LENGTH} characters"),
            (parts.scheme in schemes, "must begin with https://"),
            (parts.hostname and port != 0, "must name a host"),
            (parts.username is None and not parts.fragment, "must have no user and no fragment"),
            (address is None or self._may_reach(address), "must be of the public internet"),
        ):
            if not holds:
                return wanted
        return None

    async def call(self, request: WebhookRequest) -> int:
        """See ``WebhookCaller.call``."""
        if objection := self.objection(request.url):
            raise DeliveryFailed(f"The address {objection}.")
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._call(urlsplit(request.url), request)
        except TimeoutError as error:
            raise DeliveryFailed("There was no answer in time.") from error
        except (OSError, UnicodeError, asyncio.IncompleteReadError) as error:
            raise DeliveryFailed(f"There was no answer: {_why(error)}.") from error
        except asyncio.LimitOverrunError as error:
            raise DeliveryFailed("The answer is no HTTP.") from error

    async def _call(self, parts: SplitResult, request: WebhookRequest) -> int:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        address = await self._checked(host, port)
        reader, writer = await asyncio.open_connection(
            address,
            port,
            limit=MAX_HEAD_BYTES,
            **(self._secured(host) if parts.scheme == "https" else {}),
        )
        try:
            writer.write(_written(parts, request))
            await writer.drain()
            return await _status(reader)
        finally:
            writer.close()

    def _secured(self, host: str) -> dict[str, Any]:
        if self._tls is None:  # reading the machine's certificates takes as long as a call
            self._tls = ssl.create_default_context()
        return {
            "ssl": self._tls,
            "server_hostname": host,
            "ssl_shutdown_timeout": GOODBYE_SECONDS,
        }

    async def _checked(self, host: str, port: int) -> str:
        """Return an address of a host; raises ``DeliveryFailed`` unless all may be called."""
        found = await self._lookup(host, port)
        if not found or not all(self._may_reach(address) for address in found):
            raise DeliveryFailed("The address is none of the public internet.")
        return found[0]

    def _may_reach(self, address: str) -> bool:
        return is_public(address) or is_in(address, self._reach.networks)


def _literal(host: str) -> str | None:
    """Return the address that a host is by itself, however it is written (``0x7f.1``)."""
    with suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(host))
    with suppress(OSError):
        return socket.inet_ntop(
            socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
        )
    return None


def _written(parts: SplitResult, request: WebhookRequest) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "host": parts.netloc,
        **request.headers,
        "content-length": str(len(request.body)),
        "connection": "close",
    }
    head = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*head, "", ""]).encode("ascii") + request.body


async def _status(reader: asyncio.StreamReader) -> int:
    """Return the status of the final answer; raises ``DeliveryFailed`` for what is no HTTP/1."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        found = _STATUS.match(head)
        if found is None:
            raise DeliveryFailed("The answer is no HTTP.")
        status = int(found[1])
        if status not in _INTERIM:
            return status


def _why(error: Exception) -> str:
    """Return what staff need to know of an error, and nothing of where the name leads."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid ({error.verify_message})"
    return type(error).__name__
