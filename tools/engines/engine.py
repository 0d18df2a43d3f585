"""What every engine is: the same few answers for each server."""

from __future__ import annotations

import os
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tools.engines import maven
from tools.engines.java import SMALL, find_java
from tools.engines.places import HOST, Places
from tools.engines.process import Process


class Engine(ABC):
    """One server: what it is made of, how it is set up, started, asked and stopped.

    ``packages`` are Debian's, each with a program that it brings; an engine of jars has none and
    comes from ``maven/<name>``.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    port: ClassVar[int]
    """The default, apart from the product's own, which a developer's server may have."""

    variable: ClassVar[str] = ""
    """The setting of ``kibble serve`` that holds the address."""

    packages: ClassVar[dict[str, str]] = {}
    java: ClassVar[range] = range(0)
    """The versions of Java that it runs on; empty for what is no Java program."""

    user: ClassVar[str | None] = None
    """Who it runs as when we are root; None for servers that do not mind."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    ready_within: ClassVar[float] = 300.0
    """Seconds that it may take to get ready, on a busy machine."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.home: Path = places.state.resolve() / self.name  # it may be a link, see Places.prepare
        self.port = places.ports.get(self.name, type(self).port)  # type: ignore[misc] # the default, unless told otherwise
        self.process = Process(self.home)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    @abstractmethod
    def url(self) -> str:
        """What the setting ``variable`` must hold."""

    @abstractmethod
    def configure(self) -> None:
        """Write the settings into ``home``, and what the first start needs; repeatable."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return the command that runs the server in the foreground."""

    @abstractmethod
    def ready(self) -> bool:
        """Ask the server whether it serves."""

    def environment(self) -> dict[str, str]:
        """Return what the server needs in its environment."""
        return {}

    def run_as(self) -> str | None:
        """Return the user that the server runs as, None for our own."""
        return self.user if os.geteuid() == 0 else None

    def provisioned(self) -> bool:
        """Say whether all that it is made of is on this machine."""
        if self.packages:
            return not self.missing_packages()
        return maven.folder(self.places.cache, self.name).exists()

    def missing_packages(self) -> list[str]:
        """Return the Debian packages whose program is not there."""
        return [package for package, program in self.packages.items() if not shutil.which(program)]

    def java_command(self) -> list[str]:
        """Return a Java that it runs on, with the options that keep a server small.

        Raises EngineError without one.
        """
        return [find_java(self.java, f"{self.name.upper()}_JAVA_HOME"), *SMALL]

    def class_path(self) -> str:
        """Return the jars that it is made of."""
        return maven.class_path(self.places.cache, self.name)

    def own(self, folder: Path) -> None:
        """Make a folder, if it is not there, and give it to the user that the server runs as."""
        folder.mkdir(parents=True, exist_ok=True)
        if user := self.run_as():
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, user)
