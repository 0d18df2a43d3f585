"""The life of an engine's process, shown on a small web server instead of a database."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.fixtures.process import free_port
from tools.engines import fleet, probes
from tools.engines.engine import Engine
from tools.engines.errors import EngineError
from tools.engines.places import HOST, Places


class SmallServer(Engine):
    """Python's own web server as an engine; ``code`` is what it runs instead, if given."""

    name = "small"
    version = "1"
    port = 0
    code = ""

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def configure(self) -> None:
        self.own(self.home)

    def command(self) -> Sequence[str]:
        if self.code:
            return [sys.executable, "-c", self.code]
        return [sys.executable, "-m", "http.server", "--bind", HOST, str(self.port)]

    def ready(self) -> bool:
        return probes.serves_http(self.port, "/")


class BrokenServer(SmallServer):
    """One that says why it cannot go on, and ends."""

    code = "print('my disk is full'); raise SystemExit(3)"


class SilentServer(SmallServer):
    """One that runs and never serves."""

    code = "import sys, signal; print('thinking', flush=True); signal.pause()"
    ready_within = 0.5


def place(folder: Path) -> Places:
    return Places(folder / "cache", folder / "state", {"small": free_port()})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SmallServer]:
    server = SmallServer(place(tmp_path))
    yield server
    server.process.stop(signal.SIGKILL)


def test_serves_once_it_was_started_and_is_gone_once_it_was_stopped(server: SmallServer) -> None:
    fleet.start(server)
    assert server.ready()
    assert server.process.memory() > 2**20
    server.process.stop(server.stop_signal)
    assert (server.process.pid(), server.process.memory()) == (None, 0)
    assert not probes.listens(server.port)


def test_is_found_again_by_its_pid_file(server: SmallServer) -> None:
    fleet.start(server)
    assert SmallServer(server.places).process.pid() == server.process.pid()


def test_a_pid_that_another_program_has_by_now_is_not_ours(server: SmallServer) -> None:
    fleet.start(server)
    server.process.stop(signal.SIGKILL)
    (server.home / "pid").write_text(f"{os.getpid()} 1\n")
    assert server.process.pid() is None
    with pytest.raises(EngineError, match="nothing runs"):
        server.process.send(signal.SIGTERM)


def test_starts_again_after_a_kill_and_keeps_the_log_of_before(server: SmallServer) -> None:
    fleet.start(server)
    server.process.stop(signal.SIGKILL)
    fleet.start(server)
    assert server.ready()
    assert (server.home / "log.before").exists()


def test_one_that_ends_while_it_starts_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"ended while starting[\s\S]*my disk is full"):
        fleet.start(BrokenServer(place(tmp_path)))


def test_one_that_never_serves_is_reported_with_its_last_words(tmp_path: Path) -> None:
    server = SilentServer(place(tmp_path))
    try:
        with pytest.raises(EngineError, match=r"does not serve after 0.5 s[\s\S]*the end of"):
            fleet.start(server)
    finally:
        server.process.stop(signal.SIGKILL)


def test_a_port_that_is_taken_is_reported_with_the_setting_for_another(
    server: SmallServer,
) -> None:
    fleet.start(server)
    with pytest.raises(EngineError, match="KIBBLE_ENGINES_SMALL_PORT names another"):
        fleet.start(SmallServer(server.places))


def test_nothing_is_stopped_where_nothing_was_started(tmp_path: Path) -> None:
    assert fleet.down(Places(tmp_path / "cache", tmp_path / "state", {})) == []
    assert not (tmp_path / "state").exists()


def test_all_are_stopped_in_a_place_where_none_runs(tmp_path: Path) -> None:
    states = fleet.status(Places(tmp_path, tmp_path, {}))
    assert {each.state for each in states} == {"stopped"}
