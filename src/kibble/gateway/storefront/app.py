"""The ASGI layer that serves the storefront and the back office, in front of the API's own routes.

It answers a GET of what is a file of a build, or a page of one of the two applications; everything
that a route of the API has, or that begins as one does, goes on to the API.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from kibble.gateway.headers import page_policy
from kibble.gateway.storefront.files import AN_HOUR, INDEX, File, read_build, takes
from kibble.gateway.storefront.pages import Page, ShopPages
from kibble.gateway.storefront.sitemap import Sitemap, robots
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
        admin: Build,
        shop: Shop | None,
        nonces: Callable[[], str],
    ) -> None:
        """``shop`` is None where the shop is not built, ``nonces`` makes one for each page."""
        self._app = app
        self._router = router
        self._admin = admin
        self._shop = shop
        self._nonces = nonces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        reply = None
        if scope["method"] in ("GET", "HEAD") and self._is_ours(scope["path"]):
            reply = await self._find(scope)
        if reply is None:
            await self._app(scope, receive, send)
        else:
            await send_reply(reply, send, head=scope["method"] == "HEAD")

    async def _find(self, scope: Scope) -> Reply | None:
        path: str = scope["path"]
        accepted = _header(scope, b"accept-encoding")
        nonce = self._nonces()
        first, _, rest = path.strip(_ROOT).partition(_ROOT)
        if first == ADMIN:
            return self._admin_page(rest, accepted, nonce)
        if self._shop is None:
            return None
        if (file := self._shop.build.files.get(path.lstrip(_ROOT))) is not None:
            return file.reply(accepted)
        if (text := await self._shop.text(path)) is not None:
            return _packed(text, 200, _lasting(text), accepted)
        if _is_file(path):
            return None
        query = scope["query_string"].decode("latin-1")
        page = await self._shop.pages.page(path, query, nonce, _header(scope, b"cookie"))
        return _html(page, accepted, nonce)

    def _admin_page(self, name: str, accepted: str, nonce: str) -> Reply | None:
        if (file := self._admin.files.get(name)) is not None:
            return file.reply(accepted)
        if self._admin.index is None or _is_file(name):
            return None
        marked = self._admin.index.replace("<kba-root", f'<kba-root ngCspNonce="{nonce}"', 1)
        return _html(Page(marked), accepted, nonce)

    def _is_ours(self, path: str) -> bool:
        if path == _ROOT:
            return self._shop is not None
        return path[1:].partition(_ROOT)[0] not in RESERVED and not self._router.methods(path)


class Shop:
    """The shop's own build, pages, and texts for crawlers."""

    def __init__(self, build: Build, pages: ShopPages, sitemap: Sitemap, shop_url: str) -> None:
        self.build = build
        self.pages = pages
        self._sitemap = sitemap
        self._robots = robots(shop_url)

    async def text(self, path: str) -> str | None:
        """Return what crawlers read at ``path``, or None."""
        if path == "/robots.txt":
            return self._robots
        return await self._sitemap.text() if path == "/sitemap.xml" else None


def _is_file(path: str) -> bool:
    return "." in path.rpartition(_ROOT)[2]


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return ""


def _lasting(text: str) -> dict[str, str]:
    media = "application/xml" if text.startswith("<?xml") else "text/plain"
    return {"content-type": f"{media}; charset=utf-8", "cache-control": AN_HOUR}


def _html(page: Page, accepted: str, nonce: str) -> Reply:
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "private, no-store" if page.is_private else "no-cache",
        "content-security-policy": page_policy(nonce),
    }
    return _packed(page.html, page.status, headers, accepted)


def _packed(text: str, status: int, headers: dict[str, str], accepted: str) -> Reply:
    body = text.encode()
    headers["vary"] = "accept-encoding"
    if takes(accepted, "gzip"):
        headers["content-encoding"] = "gzip"
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
    return Reply(body, status, headers)
