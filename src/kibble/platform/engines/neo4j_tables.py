"""Neo4j's driver without its tables: what they hold is computed when it is asked for.

On import the driver (6.4) packs all 65,536 numbers of two bytes, and counts the days of each month
from the year 1 to 9999: 28 MB in every process, for what a line computes.
"""

from __future__ import annotations

import sys
from calendar import isleap, monthrange
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from struct import pack, unpack
from types import ModuleType


class PackedNumbers(dict[int, bytes]):
    """The two bytes of a number."""

    def __missing__(self, number: int) -> bytes:
        """Return them, the larger one first."""
        return pack(">H", number)


class UnpackedNumbers(dict[bytes, int]):
    """The number of two bytes."""

    def __missing__(self, packed: bytes) -> int:
        """Return it; the first byte is the larger one."""
        number: int = unpack(">H", packed)[0]
        return number


class LeapYears(dict[int, bool]):
    """Whether a year has 366 days."""

    def __missing__(self, year: int) -> bool:
        """Tell it."""
        return isleap(year)


class DaysInYear(dict[int, int]):
    """The days of a year."""

    def __missing__(self, year: int) -> int:
        """Return them."""
        return 365 + isleap(year)


class DaysInMonth(dict[tuple[int, int], int]):
    """The days of a month."""

    def __missing__(self, month: tuple[int, int]) -> int:
        """Return them, by year and month."""
        return monthrange(*month)[1]


COMPUTED: Mapping[str, Mapping[str, object]] = {
    "neo4j._codec.packstream.v1": {
        "PACKED_UINT_16": PackedNumbers(),
        "UNPACKED_UINT_16": UnpackedNumbers(),
    },
    "neo4j.time": {
        "_IS_LEAP_YEAR": LeapYears(),
        "_DAYS_IN_YEAR": DaysInYear(),
        "_DAYS_IN_MONTH": DaysInMonth(),
    },
}
"""What stands for the driver's tables, by module and name."""


@contextmanager
def without_tables() -> Generator[None]:
    """Let the driver be imported inside; a module that has none of these tables is as it is."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how the driver's modules are loaded; none for any other module."""
        if fullname not in COMPUTED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Sparing(spec.loader, COMPUTED[fullname])
        return spec


class _Sparing(Loader):
    """Loads a module whose large tables have a few entries at first, and then none at all."""

    def __init__(self, loader: Loader, computed: Mapping[str, object]) -> None:
        self._loader = loader
        self._computed = computed

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        names = vars(module)
        names["range"] = _few_of_range
        self._loader.exec_module(module)
        del names["range"]
        names.update({name: table for name, table in self._computed.items() if name in names})


def _few_of_range(*bounds: int) -> Sequence[int]:
    """Return a range; of a large one what the driver asks for while it is imported."""
    whole = range(*bounds)
    return whole if len(whole) <= _SMALL else [whole[0], _EPOCH, whole[-1]]


_SMALL = 0x100
_EPOCH = 1970
"""The year that Unix's time starts in."""
