"""Only an edge may catch everything: elsewhere a bug would pass for an expected error."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Source

_EDGES = (
    "kibble/platform/engines/",  # a writer hands the error to the request that waits for it
    "kibble/platform/messaging/",  # an event that cannot be applied is parked
    "kibble/platform/tasks.py",  # background work is logged and goes on
    "kibble/platform/web/",  # a request that fails is answered 500
)
_EVERYTHING = {"BaseException", "Exception"}


def check(source: Source) -> Iterator[Finding]:
    """Find handlers of every exception; one that ends by raising it again is no catch."""
    if any(edge in source.path.as_posix() for edge in _EDGES):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises_again(node):
            yield source.finding(node, "catches every exception; name those that are expected")


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in _EVERYTHING for kind in caught)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
