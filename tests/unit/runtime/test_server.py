"""Who owns a data folder, and where it answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kibble.runtime.server import DataDirInUse, Door, announce, announced, exclusive


def test_two_cannot_own_a_folder(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(DataDirInUse), exclusive(tmp_path):
        pytest.fail("two own the folder")


def test_who_finds_a_folder_in_use_learns_where_its_owner_answers(tmp_path: Path) -> None:
    door = Door("http://127.0.0.1:9000")
    with exclusive(tmp_path):
        announce(tmp_path, door)
        assert announced(tmp_path) == door


def test_a_command_that_owns_a_folder_answers_nowhere_whoever_had_it_before(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        announce(tmp_path, Door("http://127.0.0.1:9000"))
    with exclusive(tmp_path):
        assert announced(tmp_path) is None
