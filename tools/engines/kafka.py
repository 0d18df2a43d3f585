"""Kafka 4.1 in KRaft mode, one node that is broker and controller: every event between services."""

from __future__ import annotations

import base64
import subprocess
import uuid
from collections.abc import Sequence

from tools.engines import probes
from tools.engines.engine import Engine
from tools.engines.errors import EngineError
from tools.engines.places import HOST

_LOGGING = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


class Kafka(Engine):
    """One node; the controller listens on the next port."""

    name = "kafka"
    version = "4.1.2"
    java = range(17, 100)
    port = 29092
    variable = "KIBBLE_KAFKA_URL"

    @property
    def url(self) -> str:
        return f"kafka://{self.address}"

    def configure(self) -> None:
        self.own(self.home)
        (self.home / "server.properties").write_text(self._settings())
        if not (self.home / "logs" / "meta.properties").exists():
            self._format()

    def command(self) -> Sequence[str]:
        return [
            *(*self.java_command(), "-Xms128m", "-Xmx256m", _LOGGING),
            *("-cp", self.class_path(), "kafka.Kafka", str(self.home / "server.properties")),
        ]

    def ready(self) -> bool:
        return probes.kafka(self.port)

    @property
    def _advertised(self) -> str:
        """Where clients are told to connect: another port where something stands in between."""
        return f"{HOST}:{self.places.ports.get('kafka_advertised', self.port)}"

    def _settings(self) -> str:
        controller = f"{HOST}:{self.port + 1}"
        return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
listeners=BROKER://{self.address},CONTROLLER://{controller}
# Clients connect to this one after the first answer: a wrong one leaves them hanging.
advertised.listeners=BROKER://{self._advertised}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={self.home / "logs"}
# A topic with a typo in its name must fail.
auto.create.topics.enable=false
num.partitions=6
# There is one broker: with the defaults of 3 and 2, groups and transactions would wait for ever.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# 50 each by default: a hundred folders and as many mapped files.
offsets.topic.num.partitions=5
transaction.state.log.num.partitions=5
# The first member of a group would wait 3 s for others.
group.initial.rebalance.delay.ms=0
# 128 MB of the heap by default.
log.cleaner.dedupe.buffer.size=4194304
log.segment.bytes=67108864
num.network.threads=2
num.io.threads=4
"""

    def _format(self) -> None:
        """Give the data folder the id of its cluster; done once, a second time is an error."""
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [
            *(*self.java_command(), "-Xmx64m", _LOGGING, "-cp", self.class_path()),
            # One id in 64 begins with a dash: as a word of its own it would be taken for an option.
            *("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"),
            *("-c", str(self.home / "server.properties")),
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - Kafka's own
        if ended.returncode != 0:
            raise EngineError(f"Kafka's folder could not be set up:\n{ended.stdout}{ended.stderr}")
