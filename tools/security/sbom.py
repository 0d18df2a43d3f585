"""``python -m tools.security.sbom FILE``: what a release is made of, as CycloneDX 1.6 (JSON).

Python's part are the locks of both profiles, the pages' part is npm's lock. Each component has its
version, its licence as far as it is told, and the hashes that the locks pin.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from tools.security import licences

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-distributed.lock")
PAGES = ROOT / "storefront" / "package-lock.json"

_PINNED = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\n]+)(?: ?;[^\\\n]*)?"
    r"((?: ?\\\n +--hash=sha256:[0-9a-f]{64})+)",
    re.MULTILINE,
)
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
_ALGORITHMS = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256"}

Component = dict[str, Any]


def python_components(lock: Path) -> Iterator[Component]:
    """Yield what a Python lock file pins."""
    for name, pinned, hashes in _PINNED.findall(lock.read_text(encoding="utf-8")):
        purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{pinned}"
        yield _component(name, pinned, purl, _licence(name)) | {
            "hashes": [{"alg": "SHA-256", "content": one} for one in _HASH.findall(hashes)]
        }


def _licence(name: str) -> str:
    try:
        return licences.licence_of(distribution(name))
    except PackageNotFoundError:
        return ""  # of another platform or Python


def npm_components(lock: Path) -> Iterator[Component]:
    """Yield what the pages are built from; what only develops them is excluded in scope."""
    for path, told in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        name = path.rpartition("node_modules/")[2]
        if not path.startswith("node_modules/") or told.get("link"):
            continue
        purl = f"pkg:npm/{name.replace('@', '%40', 1)}@{told['version']}"
        component = _component(name, told["version"], purl, told.get("license", ""))
        component["hashes"] = [_hash(one) for one in told.get("integrity", "").split()]
        component["scope"] = "excluded" if told.get("dev") else "required"
        yield component


def _hash(integrity: str) -> Component:
    algorithm, _, content = integrity.partition("-")
    return {"alg": _ALGORITHMS[algorithm], "content": base64.b64decode(content).hex()}


def _component(name: str, pinned: str, purl: str, licence: str) -> Component:
    component: Component = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": pinned,
        "purl": purl,
    }
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def document() -> Component:
    """Return the whole bill of materials; the same for the same locks."""
    found = [one for lock in LOCKS for one in python_components(ROOT / lock)]
    found += npm_components(PAGES)
    kibble = _component("kibble", version("kibble"), f"pkg:pypi/kibble@{version('kibble')}", "")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": kibble | {"type": "application"}},
        "components": sorted({one["bom-ref"]: one for one in found}.values(), key=_reference),
    }


def _reference(component: Component) -> str:
    reference: str = component["bom-ref"]
    return reference


def main() -> int:
    """Write the bill of materials to the file that is named."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    made = document()
    target.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{target}: {len(made['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
