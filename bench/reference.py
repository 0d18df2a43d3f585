"""The raw reference: a bare ASGI application under the same server, which answers fixed bytes.

It reads a request's body and looks at nothing: what it costs is uvicorn, uvloop and httptools.

::

    python -m bench.reference PORT ANSWER   # ANSWER: a file that bench.kit.measure wrote
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn


class Answer(msgspec.Struct):
    """What is answered to everything: the headers and body of a real answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Reference:
    """The application."""

    def __init__(self, answer: Answer) -> None:
        headers = [(name.encode(), value.encode()) for name, value in answer.headers]
        self._start = {
            "type": "http.response.start",
            "status": answer.status,
            "headers": headers,
        }
        self._body = {"type": "http.response.body", "body": answer.body}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request."""
        while (await receive()).get("more_body"):
            pass
        await send(self._start)
        await send(self._body)


def main(port: int, file: Path) -> None:
    """Serve until SIGTERM, with the settings that ``kibble run`` has."""
    uvicorn.run(
        Reference(msgspec.json.decode(file.read_bytes(), type=Answer)),
        host="127.0.0.1",
        port=port,
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
