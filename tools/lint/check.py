"""Run every rule on every file, and honour the comments that allow an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tools.lint import (
    broad_except,
    clock,
    commit,
    migrations,
    money,
    query,
    redirects,
    secret_log,
)
from tools.lint.source import Finding, Source

RULES: dict[str, Callable[[Source], Iterator[Finding]]] = {
    "broad-except": broad_except.check,
    "clock": clock.check,
    "commit": commit.check,
    "money": money.check,
    "query": query.check,
    "redirects": redirects.check,
    "secret-log": secret_log.check,
}


def check_source(source: Source) -> list[Finding]:
    """Return what the rules object to in one file, and every allowance that is no good."""
    found = {
        replace(finding, rule=name) for name, rule in RULES.items() for finding in rule(source)
    }
    allowed = {(allowance.line, allowance.rule) for allowance in source.allowances}
    left = [finding for finding in found if (finding.line, finding.rule) not in allowed]
    return sorted([*left, *_poor_allowances(source, found)])


def check_folders(folders: Sequence[Path]) -> list[Finding]:
    """Return what the rules object to below ``folders``, by file and line."""
    findings: list[Finding] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            findings += check_source(Source(path, path.read_text(encoding="utf-8")))
        findings += [replace(finding, rule="migrations") for finding in migrations.check(folder)]
    return findings


def _poor_allowances(source: Source, found: set[Finding]) -> Iterator[Finding]:
    objections = {(finding.line, finding.rule) for finding in found}
    for allowance in source.allowances:
        if not allowance.reason:
            message = f"allow({allowance.rule}) needs a reason: # allow({allowance.rule}): why"
        elif (allowance.line, allowance.rule) not in objections:
            message = f"allow({allowance.rule}) allows nothing here"
        else:
            continue
        yield Finding(source.path, allowance.line, message, "suppression")
