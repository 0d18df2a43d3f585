"""A Python file as the rules see it: its tree, what its names mean, and what it asks to allow."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

_ALLOW = re.compile(r"#.*?\ballow\((?P<rule>[a-z-]*)\)(?::\s*(?P<reason>\S.*))?")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that a rule objects to; ``line`` counts from 1."""

    path: Path
    line: int
    message: str
    rule: str = ""
    """Filled in by whoever runs the rule."""

    def __str__(self) -> str:
        """Return the finding as compilers write theirs."""
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """A comment that allows what ``rule`` objects to on its line."""

    line: int
    rule: str
    reason: str


class Source:
    """One Python file."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.tree = ast.parse(text, str(path))
        self.allowances = list(_allowances(text))
        self._meanings = _meanings(self.tree)

    @property
    def service_file(self) -> str | None:
        """The part of a service's anatomy that the file belongs to, such as ``model``, if any."""
        parts = self.path.with_suffix("").parts
        if "services" not in parts[:-2]:
            return None
        return parts[parts.index("services") + 2]

    def meaning(self, node: ast.AST) -> str | None:
        """Return the full dotted name of an imported thing, however it was imported."""
        if isinstance(node, ast.Name):
            return self._meanings.get(node.id)
        if isinstance(node, ast.Attribute) and (owner := self.meaning(node.value)):
            return f"{owner}.{node.attr}"
        return None

    def finding(self, node: ast.AST, message: str) -> Finding:
        """Return a finding at ``node``."""
        return Finding(self.path, getattr(node, "lineno", 1), message)


def _meanings(tree: ast.AST) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                names[bound] = alias.name if alias.asname else bound
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _allowances(text: str) -> list[Allowance]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [
        Allowance(token.start[0], match["rule"], match["reason"] or "")
        for token in tokens
        if token.type == tokenize.COMMENT and (match := _ALLOW.match(token.string))
    ]
