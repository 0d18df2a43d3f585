"""Docstrings as those read them who know the API alone."""

from __future__ import annotations

import re
from inspect import cleandoc

_CODE = re.compile(r"``(.+?)``")
_CAMEL = re.compile(r"(?<=[a-z0-9])_([a-z])")


def prose(docstring: str) -> str:
    """Return a docstring as Markdown, with the names of fields as they are in JSON."""
    return _CODE.sub(_as_field, cleandoc(docstring))


def _as_field(found: re.Match[str]) -> str:
    return f"`{_CAMEL.sub(lambda letter: letter[1].upper(), found[1])}`"
