from __future__ import annotations

import socket

import pytest


def test_any_other_test_connects_to_this_machine_only() -> None:
    with socket.socket() as plug, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        plug.connect(("192.0.2.1", 9))
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
