"""Servers that come as jars: Maven resolves ``maven/<name>/pom.xml``, SHA-256 checks them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.engines import debian
from tools.engines.errors import EngineError

POMS = Path(__file__).parent / "maven"


def folder(cache: Path, name: str) -> Path:
    """Return where the files of a module are; the folder is there only when all are, and checked.

    The list of files is part of its name: other files are another folder.
    """
    listed = hashlib.sha256(_list(name).read_bytes()).hexdigest()[:12]
    return cache / f"{name}-{listed}"


def provision(cache: Path, names: Sequence[str]) -> None:
    """Bring the files of modules into the cache with one run of Maven; those there are left alone.

    Raises EngineError when Maven is missing and cannot be installed, or fails, and when a file is
    not the one that is listed.
    """
    missing = [name for name in names if not folder(cache, name).exists()]
    if not missing:
        return
    if not shutil.which("mvn"):
        debian.install(["maven"])
    with tempfile.TemporaryDirectory(dir=cache, prefix="staging-") as staging:
        _resolve(missing, Path(staging), cache / "maven")
        for name in missing:
            check(name, Path(staging) / name)
            _finish(Path(staging) / name, folder(cache, name))
    shutil.rmtree(cache / "maven")  # kept when something failed: the next run goes on from there


def check(name: str, staged: Path) -> None:
    """Compare the files in a folder with a module's list; raises EngineError if they differ."""
    lines = (line.split() for line in _list(name).read_text().splitlines())
    listed = {file: digest for digest, file in lines}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in staged.glob("*")}
    differing = sorted(
        file for file in listed.keys() | found.keys() if listed.get(file) != found.get(file)
    )
    if differing:
        raise EngineError(f"not as {_list(name)} lists them: {', '.join(differing)}")


def class_path(cache: Path, name: str) -> str:
    """Return the jars of a module, sorted, so that what counts twice is decided by name."""
    return ":".join(str(jar) for jar in sorted(folder(cache, name).glob("*.jar")))


def _resolve(names: Sequence[str], staging: Path, repository: Path) -> None:
    command = [
        *("mvn", "--batch-mode", "--quiet", "--no-transfer-progress", "--threads", "2"),
        *("--file", str(POMS / "pom.xml"), "--projects", ",".join(names)),
        *(f"-Dmaven.repo.local={repository}", f"-Dengines.staging={staging}"),
        "dependency:copy-dependencies",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - mvn
    if ended.returncode != 0:
        said = "\n".join((ended.stdout + ended.stderr).splitlines()[-15:])
        raise EngineError(f"Maven could not bring {', '.join(names)}:\n{said}")


def _finish(staged: Path, final: Path) -> None:
    """Unpack what is a whole distribution, and give the folder its name at last."""
    for archive in staged.glob("*.zip"):
        shutil.unpack_archive(archive, staged)
        archive.unlink()
    staged.chmod(0o755)
    staged.replace(final)


def _list(name: str) -> Path:
    return POMS / name / "artifacts.sha256"
