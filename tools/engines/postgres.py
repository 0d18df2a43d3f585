"""PostgreSQL 15: orders, payments, shipments, notifications."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.engines import probes
from tools.engines.engine import Engine
from tools.engines.errors import EngineError
from tools.engines.places import HOST

_PROGRAMS = Path("/usr/lib/postgresql/15/bin")


class Postgres(Engine):
    """One cluster with the role and the database ``kibble``."""

    name = "postgres"
    version = "15"
    port = 29432
    variable = "KIBBLE_POSTGRES_URL"
    packages = {"postgresql-15": str(_PROGRAMS / "postgres")}
    user = "postgres"  # it refuses to run as root
    stop_signal = signal.SIGINT  # the fast shutdown; SIGTERM would wait for every client

    @property
    def url(self) -> str:
        return f"postgresql://kibble:kibble@{self.address}/kibble"

    def configure(self) -> None:
        cluster = self.home / "cluster"
        self.own(self.home)
        if not (cluster / "PG_VERSION").exists():
            self._make(cluster)
        (cluster / "kibble.conf").write_text(self._settings())

    def command(self) -> Sequence[str]:
        return [
            *(str(_PROGRAMS / "postgres"), "-D", str(self.home / "cluster")),
            *("-c", f"config_file={self.home / 'cluster' / 'kibble.conf'}"),
        ]

    def ready(self) -> bool:
        return probes.postgres(self.port)

    def _settings(self) -> str:
        return f"""\
listen_addresses = '{HOST}'
port = {self.port}
unix_socket_directories = ''   # the path of a socket may have 107 bytes; a folder may be deeper
max_connections = 200          # every service's pool, times the workers of the tests
shared_buffers = 32MB
max_wal_size = 256MB
fsync = on                     # durability is what the tests are about
full_page_writes = on
synchronous_commit = on
jit = off                      # costs more than it saves on short statements
log_min_messages = warning
datestyle = 'iso, mdy'
"""

    def _make(self, cluster: Path) -> None:
        """Make the cluster, with the password in a file since the terminal is not ours to ask."""
        secret = self.home / "password"
        secret.write_text("kibble\n")
        self.own(self.home)
        self._run(
            *(str(_PROGRAMS / "initdb"), "--pgdata", str(cluster), "--username", "kibble"),
            *("--pwfile", str(secret), "--auth", "scram-sha-256", "--no-sync"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
        )
        secret.unlink()
        self._run(
            *(str(_PROGRAMS / "postgres"), "--single", "-D", str(cluster), "postgres"),
            said="create database kibble\n",
        )

    def _run(self, *command: str, said: str = "") -> None:
        ended = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            command,
            input=said,
            user=self.run_as(),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode != 0:
            raise EngineError(f"{command[0]} failed:\n{ended.stdout}{ended.stderr}")
