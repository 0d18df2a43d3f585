"""The processes of a distributed shop, while they start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.kit.process import free_port
from tools.distributed.processes import STARTS, Member, StartFailed, await_ready

PROGRAM = """
import http.server, pathlib, sys
starts = pathlib.Path(sys.argv[1])
starts.write_text(starts.read_text() + "+" if starts.exists() else "+")
if len(starts.read_text()) < int(sys.argv[2]):
    sys.exit("the store is busy")

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Ready).serve_forever()
"""


def member(folder: Path, serves_at: int) -> Member:
    """Return a process that ends until it is started for the ``serves_at``th time."""
    port = free_port()
    command = [sys.executable, "-c", PROGRAM, str(folder / "starts"), str(serves_at), str(port)]
    return Member("order-1", command, {}, folder / "log", port)


def test_one_that_ends_while_it_starts_is_started_anew(tmp_path: Path) -> None:
    process = member(tmp_path, serves_at=STARTS)
    process.start()
    try:
        await_ready([process], within=30)
        assert process.is_ready()
        assert (tmp_path / "starts").read_text() == "+" * STARTS
    finally:
        process.kill()


def test_one_that_always_ends_is_given_up_with_what_it_said(tmp_path: Path) -> None:
    process = member(tmp_path, serves_at=STARTS + 1)
    process.start()
    with pytest.raises(StartFailed, match=r"order-1 ended while starting(.|\n)*the store is busy"):
        await_ready([process], within=30)
    assert (tmp_path / "starts").read_text() == "+" * STARTS
