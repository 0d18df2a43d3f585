"""``python -m tools.deploy.gateway`` writes HAProxy's settings for containers and for the chart.

They come from the same template as those of one machine. Each service is known by its name, with
``kibble-`` before it; the chart puts its own name there.
"""

from __future__ import annotations

from pathlib import Path

from kibble.platform.security.identities import GUESTS, SHOP
from kibble.runtime.names import GATEWAY, SERVICES
from tools.distributed.gateway import Backend, render

TARGET = Path(__file__).parents[2] / "deploy" / "chart" / "files" / "haproxy.cfg"
KEYS = Path("/etc/kibble")
PORT = 8000
PREFIX = "kibble-"
REQUESTS_IN_TEN_SECONDS = 1000


def text() -> str:
    """Return the settings."""
    return render(
        bind=":8080",
        figures=":8404",
        socket=Path("/tmp/haproxy.sock"),  # noqa: S108 - the container's own, and nobody else's
        public_keys=[KEYS / f"{owner}-0.pem" for owner in (SHOP, GUESTS)],
        services=[Backend(name, [f"{PREFIX}{name}:{PORT}"]) for name in SERVICES],
        gateway=[f"{PREFIX}{GATEWAY}:{PORT}"],
        inner=False,
        rate_limits=REQUESTS_IN_TEN_SECONDS,
        threads=2,
    )


def main() -> None:
    """Write the file."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text())


if __name__ == "__main__":
    main()
