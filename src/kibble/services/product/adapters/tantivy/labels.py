"""Numbers for the labels of facets: the engine counts numbers several times faster than texts."""

from __future__ import annotations

import json
import os
from pathlib import Path


class Labels:
    """A number for each label, given once, and kept in a file; ``path`` None keeps them in memory.

    A document with new labels is committed after ``save``. Labels are never taken back: an index
    that is begun anew begins them anew too.
    """

    def __init__(self, path: Path | None) -> None:
        """Load the labels; raises ``ValueError`` or ``OSError`` when the file is damaged."""
        self._path = path
        kept: list[str] = json.loads(path.read_bytes()) if path and path.exists() else []
        self._labels = kept
        self._numbers = {label: number for number, label in enumerate(kept)}
        self._saved = len(kept)

    def __len__(self) -> int:
        """Return how many labels there are."""
        return len(self._labels)

    def number(self, label: str) -> int:
        """Return the number of a label, a new one if need be."""
        number = self._numbers.setdefault(label, len(self._labels))
        if number == len(self._labels):
            self._labels.append(label)
        return number

    def label(self, number: int) -> str:
        """Return the label that has a number."""
        return self._labels[number]

    def save(self) -> None:
        """Make new labels durable."""
        if self._path is not None and self._saved < len(self._labels):
            draft = self._path.with_suffix(".new")
            with draft.open("w", encoding="utf-8") as file:
                json.dump(self._labels, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        self._saved = len(self._labels)
