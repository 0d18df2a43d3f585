"""``python -m tools.deploy [CHECK...]``: run the checks; exit code 1 if one found something."""

from __future__ import annotations

import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed

from tools.deploy.checks import Check, chosen
from tools.deploy.programs import Missing
from tools.engines.errors import EngineError

BESIDE_EACH_OTHER = 2
"""Some only wait (for Prometheus, for a shop to settle), some only compute."""


def found_by(check: Check) -> tuple[list[str], float]:
    """Run a check; return what it found, and how many seconds it took."""
    began = time.monotonic()
    try:
        found = list(check())
    except (Missing, EngineError) as error:
        found = [f"not checked: {error}"]
    except Exception:  # noqa: BLE001 - the other checks go on; it is told, and counts as a failure
        found = ["not checked:", *traceback.format_exc().splitlines()]
    return found, time.monotonic() - began


def main(names: list[str]) -> int:
    """Run the checks, and print what each found as soon as it is known."""
    failed = 0
    began = time.monotonic()
    with ThreadPoolExecutor(BESIDE_EACH_OTHER) as pool:
        running = {pool.submit(found_by, check): name for name, check in chosen(names).items()}
        for ended in as_completed(running):
            found, seconds = ended.result()
            verdict = "ok" if not found else "FAILED"
            print(f"{running[ended]:<10} {verdict}  {seconds:.0f} s", flush=True)
            for line in found:
                print(f"    {line}", flush=True)
            failed += bool(found)
    passed = len(running) - failed
    print(f"{passed} passed, {failed} failed in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
