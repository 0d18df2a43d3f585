"""A use case decides and returns its changes; the transaction belongs to its caller.

A saga is such a caller: each of its steps is a commit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Source

_DECIDING = {"errors", "model", "service"}
_TRANSACTION = {"commit", "rollback"}


def check(source: Source) -> Iterator[Finding]:
    """Find calls that steer a transaction inside what decides."""
    if source.service_file not in _DECIDING:
        return
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in _TRANSACTION:
                yield source.finding(node, f"{name}(): return an Outcome; its caller commits")
            case _:
                pass
