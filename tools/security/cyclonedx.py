"""Holding a bill of materials against CycloneDX's own schema, which comes with Kibble."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

_BASE = "http://cyclonedx.org/schema/"
_OTHERS = ("jsf-0.82", "spdx")
"""What the schema of a bill refers to, beside itself: nothing is asked of the network."""
_SCHEMAS = Path(__file__).parent / "schemas"


def problems(bill: dict[str, Any]) -> Iterator[str]:
    """Yield what the schema has against a bill of materials, and where."""
    for error in _validator().iter_errors(bill):
        yield f"/{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"


@cache
def _validator() -> Any:
    others = [(f"{_BASE}{name}.SNAPSHOT.schema.json", _schema(name)) for name in _OTHERS]
    registry = jsonschema_rs.Registry(others)
    return jsonschema_rs.validator_for(_schema("bom-1.6"), registry=registry)


def _schema(name: str) -> dict[str, Any]:
    packed = (_SCHEMAS / f"{name}.schema.json.gz").read_bytes()
    schema: dict[str, Any] = json.loads(gzip.decompress(packed))
    return schema
