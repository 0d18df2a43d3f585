"""The command line tells an operator in a sentence what to mend, and exits with 2."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from kibble.platform.config import Settings
from kibble.runtime.cli import app
from kibble.runtime.console import sentences
from kibble.runtime.doctor import problems
from kibble.runtime.names import SERVICES
from kibble.runtime.server import CannotListen, exclusive, listening


def shop(folder: Path) -> Path:
    """Make a folder with a database for each service."""
    folder.mkdir()
    for name in SERVICES:
        with closing(sqlite3.connect(folder / f"{name}.db")) as database:
            database.execute("CREATE TABLE things (id INTEGER)")
    return folder


def kibble(*arguments: str) -> int:
    """Run the command, and return its exit code."""
    with pytest.raises(SystemExit) as ended, sentences():
        app(arguments)
    return int(str(ended.value.code))


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Let no later test log to where a command of these wrote."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def taken() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        yield other.getsockname()[1]


class TestTheAddressToListenOn:
    def test_is_refused_when_somebody_listens_there(self, taken: int) -> None:
        with (
            pytest.raises(CannotListen, match=f"127.0.0.1:{taken} is taken: stop who listens"),
            listening(Settings(port=taken)),
        ):
            pass

    def test_is_refused_when_it_is_none_of_this_machine(self) -> None:
        with (
            pytest.raises(CannotListen, match=r"no address to listen on .KIBBLE_HOST, KIBBLE_PORT"),
            listening(Settings(host="300.1.1.1")),
        ):
            pass

    def test_is_had_before_a_new_shop_is_filled(
        self, taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert kibble("run", "--port", str(taken), "--data-dir", str(tmp_path / "new")) == 2
        assert "is taken" in capsys.readouterr().err
        assert not list((tmp_path / "new").glob("*.db"))


class TestACertificate:
    def test_that_is_not_there_ends_the_start(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        missing = str(tmp_path / "cert.pem")
        assert kibble("run", "--tls-cert", missing, "--data-dir", str(tmp_path / "new")) == 2
        told = capsys.readouterr().err
        assert told == (
            f"KIBBLE_TLS_CERT and KIBBLE_TLS_KEY: {missing} cannot be used:"
            " No such file or directory.\n"
        )


class TestAFolderWithoutAShop:
    @pytest.mark.parametrize(
        "command",
        [
            ("token", "--client", "till"),
            ("events", "list"),
            ("reconcile", "--no-repair"),
            ("reindex",),
            ("export", "shop.tar.gz"),
            ("staff", "list"),
            ("webhooks", "list"),
            ("audit", "verify"),
            ("backup", "backups"),
        ],
    )
    def test_is_told_of_and_stays_as_it_is(
        self, command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = tmp_path / "mistyped"
        assert kibble(*command, "--data-dir", str(folder)) == 2
        assert f"There is no shop in {folder}" in capsys.readouterr().err
        assert not folder.exists()


class TestTheDoctor:
    def test_names_a_damaged_database_a_missing_one_and_keys_that_are_none(
        self, tmp_path: Path
    ) -> None:
        folder = shop(tmp_path / "shop")
        (folder / "order.db").write_text("nonsense")
        (folder / "payment.db").unlink()
        (folder / "signing-key.json").write_text("nonsense")
        found = "\n".join(problems(Settings(data_dir=folder, port=0)))
        assert f"{folder}/order.db is damaged: file is not a database. Restore a backup." in found
        assert f"{folder}/payment.db is missing. Restore a backup." in found
        assert f"{folder}/signing-key.json has no keys that can be read: restore it" in found

    def test_says_nothing_of_a_shop_that_runs_on_its_own_port(
        self, taken: int, tmp_path: Path
    ) -> None:
        settings = Settings(data_dir=shop(tmp_path / "shop"), port=taken)
        assert [problem.partition(":")[0] for problem in problems(settings)] == ["127.0.0.1"]
        with exclusive(settings.data_dir):
            assert problems(settings) == []


class TestWhatGoesWrong:
    def test_is_a_sentence_for_a_damaged_database_that_a_task_finds(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        damage = sqlite3.DatabaseError("database disk image is malformed")
        with pytest.raises(SystemExit), sentences():
            raise ExceptionGroup("work", [ExceptionGroup("task", [damage])])
        assert "database disk image is malformed. `kibble doctor` says which" in (
            capsys.readouterr().err
        )

    def test_is_a_sentence_for_a_full_disk(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit), sentences():
            raise OSError(28, "No space left on device", "/srv/kibble/order.db")
        assert capsys.readouterr().err == "/srv/kibble/order.db: No space left on device.\n"

    def test_is_a_trace_for_a_bug(self) -> None:
        with pytest.raises(KeyError), sentences():
            raise KeyError("bug")

    def test_is_a_sentence_for_a_folder_that_another_works_on(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with exclusive(tmp_path), pytest.raises(SystemExit), sentences(), exclusive(tmp_path):
            pass
        assert "stop it first" in capsys.readouterr().err
