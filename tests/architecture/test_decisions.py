"""The decision records keep the form that the first of them promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

RECORDS = sorted((Path(__file__).parents[2] / "docs" / "decisions").glob("*.md"))
HEADINGS = ("Context.", "Decision.", "Consequences.", "Alternatives.", "What checks it.")
LINES_OF_A_PAGE = 60


def test_are_numbered_without_a_gap() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
class TestRecord:
    def test_is_titled_with_its_number(self, record: Path) -> None:
        first = record.read_text().partition("\n")[0]
        assert first.startswith(f"# {int(record.name[:4])}. ")

    def test_has_the_five_headings_in_order(self, record: Path) -> None:
        found = re.findall(r"^\*\*([^*]+)\*\*", record.read_text(), re.MULTILINE)
        assert tuple(heading for heading in found if heading in HEADINGS) == HEADINGS

    def test_fits_on_a_page(self, record: Path) -> None:
        assert len(record.read_text().splitlines()) <= LINES_OF_A_PAGE
