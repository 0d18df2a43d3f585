"""The block list of common passwords that comes with the service (``data/SOURCES.md``)."""

from __future__ import annotations

import gzip
from importlib import resources


def common_passwords() -> frozenset[str]:
    """Return the block list, case-folded; reading it takes some milliseconds and a megabyte."""
    folder = resources.files("kibble.services.customer.adapters")
    packed = (folder / "data" / "common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())
