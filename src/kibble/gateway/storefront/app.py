"""The ASGI layer that serves the storefront and the back office, in front of the API's own routes.

It answers a GET of what is a file of a build, or a page of one of the two applications; everything
that a route of the API has, or that begins as one does, goes on to the API.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from kibble.gateway.headers import page_policy
from kibble.gateway.storefront.files import INDEX, File, read_build, takes
from kibble.platform.web.reply import Reply, send_reply
from kibble.platform.web.router import Router

RESERVED = frozenset(
    {
        "api",
        "docs",
        "health",
        "images",
        "internal",
        "metrics",
        "oauth2",
        "openapi.json",
        "asyncapi.json",
        "csp-reports",
        "session",
        ".well-known",
    }
)
"""The first segments of the API's paths: an unknown one below them is a problem, not a page."""
ADMIN = "admin"
GZIP_LEVEL = 5
_ROOT = "/"
_ROOT_TAG = re.compile(r"<kba?-root")


class Build:
    """One application's build: its files, and its index page."""

    def __init__(self, folder: Path) -> None:
        """``folder`` may be absent: then there is nothing to serve."""
        index = folder / INDEX
        self.index = index.read_text("utf-8") if index.is_file() else None
        self.files: dict[str, File] = read_build(folder) if self.index is not None else {}


class Storefront:
    """Wraps the API's application."""

    def __init__(
        self,
        app: ASGIApp,
        router: Router,
        shop: Build,
        admin: Build,
        nonces: Callable[[], str],
    ) -> None:
        self._app = app
        self._router = router
        self._shop = shop
        self._admin = admin
        self._nonces = nonces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        reply = self._find(scope)
        if reply is None:
            await self._app(scope, receive, send)
        else:
            await send_reply(reply, send, head=scope["method"] == "HEAD")

    def _find(self, scope: Scope) -> Reply | None:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or not self._is_ours(path):
            return None
        accepted = _header(scope, b"accept-encoding")
        first, _, rest = path.strip(_ROOT).partition(_ROOT)
        build, name = (self._admin, rest) if first == ADMIN else (self._shop, path.lstrip(_ROOT))
        if build.index is None:
            return None
        if (file := build.files.get(name)) is not None:
            return file.reply(accepted)
        if "." in name.rpartition(_ROOT)[2]:
            return None
        return _html(build.index, accepted, self._nonces())

    def _is_ours(self, path: str) -> bool:
        if path == _ROOT:
            return True
        return path[1:].partition(_ROOT)[0] not in RESERVED and not self._router.methods(path)


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return ""


def _html(html: str, accepted: str, nonce: str) -> Reply:
    body = _ROOT_TAG.sub(rf'\g<0> ngCspNonce="{nonce}"', html, count=1).encode()
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-cache",
        "content-security-policy": page_policy(nonce),
        "vary": "accept-encoding",
    }
    if takes(accepted, "gzip"):
        headers["content-encoding"] = "gzip"
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
    return Reply(body, headers=headers)
