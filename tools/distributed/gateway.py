"""HAProxy's settings for a distributed shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATE = Path(__file__).parents[2] / "deploy" / "gateway" / "haproxy.cfg.j2"

PATHS: Mapping[str, Sequence[str]] = {
    "product": ("/api/products", "/api/categories", "/images/"),
    "inventory": ("/api/inventory",),
    "order": ("/api/orders", "/api/carts", "/api/promotions", "/api/subscriptions"),
    "payment": ("/api/payments",),
    "customer": ("/api/customers", "/api/staff", "/api/clients", "/oauth2", "/.well-known"),
    "recommendation": ("/api/recommendations",),
    "shipping": ("/api/shipping",),
    "notification": ("/api/notifications", "/api/webhooks"),
}
"""The beginnings of each service's paths; all others are the gateway's own."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A service behind the gateway: its replicas' addresses, and its port for other services."""

    name: str
    replicas: Sequence[str]
    port: int = 0
    balance: str = "leastconn"

    @property
    def paths(self) -> Sequence[str]:
        """The beginnings of its paths."""
        return PATHS[self.name]


def render(
    *,
    bind: str,
    figures: str,
    socket: Path,
    public_keys: Sequence[Path],
    services: Sequence[Backend],
    gateway: Sequence[str],
    inner: bool,
    gateway_port: int = 0,
    rate_limits: int = 0,
    threads: int = 1,
    certificate: Path | None = None,
    tls_bind: str = "",
    trusted_proxies: str = "",
    allowed_hosts: str = "",
    outside_issuer: str = "",
) -> str:
    """Return the settings.

    ``inner`` opens each service's port for the others on this machine, and ``gateway_port`` for
    ``gateway``. ``rate_limits`` are
    requests a caller in ten seconds, 0 for no limit. With a ``certificate``, ``tls_bind`` speaks
    TLS. ``trusted_proxies`` are addresses and networks whose forwarding headers are believed,
    ``allowed_hosts`` the names that are answered to, all if none; both with spaces between.
    Tokens of ``outside_issuer`` go on to the services, which know its keys.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - settings of a server, no page
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE.name).render(
        bind=bind,
        tls_bind=tls_bind,
        certificate=certificate,
        figures=figures,
        socket=socket,
        public_keys=public_keys,
        services=services,
        gateway=gateway,
        inner=inner,
        gateway_port=gateway_port,
        rate_limits=rate_limits,
        threads=threads,
        trusted_proxies=trusted_proxies,
        allowed_hosts=allowed_hosts,
        outside_issuer=outside_issuer,
    )
