"""Neo4j 5.26 Community: who bought what, for recommendations."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from tools.engines import probes
from tools.engines.engine import Engine
from tools.engines.errors import EngineError
from tools.engines.places import HOST

_PASSWORD = "kibble-graph"  # noqa: S105 - of a server on loopback; it must have 8 characters

_OPENED = (
    # Without these the page cache is slower and every transaction log complains.
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


class Neo4j(Engine):
    """One server with Bolt alone."""

    name = "neo4j"
    version = "5.26.30"
    java = range(17, 22)
    port = 29687
    variable = "KIBBLE_NEO4J_URL"

    @property
    def url(self) -> str:
        # bolt, not neo4j: a routing client would ask which other servers there are
        return f"bolt://neo4j:{_PASSWORD}@{self.address}"

    def configure(self) -> None:
        self.own(self.home / "conf")
        (self.home / "conf" / "neo4j.conf").write_text(self._settings())
        if not (self.home / "data" / "dbms" / "auth.ini").exists():
            self._set_password()

    def command(self) -> Sequence[str]:
        return [
            *(*self.java_command(), "-Xms128m", "-Xmx384m", *_OPENED),
            *("-cp", self.class_path(), "org.neo4j.server.CommunityEntryPoint"),
            *(f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"),
        ]

    def ready(self) -> bool:
        return probes.neo4j(self.port)

    def _settings(self) -> str:
        return f"""\
server.default_listen_address={HOST}
server.bolt.listen_address={self.address}
server.bolt.advertised_address={self.address}
server.http.enabled=false
server.https.enabled=false
# Half of the machine's memory by default.
server.memory.pagecache.size=64m
# 256 MB on the disk for each database by default, whether needed or not.
db.tx_log.preallocate=false
db.tx_log.rotation.size=16M
db.logs.query.enabled=OFF
# After 10 s by default: while a graph is small its figures double all the time, to no effect.
dbms.cypher.min_replan_interval=5m
dbms.usage_report.enabled=false
"""

    def _set_password(self) -> None:
        """Set the first password; after the first start it would change nothing."""
        command = [
            *(*self.java_command(), "-Xmx128m", "-cp", self.class_path()),
            *("org.neo4j.cli.AdminTool", "dbms", "set-initial-password", _PASSWORD),
        ]
        places = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        ended = subprocess.run(  # noqa: S603 - Neo4j's own
            command, env={**os.environ, **places}, capture_output=True, text=True, check=False
        )
        if ended.returncode != 0:
            raise EngineError(f"Neo4j's password could not be set:\n{ended.stdout}{ended.stderr}")
