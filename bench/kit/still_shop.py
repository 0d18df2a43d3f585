"""A shop that serves, and whose bus and background work stand still: what a request alone costs.

::

    KIBBLE_DATA_DIR=... python -m bench.kit.still_shop
"""

from __future__ import annotations

import asyncio
import os

import uvloop

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import read_settings
from kibble.platform.service import World
from kibble.platform.telemetry.logs import configure_logs
from kibble.runtime.server import exclusive, listening, serve
from kibble.runtime.shop import Shop


class StillShop(Shop):
    """Takes requests and delivers no event."""

    async def run(self) -> None:
        """Be ready, and do nothing else until cancelled."""
        self.ready = True
        await asyncio.Event().wait()


async def main() -> None:
    """Serve until SIGTERM."""
    settings = read_settings(os.environ)
    configure_logs(settings.log_level, pretty=False)
    clock, randomness = SystemClock(), system_randomness()
    with exclusive(settings.data_dir), listening(settings) as sockets:
        world = World(clock, Uuid7Ids(clock, randomness), randomness)
        await serve(StillShop(settings, world), sockets)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
