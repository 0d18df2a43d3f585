"""Pictures in a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.[a-z0-9]{2,5}")


class FolderImageStore:
    """Implements ``ImageStore``: a file each, in a folder per first two letters."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        """See ``ImageStore.put``; raises ``ValueError`` for a name that could lead elsewhere."""
        path = self._path(name)
        if path is None:
            raise ValueError(f"not the name of a picture: {name}")
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        arriving = path.with_name(f".{path.name}.part")
        with arriving.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        arriving.replace(path)

    async def get(self, name: str) -> bytes | None:
        """See ``ImageStore.get``."""
        path = self._path(name)
        return path.read_bytes() if path is not None and path.is_file() else None

    def _path(self, name: str) -> Path | None:
        return self._folder / name[:2] / name if _NAME.fullmatch(name) else None
