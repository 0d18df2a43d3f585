"""Cassandra 5.0: the stock of every product, and who holds how much of it."""

from __future__ import annotations

from collections.abc import Sequence

from tools.engines import probes
from tools.engines.engine import Engine
from tools.engines.places import HOST

_OPENED = (
    # Three of the stock list's 25: a start fails for want of each. The others serve JMX and UDFs.
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
)


class Cassandra(Engine):
    """One node, its own seed; it talks to itself on the next port."""

    name = "cassandra"
    version = "5.0.9"
    java = range(17, 18)
    port = 29042
    variable = "KIBBLE_CASSANDRA_URL"

    @property
    def url(self) -> str:
        return f"cassandra://{self.address}/kibble"

    def configure(self) -> None:
        self.own(self.home)
        (self.home / "cassandra.yaml").write_text(self._settings())
        (self.home / "logback.xml").write_text(_LOGBACK)

    def command(self) -> Sequence[str]:
        return [
            *(*self.java_command(), "-Xms128m", "-Xmx384m", *_OPENED),
            "-Dcassandra-foreground=yes",  # else it closes its output once it runs
            f"-Dcassandra.config=file://{self.home}/cassandra.yaml",
            f"-Dcassandra.storagedir={self.home}/files",
            f"-Dcassandra.logdir={self.home}/logs",
            f"-Dlogback.configurationFile=file:{self.home}/logback.xml",
            *("-cp", self.class_path(), "org.apache.cassandra.service.CassandraDaemon"),
        ]

    def ready(self) -> bool:
        return probes.cassandra(self.port)

    def _settings(self) -> str:
        return f"""\
cluster_name: kibble
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
num_tokens: 1
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "{HOST}:{self.port + 1}"
listen_address: {HOST}
storage_port: {self.port + 1}
rpc_address: {HOST}
native_transport_port: {self.port}
# A write is answered when it is on the disk. With the usual "periodic", a node that loses its power
# forgets up to ten seconds of what it acknowledged, promises of Paxos among it.
commitlog_sync: batch
paxos_variant: v2
# Two to five seconds by default, which the first transaction can take while the machine is busy.
read_request_timeout: 20000ms
range_request_timeout: 20000ms
write_request_timeout: 20000ms
cas_contention_timeout: 20000ms
request_timeout: 20000ms
# Dropping a table would keep a copy.
auto_snapshot: false
# The defaults are for a machine that has nothing else to do.
memtable_heap_space: 64MiB
memtable_offheap_space: 16MiB
file_cache_size: 32MiB
networking_cache_size: 16MiB
commitlog_segment_size: 8MiB
commitlog_total_space: 128MiB
concurrent_reads: 8
concurrent_writes: 8
concurrent_counter_writes: 4
concurrent_compactors: 1
"""


_LOGBACK = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %d{HH:mm:ss.SSS} %logger{0} - %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
"""
