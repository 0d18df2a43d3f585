"""Who asks another server is answered by that one: no redirect leads elsewhere unseen.

aiohttp follows redirects unless a call says otherwise (OWASP ASVS 5.0, 15.3.2).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Source

_ASKS = {"delete", "get", "head", "options", "patch", "post", "put", "request"}


def check(source: Source) -> Iterator[Finding]:
    """Find requests, in modules that use aiohttp, that do not say what becomes of redirects."""
    if not any(_imports_aiohttp(node) for node in source.tree.body):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncWith):
            for item in node.items:
                call = item.context_expr
                if _asks(call) and not _says(call):
                    yield source.finding(
                        call, "a redirect would be followed: allow_redirects=False"
                    )


def _imports_aiohttp(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) and any(name.name == "aiohttp" for name in node.names)


def _asks(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _ASKS
    )


def _says(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and any(
        keyword.arg == "allow_redirects" for keyword in node.keywords
    )
