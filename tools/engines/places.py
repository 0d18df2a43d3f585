"""Where engines keep their files, and which port is whose.

KIBBLE_ENGINES_DIR     what was downloaded, shared by all work trees (~/.cache/kibble/engines;
                       for root /var/cache/kibble/engines)
KIBBLE_ENGINES_STATE   data, logs and pid files (.engines in the project)
KIBBLE_ENGINES_<NAME>_PORT   another port than the engine's own
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.engines.errors import EngineError

PROJECT = Path(__file__).parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Places:
    """The two folders of the engines, and the ports that the environment names."""

    cache: Path
    state: Path
    ports: Mapping[str, int]

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> Places:
        """Read the places from ``environ``; makes no folder yet.

        Raises EngineError for a port that is no number.
        """
        cache = environ.get("KIBBLE_ENGINES_DIR") or _default_cache()
        state = environ.get("KIBBLE_ENGINES_STATE") or PROJECT / ".engines"
        return cls(
            cache=Path(cache).expanduser().absolute(),
            state=Path(state).expanduser().absolute(),
            ports={
                key.removeprefix("KIBBLE_ENGINES_").removesuffix("_PORT").lower(): _port(key, value)
                for key, value in environ.items()
                if key.startswith("KIBBLE_ENGINES_") and key.endswith("_PORT")
            },
        )

    def prepare(self) -> None:
        """Make the folders. As root, see to it that the users of the servers can enter them.

        PostgreSQL and OpenSearch refuse to run as root. Where the project lies in a folder that is
        closed to others, as /root is, ``.engines`` becomes a link to a folder under /var/lib.
        """
        if os.geteuid() == 0 and not self.state.exists() and not enterable(self.state.parent):
            digest = hashlib.sha256(str(self.state).encode()).hexdigest()[:12]
            elsewhere = Path("/var/lib/kibble/engines") / digest
            elsewhere.mkdir(parents=True, exist_ok=True)
            self.state.parent.mkdir(parents=True, exist_ok=True)
            self.state.unlink(missing_ok=True)
            self.state.symlink_to(elsewhere)
        for folder in (self.cache, self.state):
            folder.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0 and not enterable(folder):
                raise EngineError(
                    f"{folder} is closed to the users that PostgreSQL and OpenSearch run as: "
                    "set KIBBLE_ENGINES_DIR and KIBBLE_ENGINES_STATE to folders that all may enter"
                )


def enterable(folder: Path) -> bool:
    """Say whether every user may enter ``folder`` and all that are above it."""
    folder = folder.resolve()
    present = [path for path in (folder, *folder.parents) if path.exists()]
    return all(path.stat().st_mode & stat.S_IXOTH for path in present)


def _default_cache() -> str:
    return "/var/cache/kibble/engines" if os.geteuid() == 0 else "~/.cache/kibble/engines"


def _port(key: str, value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 2**16:
        raise EngineError(f"{key} is {value!r}, which is no port")
    return int(value)
