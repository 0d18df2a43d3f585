"""What is read of the CloudFormation templates without a library for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parents[2] / "deploy" / "aws"
_MAPPINGS = re.compile(r"^Mappings:\n((?: .*\n|\n)+)", re.MULTILINE)
"""The part of a template that has no functions in it, so that any reader of YAML takes it."""


def mappings(template: str) -> dict[str, Any]:
    """Return a template's mappings; raises ``ValueError`` if it has none."""
    found = _MAPPINGS.search((FOLDER / f"{template}.yaml").read_text())
    if found is None:
        raise ValueError(f"{template}.yaml has no mappings")
    read: dict[str, Any] = msgspec.yaml.decode(found[1].encode())
    return read
