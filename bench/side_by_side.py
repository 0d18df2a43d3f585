"""Both profiles side by side, from the last runs of ``bench.orders`` and ``bench.distributed``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = RESULTS / "distributed.md"
SAGA = "order: the whole saga"
MOST_MEMORY_MB = 90.0
"""What a process of the distributed profile may have resident."""

Json = dict[str, Any]


def write_page() -> str:
    """Write the table of both profiles, and that of memory; return the text."""
    distributed: Json = json.loads((RESULTS / "distributed.json").read_text())
    embedded: Json = json.loads((RESULTS / "orders.json").read_text())
    text = "\n".join([*_profiles(embedded, distributed), "", *_memory(distributed), ""])
    PAGE.write_text(text)
    return text


def _profiles(embedded: Json, distributed: Json) -> Iterator[str]:
    saga = next(load for load in embedded["loads"] if load["work"].startswith(SAGA))
    told = embedded["conditions"]
    yield "# Both profiles side by side"
    yield ""
    yield "Written by `make bench ARGS=distributed`; embedded is the last `make bench ARGS=orders`."
    yield ""
    yield "| | embedded | distributed |"
    yield "|---|---|---|"
    rows = {
        "commit": (told["commit"], distributed["commit"]),
        "load average at the start": (told["load_average"], f"{distributed['load_average']:.1f}"),
        "orders/s, 32 buyers": (f"{saga['rate']:.0f}", distributed["orders_a_second"]),
        "POST of an order, p50, ms": (f"{saga['p50_ms']:.0f}", distributed["post_p50_ms"]),
        "POST of an order, p99, ms": (f"{saga['p99_ms']:.0f}", distributed["post_p99_ms"]),
        "CPU an order, ms: the shop": (
            f"{saga['cpu_ms']:.1f}",
            distributed["cpu_ms_an_order_without_engines"],
        ),
        "CPU an order, ms: the servers": ("", distributed["cpu_ms_an_order_of_engines"]),
        "lag of events, p99, s": ("", distributed["lag_p99_seconds"]),
        "all paid after the last order, s": ("", distributed["all_paid_seconds_after_the_last"]),
        "refused": ("", sum(distributed["refused"].values())),
        "units gone less orders": ("0", distributed["units_gone_less_orders"]),
        "start until all serve, s": ("", distributed["started_seconds"]),
    }
    for name, (one, other) in rows.items():
        yield f"| {name} | {one} | {other} |"


def _memory(distributed: Json) -> Iterator[str]:
    yield f"Memory of a process after the load, in MB; at most {MOST_MEMORY_MB:g} resident:"
    yield ""
    yield "| process | RSS | PSS | CPU an order, ms | |"
    yield "|---|---|---|---|---|"
    for name, (resident, shared_out) in distributed["memory_mb_rss_pss_after"].items():
        mark = "" if resident < MOST_MEMORY_MB else "**missed**"
        cpu = distributed["cpu_ms_an_order"][name]
        yield f"| {name.rpartition('-')[0]} | {resident} | {shared_out} | {cpu} | {mark} |"
