"""An amount of money is never a float: 0.1 + 0.2 is not 0.3, and a cent is lost."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Source
from tools.lint.words import names_money

_USE = "use Money, integer minor units or Decimal"


def check(source: Source) -> Iterator[Finding]:
    """Find floats that are, become, or are mixed with amounts."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=ast.Name(id="float"), args=[argument]) if _is_money(argument):
                yield source.finding(node, f"float() of an amount; {_USE}")
            case ast.BinOp(op=ast.Div()) if _is_money(node.left):
                yield source.finding(
                    node, "/ makes a float of an amount; use split, percentage or //"
                )
            case ast.BinOp() | ast.AugAssign() if _mixes(node):
                yield source.finding(node, f"an amount is reckoned with a float; {_USE}")
            case ast.arg(arg=name) if names_money(name) and _is_float(node.annotation):
                yield source.finding(node, f"{name} is a float; {_USE}")
            case ast.AnnAssign() if _is_money(node.target) and _is_float(node.annotation):
                yield source.finding(node, f"an amount is a float; {_USE}")
            case ast.Assign() if _has_float(node.value) and any(map(_is_money, node.targets)):
                yield source.finding(node, f"an amount is set to a float; {_USE}")
            case ast.keyword(arg=str(name)) if names_money(name) and _has_float(node.value):
                yield source.finding(node, f"{name} is given a float; {_USE}")
            case _:
                pass


def _mixes(node: ast.BinOp | ast.AugAssign) -> bool:
    left, right = (
        (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
    )
    return (_is_money(left) and _has_float(right)) or (_has_float(left) and _is_money(right))


def _is_money(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return names_money(name)
        case ast.Attribute():
            return names_money(node.attr) or (node.attr == "decimal" and _is_money(node.value))
        case ast.BinOp():
            return _is_money(node.left) or _is_money(node.right)
        case ast.Subscript(value=inner) | ast.UnaryOp(operand=inner):
            return _is_money(inner)
        case _:
            return False


def _has_float(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=float()) | ast.Call(func=ast.Name(id="float")):
            return True
        case ast.BinOp():
            return _has_float(node.left) or _has_float(node.right)
        case ast.UnaryOp():
            return _has_float(node.operand)
        case _:
            return False


def _is_float(annotation: ast.AST | None) -> bool:
    return annotation is not None and any(
        isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(annotation)
    )
