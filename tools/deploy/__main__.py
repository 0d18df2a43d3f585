"""``python -m tools.deploy [CHECK...]``: run the checks; exit code 1 if one found something."""

from __future__ import annotations

import sys
import time

from tools.deploy.checks import chosen
from tools.deploy.programs import Missing
from tools.engines.errors import EngineError


def main(names: list[str]) -> int:
    """Run the checks, and print what each found."""
    failed = 0
    for name, check in chosen(names).items():
        began = time.monotonic()
        try:
            found = list(check())
        except (Missing, EngineError) as error:
            found = [f"not checked: {error}"]
        seconds = time.monotonic() - began
        print(f"{name:<10} {'ok' if not found else 'FAILED'}  {seconds:.0f} s", flush=True)
        for line in found:
            print(f"    {line}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
