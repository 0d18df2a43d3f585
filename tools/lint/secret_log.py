"""A log is read by many and kept for long: no password, token or key goes into it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Source
from tools.lint.words import names_secret, words

_LOGGERS = {"log", "logger", "logging"}
_METHODS = {
    "bind",
    "critical",
    "debug",
    "error",
    "exception",
    "info",
    "log",
    "msg",
    "warn",
    "warning",
}


def check(source: Source) -> Iterator[Finding]:
    """Find secrets among the arguments of calls to a logger."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _logs(node.func):
            arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
            for argument in arguments:
                if name := _secret_in(argument):
                    yield source.finding(argument, f"{name} would be in the log")


def _logs(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(attr=method, value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return method in _METHODS and not _LOGGERS.isdisjoint(words(name))
        case ast.Attribute(attr=method, value=ast.Call(func=inner)):
            return method in _METHODS and _logs(inner)
        case _:
            return False


def _secret_in(argument: ast.expr | ast.keyword) -> str | None:
    for node in ast.walk(argument):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                if names_secret(name):
                    return name
            case _:
                pass
    return None
