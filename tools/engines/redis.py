"""Redis 7: the cache, which may lose anything at any time."""

from __future__ import annotations

from collections.abc import Sequence

from tools.engines import probes
from tools.engines.engine import Engine
from tools.engines.places import HOST


class Redis(Engine):
    """A cache without files."""

    name = "redis"
    version = "7.0"
    port = 29379
    variable = "KIBBLE_REDIS_URL"
    packages = {"redis-server": "redis-server"}

    @property
    def url(self) -> str:
        return f"redis://{self.address}/0"

    def configure(self) -> None:
        self.own(self.home)
        (self.home / "redis.conf").write_text(f"""\
bind {HOST}
port {self.port}
dir {self.home}
save ""
appendonly no
maxmemory 128mb
# A cache that is full drops what was not used for long; it never refuses a write.
maxmemory-policy allkeys-lru
""")

    def command(self) -> Sequence[str]:
        return ["redis-server", str(self.home / "redis.conf")]

    def ready(self) -> bool:
        return probes.redis(self.port)
