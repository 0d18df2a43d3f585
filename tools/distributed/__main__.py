"""``python -m tools.distributed``: run a distributed shop here until Ctrl-C; engines come first."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tools.distributed.processes import StartFailed, kibble
from tools.distributed.shop import DistributedShop, Plan
from tools.engines import fleet
from tools.engines.places import Places

MARKER = "seeded"


def main(arguments: Sequence[str] | None = None) -> int:
    """Start what is missing, seed the shop the first time, and wait for the end."""
    chosen = _parser().parse_args(arguments)
    places = Places.of()
    names = [kind.name for kind in fleet.KINDS if kind.variable]
    for failure in (failures := fleet.up(places, names)):
        print(failure, file=sys.stderr)
    if failures:
        return 1
    environment = {
        engine.variable: engine.url for engine in fleet.engines(places, names) if engine.variable
    }
    shop = DistributedShop(
        Plan(
            folder=chosen.data,
            port=chosen.port,
            first_port=chosen.first_port,
            replicas=chosen.replicas,
            environment=environment,
        )
    )
    try:
        shop.start()
        _seed(shop)
        _say_where(shop)
        _wait()
    except StartFailed as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shop.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.distributed", description="A distributed shop on this machine."
    )
    parser.add_argument("--data", type=Path, default=Path("data-distributed"), help="its folder")
    parser.add_argument("--port", type=int, default=8000, help="the gateway's port")
    parser.add_argument(
        "--first-port",
        type=int,
        default=8100,
        help="the first of the hundred ports between services",
    )
    parser.add_argument("--replicas", type=int, default=1, help="processes a service")
    return parser


def _seed(shop: DistributedShop) -> None:
    """Fill the shop, unless it was filled before."""
    marker = shop.folder / MARKER
    if marker.exists():
        return
    command = kibble("seed", "--url", shop.url)
    if subprocess.run(command, env=shop.whole_environment, check=False).returncode:  # noqa: S603 - our own
        raise StartFailed("The demo shop could not be made.")
    marker.touch()


def _say_where(shop: DistributedShop) -> None:
    for member in shop.members.values():
        print(f"  {member.name:<18} http://127.0.0.1:{member.port}  (pid {member.pid})")
    print(f"Kibble listens on {shop.url}; logs are in {shop.folder / 'logs'}  (stop with Ctrl-C)")


def _wait() -> None:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    over.wait()


if __name__ == "__main__":
    sys.exit(main())
