"""What the driver of Neo4j looks up is what its own tables have."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any

import pytest

from kibble.platform.engines.neo4j_tables import COMPUTED


def fresh(name: str) -> Any:
    """Return a module of the driver as it is made, beside the one that is in use."""
    package = import_module(name.rpartition(".")[0])
    spec = PathFinder.find_spec(name, package.__path__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("module", "table"), [(module, table) for module in COMPUTED for table in COMPUTED[module]]
)
def test_what_is_computed_is_what_the_drivers_table_has(module: str, table: str) -> None:
    whole = vars(fresh(module))[table]
    entries = whole if isinstance(whole, dict) else dict(enumerate(whole))
    computed: Any = COMPUTED[module][table]
    assert {key: computed[key] for key in entries} == entries
    assert len(entries) > 9_000


ALONE = """
from kibble.platform.engines.neo4j_tables import PackedNumbers, without_tables
with without_tables():
    import neo4j
from neo4j._codec.packstream import v1, v2
from neo4j.time import Date
assert isinstance(v1.PACKED_UINT_16, PackedNumbers), "the table was made"
assert v2.PACKED_UINT_16 is v1.PACKED_UINT_16
assert v1.PACKED_UINT_8[255] == b"\\xff", "a small table is there"
assert "range" not in vars(v1)
print(Date(2024, 2, 29).to_native())
"""


def test_the_driver_is_imported_without_its_tables() -> None:
    ended = subprocess.run(  # noqa: S603 - a program of this file
        [sys.executable, "-c", ALONE], capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.returncode) == ("2024-02-29\n", 0), ended.stderr
