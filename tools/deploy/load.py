"""The load scenarios, by Locust: each of them once, against a shop that was just started."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.kit.process import free_port
from tools.deploy import programs
from tools.deploy.live import HOST, running
from tools.distributed.processes import Member, kibble

SCENARIOS = programs.PROJECT / "bench" / "load" / "locustfile.py"
ASKED = {"search", "facets", "product", "reviews", "open cart", "put item", "checkout"}
"""What a visitor who does everything asks for, by the names in Locust's tables."""


def check() -> Iterator[str]:
    """Run the scenarios; yield what was not asked, and what failed."""
    with tempfile.TemporaryDirectory(prefix="kibble-load-") as name:
        folder, port = Path(name), free_port()
        command = kibble("run", "--port", str(port), "--data-dir", str(folder / "data"))
        shop = Member("kibble", command, {}, folder / "kibble.log", port)
        with running([shop]):
            ran = programs.run(
                programs.of_python("locust"),
                *("-f", SCENARIOS, "--headless", "--host", f"http://{HOST}:{port}"),
                *("--users", "1", "--json-file", folder / "load", "Rehearsal"),
                environment={"KIBBLE_LOAD": "rehearsal"},
            )
        yield from programs.problems("locust", ran)
        yield from _unasked(folder / "load.json")


def _unasked(table: Path) -> Iterator[str]:
    asked = {row["name"] for row in json.loads(table.read_text()) if row["num_requests"]}
    yield from (f"no scenario asked for {one!r}" for one in sorted(ASKED - asked))
