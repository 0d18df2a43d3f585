"""A statement for an engine is put together from our own words: values travel as parameters.

SQL, CQL and Cypher in an f-string, by ``%``, ``+`` or ``format``: what is put in may be a constant,
a number, what a type says to be a literal (``LiteralString``, which pyright asks of every caller),
or the description of a table. A query for MongoDB or Elasticsearch runs no code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.lint.source import Finding, Source

_STATEMENT = re.compile(
    r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|WITH|MATCH|MERGE|UNWIND|CALL|TRUNCATE)\b"
    r"|\b(?:FROM|WHERE|VALUES|RETURN|ORDER BY)\b"
)
_OF_OURS = re.compile(
    r"^(?:LiteralString|int|float|bool|Sequence\[LiteralString\]|Shape|Kept\b.*)$"
)
_RUNS = {"$where", "$function", "$accumulator", "script_fields", "runtime_mappings"}

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(source: Source) -> Iterator[Finding]:
    """Find statements with somebody else's text in them, and queries that run code."""
    for node in ast.walk(source.tree):
        if isinstance(node, _Function):
            yield from _in_function(source, node)
        elif isinstance(node, ast.Dict):
            for key in node.keys:
                if isinstance(key, ast.Constant) and key.value in _RUNS:
                    yield source.finding(node, f"{key.value} runs what is in it")


def _in_function(source: Source, function: _Function) -> Iterator[Finding]:
    given = set(_given(function))
    given |= _derived(function, given)
    for node in ast.walk(function):
        inside = [part for part in _put_in(node) if _STATEMENT.search(_words(node))]
        if names := sorted({name for part in inside for name in _names(part)} & given):
            yield source.finding(node, f"{', '.join(names)} would be part of a statement")


def _given(function: _Function) -> Iterator[str]:
    """Yield the parameters that are no literals."""
    told = function.args
    for one in [*told.posonlyargs, *told.args, *told.kwonlyargs]:
        hint = ast.unparse(one.annotation) if one.annotation else ""
        if one.arg not in {"self", "cls"} and not _OF_OURS.match(hint):
            yield one.arg


def _derived(function: _Function, given: set[str]) -> set[str]:
    """Return the names that are made of what was given, by text alone."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _is_text(node.value):
            known = given | found
            if any(name in known for name in _names(node.value)):
                found |= {one.id for one in node.targets if isinstance(one, ast.Name)}
    return found


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Name() | ast.JoinedStr() | ast.Attribute() | ast.Subscript():
            return True
        case ast.BinOp(left=left, right=right):
            return _is_text(left) or _is_text(right)
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "strip" | "replace" | "lower")):
            return True
        case _:
            return False


def _put_in(node: ast.AST) -> list[ast.expr]:
    """Return what is put into a text."""
    match node:
        case ast.JoinedStr(values=values):
            return [one.value for one in values if isinstance(one, ast.FormattedValue)]
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=right):
            return [right]
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Add(), right=right):
            return [right]
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str()))):
            return [*node.args, *(keyword.value for keyword in node.keywords)]
        case _:
            return []


def _words(node: ast.AST) -> str:
    """Return the text that is there already."""
    return " ".join(
        one.value
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    )


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the names in an expression, but for those that are counted."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
        return
    if isinstance(node, ast.Name):
        yield node.id
    for one in ast.iter_child_nodes(node):
        yield from _names(one)
