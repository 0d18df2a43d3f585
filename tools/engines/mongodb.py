"""A stand-in that speaks MongoDB's protocol: products and customers. See docs/engines.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tools.engines import probes
from tools.engines.engine import Engine

_SOURCE = Path(__file__).parent / "MongoStandIn.java"


class MongoDB(Engine):
    """mongo-java-server on an H2 file, which is synced about once a second and at SIGTERM."""

    name = "mongodb"
    version = "stand-in 1.47.0"
    java = range(17, 100)
    port = 29017
    variable = "KIBBLE_MONGODB_URL"

    @property
    def url(self) -> str:
        return f"mongodb://{self.address}/kibble"

    def configure(self) -> None:
        self.own(self.home)

    def command(self) -> Sequence[str]:
        return [
            *(*self.java_command(), "-Xmx256m"),
            *("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", self.class_path()),
            *(str(_SOURCE), str(self.home / "documents.mv"), str(self.port)),
        ]

    def ready(self) -> bool:
        return probes.mongodb(self.port)
