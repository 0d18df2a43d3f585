"""Keys and passwords in files that git has: by their shape, or as the value of what is named so."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

_SHAPES = {
    "a private key": re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH |PGP )?PRIVATE KEY"),
    "a private JWK": re.compile(r'"d"\s*:\s*"[A-Za-z0-9_-]{40,}"'),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "a Stripe key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a signed token": re.compile(
        r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"
    ),
}
_MAX_BYTES = 1 << 20
_SKIPPED = (".lock", ".gz", ".webp", ".png", "package-lock.json")


def tracked(root: Path) -> list[Path]:
    """Return the files that git knows below ``root``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - as above
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return [root / name for name in listed.stdout.split("\0") if name]


def findings(paths: Sequence[Path]) -> Iterator[str]:
    """Yield what looks like a secret, with its place."""
    for path in paths:
        if path.name.endswith(_SKIPPED) or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        for what, shape in _SHAPES.items():
            for match in shape.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: {what}"
