"""HAProxy 2.6: the gateway of the distributed profile."""

from __future__ import annotations

from collections.abc import Sequence

from tools.engines import probes
from tools.engines.engine import Engine
from tools.engines.places import HOST


class HAProxy(Engine):
    """The program with no shop behind it: it answers ``/health``, and ``/metrics`` of its own."""

    name = "haproxy"
    version = "2.6"
    port = 29080
    packages = {"haproxy": "/usr/sbin/haproxy"}

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def configure(self) -> None:
        self.own(self.home)
        (self.home / "haproxy.cfg").write_text(f"""\
global
    maxconn 1000
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend front
    bind {HOST}:{self.port}
    http-request use-service prometheus-exporter if {{ path /metrics }}
    http-request return status 200 if {{ path /health }}
    http-request return status 404
""")

    def command(self) -> Sequence[str]:
        return ["/usr/sbin/haproxy", "-db", "-f", str(self.home / "haproxy.cfg")]

    def ready(self) -> bool:
        return probes.serves_http(self.port, "/health")
