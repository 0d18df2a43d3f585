"""Puts the storefront together from the builds in a folder."""

from __future__ import annotations

import secrets

from starlette.types import ASGIApp

from kibble.gateway.storefront.app import Build, Storefront
from kibble.platform.config import Settings
from kibble.platform.web.router import Router

NONCE_BYTES = 16


def storefront(app: ASGIApp, router: Router, settings: Settings) -> ASGIApp:
    """Wrap an API's application with the pages; return it as it is where none are built."""
    shop = Build(settings.storefront_dir / "shop")
    admin = Build(settings.storefront_dir / "admin")
    if shop.index is None and admin.index is None:
        return app

    return Storefront(app, router, shop, admin, lambda: secrets.token_urlsafe(NONCE_BYTES))
