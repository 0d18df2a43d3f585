"""Serving a shop: uvicorn, with events and background work beside it, to a clean end."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from kibble.runtime.shop import Shop

GRACE_SECONDS = 10


class DataDirInUse(RuntimeError):
    """Another process works on the data folder."""


@contextmanager
def exclusive(data_dir: Path) -> Generator[None]:
    """Own the data folder while the block runs; raises ``DataDirInUse``.

    The lock is the operating system's: it ends with the process, however that ends.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirInUse(f"A Kibble is running on {data_dir}; stop it first.") from error
        yield
    finally:
        os.close(handle)


async def serve(shop: Shop) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are answered, what waits is committed."""
    config = uvicorn.Config(
        shop.app,
        host=shop.settings.host,
        port=shop.settings.port,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
        h11_max_incomplete_event_size=16_384,
    )
    server = uvicorn.Server(config)
    work = asyncio.create_task(shop.run())
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.wait({work, serving}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            server.should_exit = True
            await serving
            work.result()
    finally:
        shop.ready = False
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        shop.close()
