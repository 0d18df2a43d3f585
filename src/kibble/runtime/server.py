"""Serving a shop: uvicorn, with events and background work beside it, to a clean end."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import gc
import os
import signal
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec
import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import Server

from kibble.platform.config import Settings
from kibble.runtime import tls
from kibble.runtime.http import BoundedHttp, end_slow_heads

GRACE_SECONDS = 10
YOUNG_OBJECTS = 10_000
LOCK = "lock"
"""The file of a data folder that who works on it has locked."""


class DataDirInUse(RuntimeError):
    """Another process works on the data folder."""


class CannotListen(RuntimeError):
    """The address is no address of this machine, or is taken."""


def has_shop(data_dir: Path) -> bool:
    """Tell whether a shop was made in the folder."""
    return any(data_dir.glob("*.db"))


@contextmanager
def exclusive(data_dir: Path) -> Generator[None]:
    """Own the data folder while the block runs; raises ``DataDirInUse``.

    The lock is the operating system's: it ends with the process, however that ends.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirInUse(f"A Kibble is running on {data_dir}; stop it first.") from error
        os.truncate(handle, 0)
        yield
    finally:
        os.close(handle)


class Door(msgspec.Struct, frozen=True):
    """Where the shop of a data folder listens, the name that it answers to, its certificate."""

    url: str
    name: str = ""
    certificate: str = ""


def door_of(settings: Settings) -> Door:
    """Return where a shop with these settings listens."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "https" if settings.tls_cert else "http"
    name = min(settings.hosts, default="")
    certificate = str(settings.tls_cert.absolute()) if settings.tls_cert else ""
    return Door(f"{scheme}://{host}:{settings.port}", name, certificate)


def announce(data_dir: Path, door: Door) -> None:
    """Tell the commands of this machine where the shop that has the folder listens."""
    (data_dir / LOCK).write_bytes(msgspec.json.encode(door))


def announced(data_dir: Path) -> Door | None:
    """Return where the shop that has the folder listens, if it has told yet."""
    told = (data_dir / LOCK).read_bytes()
    return msgspec.json.decode(told, type=Door) if told else None


@contextmanager
def listening(settings: Settings) -> Generator[list[socket.socket]]:
    """Have the settings' host and port while the block runs; raises ``CannotListen``.

    Nobody is connected before the sockets are served.
    """
    host, port = settings.host, settings.port
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            sockets = [
                stack.enter_context(_bound(family, address))
                for family, _, _, _, address in dict.fromkeys(found)
            ]
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                told = "is taken: stop who listens there, or choose another with KIBBLE_PORT"
            else:
                told = f"is no address to listen on (KIBBLE_HOST, KIBBLE_PORT): {error.strerror}"
            raise CannotListen(f"{host}:{port} {told}.") from error
        yield sockets


def _bound(family: int, address: Any) -> socket.socket:
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


class _Server(Server):
    """Ends on SIGTERM and SIGINT as every clean end does: with exit code 0.

    Uvicorn raises the signal once more when it is done, which a supervisor takes for a crash.
    """

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take the signals while the server runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


class Hosted(Protocol):
    """What can be served: an application, and what runs beside it."""

    settings: Settings
    ready: bool

    @property
    def app(self) -> ASGIApp:
        """The application."""
        ...

    async def run(self) -> None:
        """Do what runs beside requests until cancelled; set ``ready`` when it is under way."""
        ...

    async def end(self) -> None:
        """Commit what waits, and close what was opened."""
        ...


def _spare_what_stays() -> None:
    """Have the garbage collector look only at what requests leave behind, and less often.

    It takes 7 % of a sale's CPU else, most of that for looking again at what start-up made
    (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


async def serve(host: Hosted, sockets: list[socket.socket]) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are answered, what waits is committed.

    ``sockets`` are those of ``listening``.
    """
    settings = host.settings
    config = uvicorn.Config(
        host.app,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
        http=BoundedHttp,
        # Nobody's headers are believed but those of the proxies that were named.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or [],
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        ssl_context_factory=tls.context if settings.tls_cert else None,
    )
    server = _Server(config)
    _spare_what_stays()
    work = asyncio.create_task(host.run())
    serving = asyncio.create_task(server.serve(sockets))
    watching = asyncio.create_task(end_slow_heads(server.server_state.connections))
    try:
        await asyncio.wait({work, serving}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            server.should_exit = True
            await serving
            work.result()
        else:
            serving.result()
    finally:
        host.ready = False
        work.cancel()
        watching.cancel()
        await asyncio.gather(work, watching, return_exceptions=True)
        await host.end()
