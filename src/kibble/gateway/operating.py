"""What an operator chose, to be looked at: settings, none of which is a secret."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from kibble.gateway.events import ADMIN
from kibble.platform.config import Settings
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import Route, get

SHOWN: Mapping[str, str] = {
    "env": "Development, or production, which refuses what eases development",
    "currency": "The currency of all prices",
    "default_shipping": "The shipping method of an order that names none",
    "hold_minutes": "How long stock is held for an order that is not paid",
    "rate_limits": "Whether callers are limited",
    "sandbox_fast": "Whether the sandbox carrier delivers within seconds",
    "public_url": "Where customers reach the shop: what links in messages begin with",
    "log_level": "The least important messages that are logged",
}
"""The settings that are shown, and what they mean. Whatever is not named here stays unseen."""
ENGINES: Mapping[str, str] = {
    "postgres_url": "PostgreSQL: orders, payments, shipments, messages",
    "mongodb_url": "MongoDB: products, customers",
    "cassandra_url": "Cassandra: stock",
    "elasticsearch_url": "Elasticsearch: search",
    "neo4j_url": "Neo4j: recommendations",
    "redis_url": "Redis: copies",
    "kafka_url": "Kafka: events",
}
"""The engines of the distributed profile; of their addresses, the hosts alone are shown."""


class SettingView(msgspec.Struct, frozen=True, rename="camel"):
    """A setting: the environment variable that sets it, its value as text, and what it means."""

    name: str
    value: str
    meaning: str


class OperatingView(msgspec.Struct, frozen=True, rename="camel"):
    """How the shop runs."""

    version: str
    profile: str
    settings: list[SettingView]


class OperatingController:
    """One method a route; ``profile`` is embedded or distributed."""

    def __init__(self, settings: Settings, profile: str, version: str) -> None:
        shown = [_shown(name, str(getattr(settings, name)), SHOWN[name]) for name in SHOWN]
        if profile == "distributed":
            shown += [
                _shown(name, _host(getattr(settings, name)), ENGINES[name]) for name in ENGINES
            ]
        self._view = OperatingView(version, profile, shown)

    async def get_settings(self, call: Call[None, None]) -> Reply:
        """GET /api/settings."""
        return ok(self._view)


def _shown(name: str, value: str, meaning: str) -> SettingView:
    variable = "KIBBLE_SHOP_URL" if name == "public_url" else f"KIBBLE_{name.upper()}"
    return SettingView(variable, value, meaning)


def _host(address: str) -> str:
    return urlsplit(address).netloc.rpartition("@")[2]


def routes(controller: OperatingController) -> list[Route]:
    """Return the table of what operators look at."""
    return [
        get(
            "/api/settings",
            controller.get_settings,
            "How the shop is set up; no secrets",
            ADMIN,
            answer=OperatingView,
        )
    ]
