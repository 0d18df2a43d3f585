"""Puts the storefront together from the builds in a folder."""

from __future__ import annotations

import secrets

from starlette.types import ASGIApp

from kibble.gateway.storefront.app import Build, Shop, Storefront
from kibble.gateway.storefront.pages import ShopPages
from kibble.gateway.storefront.reading import Reader
from kibble.gateway.storefront.sitemap import Sitemap
from kibble.gateway.storefront.styles import with_styles
from kibble.kernel.clock import Clock
from kibble.platform.config import Settings
from kibble.platform.web.router import Router

NONCE_BYTES = 16


def storefront(
    app: ASGIApp, router: Router, reader: Reader, settings: Settings, clock: Clock
) -> ASGIApp:
    """Wrap an API's application with the pages; return it as it is where none are built."""
    build = Build(settings.storefront_dir / "shop")
    admin = Build(settings.storefront_dir / "admin")
    if build.index is None and admin.index is None:
        return app
    url = settings.public_url
    shop = None
    if build.index is not None:
        fonts = [name for name in build.files if name.endswith(".woff2")]
        pages = ShopPages(with_styles(build.index, build.files), fonts, reader, url)
        shop = Shop(build, pages, Sitemap(reader, url, clock), url)
    return Storefront(app, router, admin, shop, lambda: secrets.token_urlsafe(NONCE_BYTES))
