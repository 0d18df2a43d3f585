"""Files in a folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kibble.platform.files import SignedForm, Stored, checked

_ARRIVING = ".part"


class FolderFiles:
    """Implements ``Files``: a file each, at its name. No links: the shop itself serves them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes | Path) -> None:
        """See ``Files.put``."""
        path = self._folder / checked(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        arriving = path.with_name(f".{path.name}{_ARRIVING}")
        with arriving.open("wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        arriving.replace(path)

    async def get(self, name: str) -> bytes | None:
        """See ``Files.get``."""
        path = self._folder / checked(name)
        return path.read_bytes() if path.is_file() else None

    async def fetch(self, name: str, target: Path) -> bool:
        """See ``Files.fetch``."""
        path = self._folder / checked(name)
        if not path.is_file():
            return False
        arriving = target.with_name(f".{target.name}{_ARRIVING}")
        shutil.copyfile(path, arriving)
        arriving.replace(target)
        return True

    async def has(self, name: str) -> bool:
        """See ``Files.has``."""
        return (self._folder / checked(name)).is_file()

    async def names(self, prefix: str) -> list[Stored]:
        """See ``Files.names``."""
        found = [
            Stored(path.relative_to(self._folder).as_posix(), path.stat().st_size)
            for path in (self._folder / prefix.rpartition("/")[0]).rglob("*")
            if path.is_file() and not path.name.startswith(".")
        ]
        return sorted((one for one in found if one.name.startswith(prefix)), key=lambda s: s.name)

    async def remove(self, name: str) -> None:
        """See ``Files.remove``."""
        (self._folder / checked(name)).unlink(missing_ok=True)

    async def link(self, name: str, seconds: int) -> str | None:
        """See ``Files.link``."""
        return None

    async def form(self, name: str, most_bytes: int, seconds: int) -> SignedForm | None:
        """See ``Files.form``."""
        return None

    async def check(self) -> None:
        """See ``Files.check``."""

    async def close(self) -> None:
        """See ``Files.close``."""
