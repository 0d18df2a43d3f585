from __future__ import annotations

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[3]


def test_help_lists_every_task() -> None:
    declared = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert declared
    shown = subprocess.run(
        ["make", "help"],  # noqa: S607 - whichever make the user has
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE) == declared[1].split()
