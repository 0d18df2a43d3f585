"""Who owns a data folder, and where it answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kibble.runtime.server import DataDirInUse, exclusive


def test_who_finds_a_folder_in_use_learns_where_its_owner_answers(tmp_path: Path) -> None:
    address = "http://127.0.0.1:9000"
    with exclusive(tmp_path, address), pytest.raises(DataDirInUse) as refused, exclusive(tmp_path):
        pytest.fail("two own the folder")
    assert refused.value.address == address


def test_a_command_that_owns_a_folder_answers_nowhere_whoever_had_it_before(tmp_path: Path) -> None:
    with exclusive(tmp_path, "http://127.0.0.1:9000"):
        pass
    with exclusive(tmp_path), pytest.raises(DataDirInUse) as refused, exclusive(tmp_path):
        pytest.fail("two own the folder")
    assert not refused.value.address
