"""What the documents point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCUMENTS = [
    *PROJECT.glob("*.md"),
    *PROJECT.glob("docs/**/*.md"),
    *PROJECT.glob("src/**/*.md"),
    *PROJECT.glob("bench/**/*.md"),
]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
TASK = re.compile(r"\bmake ([a-z]+)\b")
EXAMPLES = re.compile(r"```sh\n(.*?)```|`([^`\n]+)`", re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
class TestDocument:
    def test_links_to_what_exists(self, document: Path) -> None:
        targets = LINK.findall(document.read_text())
        assert [target for target in targets if not (document.parent / target).exists()] == []

    def test_names_tasks_that_make_knows(self, document: Path) -> None:
        known = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
        examples = [one or other for one, other in EXAMPLES.findall(document.read_text())]
        assert [task for text in examples for task in TASK.findall(text) if task not in known] == []
