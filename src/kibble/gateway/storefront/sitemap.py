"""The sitemap (https://www.sitemaps.org/protocol.html) and robots.txt (RFC 9309)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import msgspec

from kibble.gateway.storefront.reading import Answer, Reader
from kibble.gateway.storefront.words import slug
from kibble.kernel.clock import Clock

MOST = 50_000
"""As many addresses as one sitemap may have."""
LIFE_SECONDS = 3600.0
_STEP = 100
_OK = 200
_NEXT = re.compile(r'<([^>]+)>; rel="next"')


def robots(shop_url: str) -> str:
    """Return what crawlers may read: the shop, but nothing of anybody's own."""
    private = ("/api/", "/account", "/admin", "/cart", "/checkout", "/orders", "/sign-in")
    lines = [f"Disallow: {path}" for path in private]
    return "\n".join(["User-agent: *", *lines, f"Sitemap: {shop_url}/sitemap.xml", ""])


class Sitemap:
    """The addresses of the first page, all categories and products; made anew every hour."""

    def __init__(self, reader: Reader, shop_url: str, clock: Clock) -> None:
        self._reader = reader
        self._shop_url = shop_url.rstrip("/")
        self._clock = clock
        self._text = ""
        self._ends_at = float("-inf")

    async def text(self) -> str:
        """Return the XML."""
        if self._clock.monotonic() >= self._ends_at:
            paths = ["/", *await self._categories(), *await self._products()][:MOST]
            rows = "".join(
                f"<url><loc>{escape(self._shop_url + path)}</loc></url>" for path in paths
            )
            space = "http://www.sitemaps.org/schemas/sitemap/0.9"
            self._text = (
                f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{space}">{rows}</urlset>'
            )
            self._ends_at = self._clock.monotonic() + LIFE_SECONDS
        return self._text

    async def _categories(self) -> list[str]:
        answer = await self._reader.get("/api/categories")
        return list(_names(msgspec.json.decode(answer.body))) if answer.status == _OK else []

    async def _products(self) -> list[str]:
        found: list[str] = []
        address: str | None = f"/api/products?limit={_STEP}"
        while address is not None and len(found) < MOST:
            answer = await self._reader.get(address)
            if answer.status != _OK:
                break
            entries = msgspec.json.decode(answer.body)
            found += [f"/p/{entry['id']}/{slug(entry['name'])}" for entry in entries]
            address = _next(answer)
        return found


def _next(answer: Answer) -> str | None:
    target = _NEXT.search(answer.link or "")
    if target is None:
        return None
    cursor = parse_qs(urlsplit(target[1]).query).get("cursor")
    return f"/api/products?limit={_STEP}&cursor={cursor[0]}" if cursor else None


def _names(level: list[dict[str, object]]) -> list[str]:
    found: list[str] = []
    for category in level:
        found.append(f"/c/{slug(str(category['name']))}")
        found += _names(category["children"])  # type: ignore[arg-type]  # a tree of its own kind
    return found
