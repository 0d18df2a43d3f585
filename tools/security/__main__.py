"""``python -m tools.security``: prove each gate on its canary, then run it; 1 if any fails."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.security import licences, secrets

ROOT = Path(__file__).parents[2]
RUNTIME_LOCKS = (
    "requirements.lock",
    "requirements-distributed.lock",
    "requirements-extras.lock",
)
INSECURE = """\
import hashlib, pickle, subprocess, tempfile, yaml, sqlite3
def run(name):
    subprocess.call("ls " + name, shell=True)
    pickle.loads(name)
    eval(name)
    sqlite3.connect("x").execute("SELECT * FROM t WHERE n = '%s'" % name)
    return hashlib.md5(name), tempfile.mktemp(), yaml.load(name)
"""
_PARTS = ("-----BEGIN ", "PRIVATE KEY-----\n", "AKIA", "QWERTYUIOPASDFGH")
SECRET = "".join(_PARTS)
"""Put together here, so that the gate does not find this file."""
EXPECTED = {"S602", "S301", "S307", "S608", "S324", "S306", "S506"}


@dataclass(frozen=True)
class Gate:
    """A gate: what it finds in the project, and whether it finds its canary."""

    name: str
    findings: Callable[[], Sequence[str]]
    proves_itself: Callable[[], bool]


def _ruff(path: Path) -> list[str]:
    """Return what ruff's security rules (those of bandit) find, whatever a file allows itself."""
    command = [
        sys.executable,
        *("-m", "ruff", "check", "--isolated", "--select", "S", "--output-format", "concise"),
        str(path),
    ]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    return [line for line in ran.stdout.splitlines() if ".py:" in line]


def _canary(text: str, name: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix="kibble-canary-")) / name
    path.write_text(text, encoding="utf-8")
    return path


def _proves_ruff() -> bool:
    found = " ".join(_ruff(_canary(INSECURE, "canary.py")))
    return all(code in found for code in EXPECTED)


def _code() -> list[str]:
    command = [sys.executable, "-m", "ruff", "check", "--select", "S", "src", "tools", "bench"]
    ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    return [] if ran.returncode == 0 else ran.stdout.splitlines()


def _licences() -> Iterator[str]:
    for lock in RUNTIME_LOCKS:
        yield from licences.findings(ROOT / lock)


GATES = (
    Gate("insecure code", _code, _proves_ruff),
    Gate(
        "secrets",
        lambda: list(secrets.findings(secrets.tracked(ROOT))),
        lambda: len(list(secrets.findings([_canary(SECRET, "canary.txt")]))) == 2,  # noqa: PLR2004 - both
    ),
    Gate(
        "licences",
        lambda: list(_licences()),
        lambda: all(map(licences.is_refused, ("", "AGPL-3.0-only", "GPL-3.0"))),
    ),
)


def main() -> int:
    """Run every gate, and print what it finds."""
    failed = False
    for gate in GATES:
        if not gate.proves_itself():
            print(f"{gate.name}: the canary was not found; the gate is blind")
            failed = True
            continue
        found = gate.findings()
        print(f"{gate.name}: {len(found) or 'nothing'} found")
        for line in found:
            print(f"  {line}")
        failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
