"""``python -m kibble.runtime.distributed SERVICE``: what ``kibble serve`` becomes.

It imports no more than the one service needs.
"""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop

from kibble.platform.imports import hollow, without


def main(service: str) -> None:
    """Serve one service with the settings of the environment."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no service computes but in a child
    with (
        without("rich", "opentelemetry"),  # logs for machines; Redis's client measures itself
        hollow("uvicorn.main", "redis.cluster", "redis.asyncio.cluster"),
    ):
        from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
        from kibble.platform.config import read_settings
        from kibble.platform.service import World
        from kibble.platform.telemetry.logs import configure_logs
        from kibble.runtime.console import sentences
        from kibble.runtime.distributed.serving import serve_one
        from kibble.runtime.joining import start_tracing

    with sentences():
        settings = read_settings(os.environ)
        configure_logs(settings.log_level, service=service, pretty=sys.stderr.isatty())
        clock, randomness = SystemClock(), system_randomness()
        world = World(clock, Uuid7Ids(clock, randomness), randomness)
        end_tracing = start_tracing(service, settings, randomness)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(serve_one(service, settings, world))
        finally:
            end_tracing()


if __name__ == "__main__":
    main(sys.argv[1])
