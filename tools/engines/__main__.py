"""``python -m tools.engines up|down|status [--wipe] [NAME...]``; exit code 1 if anything failed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tools.engines import fleet
from tools.engines.errors import EngineError
from tools.engines.places import Places

_ROW = "{:<11} {:<16} {:<16} {:>8} {:>8}  {}"
_MEBIBYTE = 2**20


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says."""
    chosen = _parser().parse_args(arguments)
    try:
        places = Places.of()
        match chosen.task:
            case "up":
                return _up(places, chosen.names)
            case "down":
                return _tell(fleet.down(places, chosen.names, wipe=chosen.wipe))
            case _:
                return _status(places, chosen.names)
    except EngineError as error:
        return _tell([str(error)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.engines",
        description="The servers of the distributed profile, on this machine, without containers.",
    )
    tasks = parser.add_subparsers(dest="task", required=True)
    names = ", ".join(kind.name for kind in fleet.KINDS)
    for task, does in (
        ("up", "install what is missing, start, and wait until all serve"),
        ("down", "stop; the data stays"),
        ("status", "show a table; exit code 1 unless all run"),
    ):
        each = tasks.add_parser(task, help=does, description=f"{does}. Engines: {names}.")
        each.add_argument("names", nargs="*", metavar="NAME", help="all, if none is named")
        if task == "down":
            each.add_argument("--wipe", action="store_true", help="remove the data too")
    return parser


def _up(places: Places, names: Sequence[str]) -> int:
    began = time.monotonic()
    failures = fleet.up(places, names)
    if not failures:
        print(f"all serve after {time.monotonic() - began:.1f} s; settings: {places.state / 'env'}")
    return _tell(failures)


def _status(places: Places, names: Sequence[str]) -> int:
    found = fleet.status(places, names)
    print(_ROW.format("ENGINE", "VERSION", "ADDRESS", "PID", "MEMORY", "STATE"))
    for each in found:
        memory = f"{each.memory / _MEBIBYTE:.0f} MB" if each.pid else "-"
        engine = each.engine
        print(
            _ROW.format(
                engine.name, engine.version, engine.address, each.pid or "-", memory, each.state
            )
        )
    settings = places.state / "env"
    if settings.exists():
        print(f"\n{settings}:\n{settings.read_text()}", end="")
    return 0 if all(each.state == "running" for each in found) else 1


def _tell(failures: Sequence[str]) -> int:
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
