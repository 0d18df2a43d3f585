"""JSON values as a table of comma-separated values (RFC 4180), for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

TABLE = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula, and would work out (OWASP, CSV Injection)."""


def as_table(value: Any) -> bytes:
    """Return a row for each value inside ``value``: the path of names that leads to it, and it."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("field", "value"))
    rows.writerows((path, _harmless(leaf)) for path, leaf in _leaves(value, ""))
    return text.getvalue().encode()


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    inside: list[tuple[Any, Any]]
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value, start=1))
    else:
        yield path, value
        return
    for name, inner in inside:
        yield from _leaves(inner, f"{path}.{name}" if path else str(name))


def _harmless(leaf: Any) -> str:
    if leaf is None:
        return ""
    text = str(leaf)
    return f"'{text}" if isinstance(leaf, str) and text.startswith(_FORMULA) else text
