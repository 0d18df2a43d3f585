"""The gates of security find what they look for, and find nothing in the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.security import licences, secrets
from tools.security.__main__ import GATES, SECRET, Gate


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
class TestEachGate:
    def test_finds_its_canary(self, gate: Gate) -> None:
        assert gate.proves_itself()

    def test_finds_nothing_here(self, gate: Gate) -> None:
        assert list(gate.findings()) == []


class TestSecrets:
    def test_are_told_with_their_place(self, tmp_path: Path) -> None:
        file = tmp_path / "settings.py"
        file.write_text(f"first\n{SECRET}")
        assert list(secrets.findings([file])) == [
            f"{file}:2: a private key",
            f"{file}:3: an AWS key",
        ]


class TestLicences:
    @pytest.mark.parametrize(
        "licence",
        ["Apache-2.0", "MIT", "BSD-3-Clause", "LGPL-3.0", "MPL-2.0", "MIT OR GPL-2.0"],
    )
    def test_that_oblige_little_are_taken(self, licence: str) -> None:
        assert not licences.is_refused(licence)

    @pytest.mark.parametrize("licence", ["", "GPL-3.0-only", "AGPL-3.0", "SSPL-1.0"])
    def test_that_oblige_much_or_are_not_told_are_refused(self, licence: str) -> None:
        assert licences.is_refused(licence)
