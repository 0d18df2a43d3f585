"""``python -m tools.lint FOLDER...`` prints what the rules object to; exit code 1 if anything."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.lint.check import check_folders


def main(folders: list[str]) -> int:
    """Check ``folders`` and print the findings."""
    findings = check_folders([Path(folder) for folder in folders])
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["src"]))
