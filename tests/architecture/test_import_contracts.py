"""The import contracts hold, and each of them can be seen to fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.seeds import SEEDS
from tests.architecture.skeleton import Seed, broken_contracts, clean_tree, planted, write

PROJECT = Path(__file__).parents[2]
CONTRACTS = PROJECT / "pyproject.toml"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The contracts that each seed was found to break, in one run of the linter's process."""
    folder = tmp_path_factory.mktemp("seeds")
    trees = {"clean": clean_tree()} | {seed.name: planted(seed) for seed in SEEDS}
    folders = [folder / str(number) for number in range(len(trees))]
    for files, source in zip(trees.values(), folders, strict=True):
        write(files, source)
    return dict(zip(trees, broken_contracts(folders, CONTRACTS), strict=True))


def test_keeps_the_contracts_in_the_real_tree() -> None:
    linter = str(Path(sys.executable).with_name("lint-imports"))
    result = subprocess.run(  # noqa: S603 - the linter beside our own Python
        [linter, "--no-logo", "--no-cache"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout


class TestSeeds:
    def test_finds_nothing_in_a_clean_tree(self, verdicts: dict[str, set[str]]) -> None:
        assert verdicts["clean"] == set()

    @pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
    def test_reports_each_violation_under_its_contracts(
        self, seed: Seed, verdicts: dict[str, set[str]]
    ) -> None:
        assert verdicts[seed.name] == set(seed.breaks)

    def test_has_a_violation_of_every_contract(self) -> None:
        assert {number for seed in SEEDS for number in seed.breaks} >= set("123456789")
