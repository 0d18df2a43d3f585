from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "tools" / "find-python"


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A folder for Pythons that only know what they lack."""
    return tmp_path


def make(folder: Path, name: str, version: str, *, new: bool, complete: bool) -> str:
    """Write a program that answers like a Python of this version."""
    program = folder / name
    program.write_text(
        f"""#!/bin/sh
case "$*" in
    *version_info*) exit {int(not new)} ;;
    *ensurepip*) exit {int(not complete)} ;;
    -V) echo "Python {version}" ;;
esac
"""
    )
    program.chmod(0o755)
    return str(program)


def find(candidates: str) -> tuple[int, str, str]:
    """The script's exit code and what it said, for these candidates."""
    result = subprocess.run(  # noqa: S603 - our own script
        [SCRIPT],
        env={"PATH": "/usr/bin:/bin", "PYTHON": candidates},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout.strip(), result.stderr.strip()


def test_prints_the_first_python_that_will_do(fake: Path) -> None:
    old = make(fake, "old", "3.9.2", new=False, complete=True)
    bare = make(fake, "bare", "3.12.0", new=True, complete=False)
    good = make(fake, "good", "3.11.2", new=True, complete=True)
    better = make(fake, "better", "3.13.0", new=True, complete=True)
    assert find(f"{old} {bare} {good} {better}") == (0, good, "")


def test_says_so_when_there_is_no_python() -> None:
    code, output, said = find("/nowhere/python3")
    assert (code, output) == (1, "")
    assert said.startswith("Kibble needs Python 3.11 or newer, and there is no python3; on Debian")


def test_says_so_when_python_is_too_old(fake: Path) -> None:
    old = make(fake, "old", "3.9.2", new=False, complete=True)
    code, _, said = find(old)
    assert code == 1
    assert said.startswith(f"Kibble needs Python 3.11 or newer, and {old} is 3.9.2; on Debian")


def test_says_so_when_the_venv_module_is_missing(fake: Path) -> None:
    old = make(fake, "old", "3.9.2", new=False, complete=True)
    bare = make(fake, "bare", "3.12.0", new=True, complete=False)
    code, _, said = find(f"{old} {bare}")
    assert code == 1
    assert said.startswith(f"Kibble needs Python's venv module, which {bare} lacks; on Debian")
    assert "apt install python3 python3-venv" in said
