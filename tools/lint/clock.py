"""No service reads a clock, makes an id, rolls dice or sleeps by itself: all of it comes in."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Source

_PORTS = {
    "asyncio.sleep": "Clock.sleep",
    "datetime.date.today": "Clock.now",
    "datetime.datetime.now": "Clock.now",
    "datetime.datetime.today": "Clock.now",
    "datetime.datetime.utcnow": "Clock.now",
    "os.getrandom": "Randomness",
    "os.urandom": "Randomness",
    "uuid.uuid1": "IdSource.new",
    "uuid.uuid4": "IdSource.new",
    "uuid.uuid6": "IdSource.new",
    "uuid.uuid7": "IdSource.new",
    "uuid.uuid8": "IdSource.new",
}
_MODULES = {
    "numpy.random": "Randomness",
    "random": "Randomness",
    "secrets": "Randomness",
    "time": "Clock",
}
_HARMLESS = {
    "numpy.random.Generator",
    "secrets.compare_digest",
    "time.strptime",
    "time.struct_time",
}
_SEEDED = {"random.Random", "numpy.random.default_rng"}
"""Fine with a seed; called without one, they ask the operating system."""


def check(source: Source) -> Iterator[Finding]:
    """Find what reaches around the ports in a service's file."""
    if source.service_file is None:
        return
    unseeded = {
        node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call) and not node.args
    }
    for node in ast.walk(source.tree):
        name = source.meaning(node)
        if name is None or name in _HARMLESS or (name in _SEEDED and node not in unseeded):
            continue
        if port := _PORTS.get(name) or _MODULES.get(name.rpartition(".")[0]):
            yield source.finding(node, f"{name}: take {port} through the constructor")
