"""Taking files out of a tar archive that may be anybody's."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path


def unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, folder: Path) -> None:
    """Write a regular file of ``tar`` to ``target``; anything else, or outside, is left out.

    Python 3.11 before its fourth patch has no extraction filters (PEP 706).
    """
    content = tar.extractfile(member) if member.isfile() else None
    if content is None or not target.resolve().is_relative_to(folder.resolve()):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(member.mode & 0o700)
