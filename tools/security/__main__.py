"""``python -m tools.security``: prove each gate on its canary, then run it; 1 if any fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.security import advisories, cyclonedx, licences, sbom, secrets

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "storefront" / "package-lock.json"
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
    is_able: Callable[[], bool] = lambda: True
    """Whether it has what it looks things up in: without that, finding nothing says nothing."""


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
    yield from licences.npm_findings(PAGES)


def _proves_licences() -> bool:
    pages = {"packages": {"node_modules/canary": {"license": "GPL-3.0-only"}}}
    lock = _canary(json.dumps(pages), "package-lock.json")
    refused = map(licences.is_refused, ("", "AGPL-3.0-only", "GPL-3.0"))
    return all(refused) and len(list(licences.npm_findings(lock))) == 1


def _locked() -> advisories.Locked:
    found = [("PyPI", one) for lock in RUNTIME_LOCKS for one in sbom.python_components(ROOT / lock)]
    found += [("npm", one) for one in sbom.npm_components(PAGES)]
    return {(ecosystem, one["name"].lower()): one["version"] for ecosystem, one in found}


def _advised() -> list[str]:
    """Return the weaknesses of what is locked; says so loudly where nothing could be looked at."""
    folder = os.environ.get(advisories.SETTING)
    if not folder:
        print(f"dependency advisories: NOT CHECKED, {advisories.SETTING} names no copy of them")
        return []
    known = list(advisories.records(Path(folder)))
    if told := advisories.too_old(known, datetime.now(UTC)):
        return [f"the copy in {folder} is too old to tell: it was last changed {told}"]
    return list(advisories.findings(_locked(), known))


def _has_advisories() -> bool:
    return bool(os.environ.get(advisories.SETTING))


def _proves_advisories() -> bool:
    events = [{"introduced": "0"}, {"fixed": "1.2.0"}]
    package = {"ecosystem": "PyPI", "name": "canary"}
    record = {
        "id": "CANARY-1",
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    }
    bad = list(advisories.findings({("PyPI", "canary"): "1.1.9"}, [record]))
    good = list(advisories.findings({("PyPI", "canary"): "1.2.0"}, [record]))
    return len(bad) == 1 and not good


def _proves_bill() -> bool:
    """Whether a component without a name, and one of a kind that there is not, are seen."""
    nameless, unkind = sbom.document(), sbom.document()
    del nameless["components"][0]["name"]
    unkind["components"][0]["type"] = "dog"
    return all(any(cyclonedx.problems(bill)) for bill in (nameless, unkind))


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
        _proves_licences,
    ),
    Gate("bill of materials", lambda: list(cyclonedx.problems(sbom.document())), _proves_bill),
    Gate("dependency advisories", _advised, _proves_advisories, _has_advisories),
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
        if found or gate.is_able():
            print(f"{gate.name}: {len(found) or 'nothing'} found")
        for line in found:
            print(f"  {line}")
        failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
