"""A small tree with Kibble's anatomy, into which violations of the import contracts are planted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = "kibble"
SERVICES = "kibble/services"
ORDER = f"{SERVICES}/order"


@dataclass(frozen=True)
class Seed:
    """A violation: imports to add to files, files to add or take away, and the contracts it breaks.

    Paths are relative to the source folder. A contract is named by its number; an error of
    import-linter itself (a layer that must exist, and does not) is reported as ``error``.
    """

    name: str
    breaks: frozenset[str]
    imports: Mapping[str, str] = field(default_factory=dict[str, str])
    without: str = ""


_PLATFORM = ("web", "messaging", "persistence", "security", "telemetry", "engines")

_SERVICE = {
    "errors": "from kibble.kernel import errors",
    "model/__init__": "",
    "model/order": "from kibble.services.{name} import errors\nfrom kibble.kernel import money",
    "repository": "from kibble.services.{name}.model import order\n"
    "from kibble.platform import persistence",
    "cache": "from kibble.services.{name}.model import order",
    "integration": "from kibble.contracts import product",
    "service": "from kibble.services.{name} import repository, cache, integration, model\n"
    "from kibble.platform import messaging, persistence",
    "saga": "from kibble.services.{name} import service",
    "schemas": "from kibble.services.{name}.model import order\nimport msgspec",
    "controller": "from kibble.services.{name} import service, schemas\n"
    "from kibble.platform import web",
    "event_processor": "from kibble.services.{name} import service, saga\n"
    "from kibble.contracts import product",
    "client": "from kibble.services.{name} import service\nfrom kibble.contracts import product",
    "adapters/__init__": "",
    "adapters/sqlite": "from kibble.services.{name} import repository\n"
    "from kibble.services.{name}.model import order\n"
    "from kibble.platform.engines import sqlite\nimport sqlite3",
    "wiring": "from kibble.services.{name} import controller, event_processor, client, service\n"
    "from kibble.services.{name}.adapters import sqlite\n"
    "from kibble.platform.engines import sqlite as engine",
}


def clean_tree() -> dict[str, str]:
    """Return the files of a tree that keeps every contract, by path below the source folder."""
    files = {f"{ROOT}/__init__.py": ""}
    for package in ("kernel", "platform", "contracts", "services", "gateway", "runtime"):
        files[f"{ROOT}/{package}/__init__.py"] = ""
    files |= {f"{ROOT}/kernel/{name}.py": "" for name in ("errors", "money")}
    files |= {f"{ROOT}/platform/{name}/__init__.py": "" for name in _PLATFORM}
    files[f"{ROOT}/platform/engines/sqlite.py"] = "import sqlite3"
    files[f"{ROOT}/platform/web/app.py"] = "import starlette\nfrom kibble.kernel import errors"
    files[f"{ROOT}/contracts/product.py"] = "import msgspec\nfrom kibble.platform import messaging"
    files[f"{ROOT}/gateway/app.py"] = "from kibble.platform.web import app"
    files[f"{ROOT}/runtime/profiles.py"] = (
        "from kibble.gateway import app\nfrom kibble.services.order import wiring\n"
        "from kibble.platform.engines import sqlite"
    )
    for name in ("order", "payment"):
        files[f"{SERVICES}/{name}/__init__.py"] = ""
        for path, text in _SERVICE.items():
            files[f"{SERVICES}/{name}/{path}.py"] = text.format(name=name)
    return files


def planted(seed: Seed) -> dict[str, str]:
    """Return the clean tree with the violation in it."""
    files = clean_tree()
    for path, text in seed.imports.items():
        files[path] = f"{files.get(path, '')}\n{text}\n"
    if seed.without:
        files = {path: text for path, text in files.items() if not path.startswith(seed.without)}
    return files


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write ``files`` below ``folder``."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def broken_contracts(folders: Sequence[Path], configuration: Path) -> list[set[str]]:
    """Return the numbers of the contracts that import-linter finds broken in each source folder."""
    command = [sys.executable, "-m", "tests.architecture.judge", str(configuration)]
    result = subprocess.run(  # noqa: S603 - our own module, on folders made by the test
        [*command, *map(str, folders)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=configuration.parent,
    )
    return [set(broken) for broken in json.loads(result.stdout)]
