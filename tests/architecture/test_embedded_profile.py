"""The embedded profile starts without the drivers of the distributed one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Collection
from importlib.metadata import packages_distributions
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
BUILDS_A_SHOP = """
import sys
for name in sys.argv[2:]:
    sys.modules[name] = None  # what the import system takes for a module that is not there
from pathlib import Path
from random import Random
import kibble.runtime.cli
from kibble.platform.clock import SystemClock, Uuid7Ids
from kibble.platform.config import Settings
from kibble.platform.service import World
from kibble.runtime.shop import Shop
clock, randomness = SystemClock(), Random(1)
world = World(clock, Uuid7Ids(clock, randomness), randomness)
Shop(Settings(data_dir=Path(sys.argv[1]), seed=False), world).close()
"""


def drivers() -> set[str]:
    """Return the modules of what the extra ``distributed`` names."""
    extra = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]["distributed"]
    wanted = {re.split(r"[^\w-]", requirement)[0] for requirement in extra}
    return {
        module for module, names in packages_distributions().items() if wanted.intersection(names)
    }


def built_without(modules: Collection[str], folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", BUILDS_A_SHOP, str(folder), *modules]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own program


def test_knows_all_drivers() -> None:
    expected = {"aiohttp", "aiokafka", "asyncpg", "cassandra", "neo4j", "pymongo", "redis"}
    assert drivers() >= expected


def test_the_command_line_and_the_shop_start_without_any_of_them(tmp_path: Path) -> None:
    ended = built_without(drivers(), tmp_path)
    assert ended.returncode == 0, ended.stderr


def test_a_module_that_is_needed_is_missed(tmp_path: Path) -> None:
    assert "tantivy" in built_without(["tantivy"], tmp_path).stderr
