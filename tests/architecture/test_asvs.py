"""The table of what of OWASP ASVS is tested is whole, and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "security" / "asvs.yaml"
ROW = re.compile(
    r'- \{id: "(?P<id>\d+\.\d+\.\d+)", level: (?P<level>[12]), area: "[^"]+", '
    r'status: (?:tested, test: "(?P<test>[^"]+)"|(?:open|not-applicable), reason: "[^"]+")\}'
)


def rows() -> list[re.Match[str]]:
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        match = ROW.fullmatch(line)
        assert match is not None, f"incomplete: {line}"
        found.append(match)
    return found


def test_has_a_row_for_each_requirement_of_both_levels() -> None:
    levels = [row["level"] for row in rows()]
    assert (levels.count("1"), levels.count("2")) == (70, 183)
    assert len({row["id"] for row in rows()}) == len(levels)


def test_names_tests_that_exist() -> None:
    for row in rows():
        if row["test"] is None:
            continue
        path, _, name = row["test"].partition("::")
        assert (ROOT / path).exists(), row[0]
        if name:
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), row[0]
