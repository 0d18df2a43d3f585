"""A distributed shop on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kibble.platform.security import identities
from kibble.runtime.distributed.addresses import MAY_CALL
from kibble.runtime.names import GATEWAY, SERVED, SERVICES
from tools.distributed import gateway
from tools.distributed.processes import HOST, Member, await_ready, inherited, serve

HAPROXY = "/usr/sbin/haproxy"
READY_SECONDS = 180.0
REPLICA_PORTS = 20
"""Where the replicas' ports begin, after the services' own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to run: where its folder is, its ports, how many replicas of each service.

    The gateway listens on ``port``, figures on the next one; ``first_port`` and the hundred after
    it are the services'. ``environment`` holds the settings of every process.
    """

    folder: Path
    port: int = 8000
    first_port: int = 8100
    replicas: int = 1
    rate_limits: int = 1000
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


class DistributedShop:
    """The processes, and what they are called: ``order-1``, ``gateway-1``, ``haproxy``."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.folder = plan.folder.resolve()
        self.url = f"http://{HOST}:{plan.port}"
        self.members = {member.name: member for member in self._replicas()}
        self.haproxy = self._haproxy()

    def _replicas(self) -> list[Member]:
        members = []
        for number, service in enumerate(SERVED):
            for replica in range(self._count(service)):
                port = self.plan.first_port + REPLICA_PORTS + 9 * replica + number
                name = f"{service}-{replica + 1}"
                environment = self.environment | {"KIBBLE_PORT": str(port)}
                members.append(Member(name, serve(service), environment, self._log(name), port))
        return members

    def _count(self, service: str) -> int:
        return 1 if service == GATEWAY else self.plan.replicas

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process."""
        return {
            "KIBBLE_DATA_DIR": str(self.folder),
            "KIBBLE_SERVICE_PORT": str(self.plan.first_port),
            "KIBBLE_TRUSTED_PROXIES": HOST,
            **self.plan.environment,
        }

    @property
    def whole_environment(self) -> dict[str, str]:
        """The environment of a command that works on this shop."""
        return inherited() | self.environment

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def _haproxy(self) -> Member:
        config = self.folder / "haproxy.cfg"
        command = [HAPROXY, "-W", "-db", "-f", str(config)]
        figures = self.plan.port + 1
        return Member("haproxy", command, {}, self._log("haproxy"), figures, "/health")

    def replicas_of(self, service: str) -> list[Member]:
        """Return the processes of one service."""
        return [m for name, m in self.members.items() if name.rpartition("-")[0] == service]

    def start(self) -> None:
        """Start everything, and wait until it serves."""
        self.folder.mkdir(parents=True, exist_ok=True)
        identities.prepare(self.folder, MAY_CALL)
        self._configure()
        for member in self.members.values():
            member.start()
        await_ready(list(self.members.values()), READY_SECONDS)
        self.haproxy.start()
        await_ready([self.haproxy], READY_SECONDS)

    def _configure(self) -> None:
        public_keys = sorted(identities.public_folder(self.folder).glob("*.pem"))
        text = gateway.render(
            bind=f"{HOST}:{self.plan.port}",
            figures=f"{HOST}:{self.plan.port + 1}",
            socket=self.folder / "haproxy.sock",
            public_keys=public_keys,
            services=[self._backend(number, name) for number, name in enumerate(SERVICES)],
            gateway=self._addresses(GATEWAY),
            inner=True,
            gateway_port=self.plan.first_port + SERVED.index(GATEWAY),
            rate_limits=self.plan.rate_limits,
            threads=max(1, (os.cpu_count() or 1) // 2),
            outside_issuer=self.environment.get("KIBBLE_OIDC_ISSUER", ""),
        )
        (self.folder / "haproxy.cfg").write_text(text)

    def _backend(self, number: int, service: str) -> gateway.Backend:
        port = self.plan.first_port + number
        return gateway.Backend(service, self._addresses(service), port)

    def _addresses(self, service: str) -> list[str]:
        return [f"{HOST}:{member.port}" for member in self.replicas_of(service)]

    def stop(self) -> None:
        """Stop everything, the door first."""
        self.haproxy.stop()
        for member in self.members.values():
            member.send(signal.SIGTERM)
        for member in self.members.values():
            member.stop()
