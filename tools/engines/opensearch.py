"""OpenSearch 3.6, for Elasticsearch: the search index. A stand-in, see docs/engines.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools.engines import maven, probes
from tools.engines.engine import Engine
from tools.engines.places import HOST


class OpenSearch(Engine):
    """One node; it talks to itself on the next port."""

    name = "opensearch"
    version = "3.6.0"
    java = range(21, 100)
    port = 29200
    variable = "KIBBLE_ELASTICSEARCH_URL"
    user = "nobody"  # it refuses to run as root

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def configure(self) -> None:
        for folder in ("config", "files", "logs", "tmp"):
            self.own(self.home / folder)
        (self.home / "config" / "opensearch.yml").write_text(self._settings())
        (self.home / "config" / "log4j2.properties").write_text(_LOG4J2)

    def command(self) -> Sequence[str]:
        """Return the command that the distribution's own script arrives at, a JVM later."""
        return [
            *(*self.java_command(), "-Xms384m", "-Xmx384m"),
            f"-javaagent:{self._product / 'agent' / 'opensearch-agent.jar'}",
            f"-Djava.io.tmpdir={self.home / 'tmp'}",
            f"-Dopensearch.path.home={self._product}",
            f"-Dopensearch.path.conf={self.home / 'config'}",
            "-Dopensearch.distribution.type=zip",
            "-Dopensearch.bundled_jdk=false",
            *("-cp", f"{self._product / 'lib'}/*", "org.opensearch.bootstrap.OpenSearch"),
        ]

    def ready(self) -> bool:
        return probes.serves_http(self.port, "/_cluster/health?wait_for_status=yellow&timeout=1s")

    @property
    def _product(self) -> Path:
        return maven.folder(self.places.cache, self.name) / f"opensearch-{self.version}"

    def _settings(self) -> str:
        return f"""\
cluster.name: kibble
node.name: search-1
path.data: {self.home / "files"}
path.logs: {self.home / "logs"}
network.host: {HOST}
http.port: {self.port}
transport.port: {self.port + 1}
discovery.type: single-node
# A disk that is nine tenths full would make every index read-only.
cluster.routing.allocation.disk.threshold_enabled: false
# A request with a typo in an index name must fail.
action.auto_create_index: false
"""


_LOG4J2 = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""
