"""Run import-linter on source folders: ``python -m tests.architecture.judge TOML FOLDER...``.

A process of its own, because each folder holds a package of the same name, and the test's own
process has the real one imported. Prints a JSON list with the verdict on each folder.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import re
import sys

from importlinter import configuration
from importlinter.application import use_cases


def judge(folder: str, contracts: str) -> list[str]:
    """Return the number of each broken contract; ``error`` when one could not be checked."""
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output):
            passed = use_cases.lint_imports(contracts, cache_dir=None, no_logo=True)
    finally:
        sys.path.remove(folder)
    broken = re.findall(r"^(\d+) .* BROKEN", output.getvalue(), re.MULTILINE)
    return broken or ([] if passed else ["error"])


if __name__ == "__main__":
    configuration.configure()
    print(json.dumps([judge(folder, sys.argv[1]) for folder in sys.argv[2:]]))  # noqa: T201 - its answer
