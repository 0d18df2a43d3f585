"""The table of what of OWASP ASVS is reached is whole, and names tests and pages that exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "security" / "asvs.yaml"
README = ROOT / "docs" / "security" / "README.md"
ROW = re.compile(
    r'- \{id: "(?P<id>\d+\.\d+\.\d+)", level: (?P<level>[12]), area: "[^"]+", status: '
    r'(?:(?P<tested>tested), test: "(?P<test>[^"]+)"'
    r'|(?P<documented>documented), page: "(?P<page>[^"]+)"'
    r'|(?P<other>open|not-applicable), reason: "(?P<reason>[^"]+)")\}'
)
TEST = "(?:def |test\\([\"'`])"


def rows() -> list[str]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def problem(line: str) -> str | None:
    """Return what is wrong with a row of the table, if anything."""
    row = ROW.fullmatch(line)
    if row is None:
        return "is incomplete"
    if row["reason"] == "not assessed":
        return "has not been assessed"
    if row["tested"] and not is_there(row["test"]):
        return f"names a test that does not exist: {row['test']}"
    if row["documented"] and not is_written(row["page"]):
        return f"names a section that does not exist: {row['page']}"
    return None


def is_there(test: str) -> bool:
    path, _, name = test.partition("::")
    if not path.startswith(("tests/", "storefront/e2e/tests/")):
        return False
    there = ROOT / path
    if there.is_dir():
        return any(there.rglob("test_*.py"))
    return there.is_file() and bool(
        re.search(rf"def {name}\(" if name else TEST, there.read_text(encoding="utf-8"))
    )


def is_written(page: str) -> bool:
    path, _, anchor = page.partition("#")
    if not (ROOT / path).is_file():
        return False
    text = (ROOT / path).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return anchor in {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in headings}


def test_has_a_row_for_each_requirement_of_both_levels() -> None:
    found = [ROW.fullmatch(line) for line in rows()]
    levels = [row["level"] for row in found if row is not None]
    assert (levels.count("1"), levels.count("2")) == (70, 183)
    assert len({row["id"] for row in found if row is not None}) == len(levels)


def test_every_row_is_assessed_and_names_what_exists() -> None:
    assert [f"{line}: {told}" for line in rows() if (told := problem(line))] == []


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ('tested, test: "tests/architecture/test_asvs.py::test_that_nobody_wrote"', "a test that"),
        ('tested, test: "tests/nowhere/test_nothing.py"', "a test that"),
        ('tested, test: "docs/security/README.md"', "a test that"),
        ('documented, page: "docs/security/rules.md#what-nobody-wrote"', "a section that"),
        ('documented, page: "docs/nowhere.md#limits"', "a section that"),
        ('open, reason: "not assessed"', "has not been assessed"),
        ('open, reason: ""', "is incomplete"),
        ("tested", "is incomplete"),
    ],
)
def test_a_row_that_says_too_much_is_seen(status: str, told: str) -> None:
    line = f'- {{id: "1.1.1", level: 1, area: "Canaries", status: {status}}}'
    assert told in (problem(line) or "")


def test_the_page_counts_as_the_table_does() -> None:
    counts: Counter[str] = Counter()
    for row in (ROW.fullmatch(line) for line in rows()):
        assert row is not None
        status = row["tested"] or row["documented"] or row["other"]
        counts[f"{status} {row['level']}"] += 1
    text = README.read_text(encoding="utf-8")
    for status in ("tested", "documented", "open", "not-applicable"):
        one, two = counts[f"{status} 1"], counts[f"{status} 2"]
        assert f"| {status} | {one} | {two} | {one + two} |" in text


def test_an_image_has_no_history() -> None:
    taken = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = [line for line in taken if line and not line.startswith("#")]
    assert taken[0] == "*"
    assert not [line for line in taken if line.startswith("!") and ".git" in line]
