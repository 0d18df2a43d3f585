"""Pictures among the shop's files."""

from __future__ import annotations

import re

from kibble.platform.files import Files

FOLDER = "images"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.[a-z0-9]{2,5}")


class StoredImages:
    """Implements ``ImageStore``: a file each, in a folder per first two letters."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def put(self, name: str, content: bytes) -> None:
        """See ``ImageStore.put``; raises ``ValueError`` for a name that could lead elsewhere."""
        path = _path(name)
        if path is None:
            raise ValueError(f"not the name of a picture: {name}")
        if not await self._files.has(path):
            await self._files.put(path, content)

    async def get(self, name: str) -> bytes | None:
        """See ``ImageStore.get``."""
        path = _path(name)
        return await self._files.get(path) if path is not None else None


def _path(name: str) -> str | None:
    return f"{FOLDER}/{name[:2]}/{name}" if _NAME.fullmatch(name) else None
