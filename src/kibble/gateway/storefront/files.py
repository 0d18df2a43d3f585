"""The files of a build: read once, told apart by ETag, sent in the encoding that the caller takes.

A build has ``NAME.br`` and ``NAME.gz`` beside what compresses well. A file whose name has a hash of
its content never changes under that name, and is kept for ever (RFC 8246).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from kibble.platform.web.reply import Reply

INDEX = "index.html"
FOR_EVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_MEDIA = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file: its bodies by content encoding (``identity`` is always there)."""

    media: str
    etag: str
    cache_control: str
    bodies: dict[str, bytes] = field(default_factory=dict)

    def reply(self, accepted: str) -> Reply:
        """Answer with the smallest body that an Accept-Encoding of ``accepted`` takes."""
        encoding = next((name for name, _ in _ENCODINGS if self._suits(name, accepted)), "identity")
        headers = {
            "content-type": self.media,
            "cache-control": self.cache_control,
            "etag": f'"{self.etag}-{encoding}"',
        }
        if len(self.bodies) > 1:
            headers["vary"] = "accept-encoding"
        if encoding != "identity":
            headers["content-encoding"] = encoding
        return Reply(self.bodies[encoding], headers=headers)

    def _suits(self, encoding: str, accepted: str) -> bool:
        return encoding in self.bodies and takes(accepted, encoding)


def takes(accepted: str, encoding: str) -> bool:
    """Tell whether an Accept-Encoding header names ``encoding``, and not with a weight of 0."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == encoding:
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def read_build(folder: Path) -> dict[str, File]:
    """Return the files of a build by their path in it; none when there is no build.

    The index page and what the build keeps for itself are not among them.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _MEDIA and path.name != INDEX:
            found[path.relative_to(folder).as_posix()] = _read(path)
    return found


def _read(path: Path) -> File:
    content = path.read_bytes()
    bodies = {"identity": content}
    for encoding, suffix in _ENCODINGS:
        smaller = path.with_name(path.name + suffix)
        if smaller.is_file():
            bodies[encoding] = smaller.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    lasts = FOR_EVER if _HASHED.search(path.name) else AN_HOUR
    return File(_MEDIA[path.suffix], digest, lasts, bodies)
