"""Putting units into boxes: a heuristic for the bin packing problem in three dimensions.

Units are taken by volume, the largest first, and put at the lowest, rearmost, leftmost of a box's
extreme points where one of their six positions fits (after T. G. Crainic, G. Perboli, R. Tadei,
"Extreme Point-Based Heuristics for Three-Dimensional Bin Packing", INFORMS Journal on Computing 20,
2008). Each box is opened as the largest, and changed for the smallest that takes the same units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import permutations

Size = tuple[int, int, int]
"""Length, width and height in millimetres."""

MAX_PARCEL_GRAMS = 30_000
MAX_UNITS = 60
"""How many units are placed one by one: it bounds the work for a stranger's question."""
WALL_MM = 5
_GRAMS_PER_LITRE = 400


@dataclass(frozen=True, slots=True)
class Box:
    """A box that the shop packs into: its inside, and what it may hold."""

    code: str
    inside: Size
    max_grams: int = MAX_PARCEL_GRAMS

    @property
    def outside(self) -> Size:
        """The size that carriers measure."""
        length, width, height = self.inside
        return (length + 2 * WALL_MM, width + 2 * WALL_MM, height + 2 * WALL_MM)


STANDARD_BOXES = (
    Box("XS", (230, 160, 80), 5_000),
    Box("S", (300, 230, 150), 10_000),
    Box("M", (400, 300, 250), 20_000),
    Box("L", (600, 400, 300)),
    Box("XL", (600, 450, 450)),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing to pack: the line of the order that it is of, its size and weight."""

    line: int
    size: Size
    grams: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit in a box: its nearest corner, and its size as it lies there."""

    unit: Unit
    at: Size
    size: Size

    def overlaps(self, at: Size, size: Size) -> bool:
        """Tell whether something at a place would share room with the unit."""
        return all(
            here < there + extent and there < here + own
            for here, own, there, extent in zip(self.at, self.size, at, size, strict=True)
        )


@dataclass(slots=True)
class Carton:
    """A box and what is in it; without a box, one unit as it is."""

    box: Box | None
    placed: list[Placed] = field(default_factory=list[Placed])
    _points: list[Size] = field(default_factory=lambda: [(0, 0, 0)])
    _grams: int = 0

    @property
    def box_code(self) -> str | None:
        """The name of the box."""
        return self.box.code if self.box else None

    @property
    def outside(self) -> Size:
        """What carriers measure."""
        return self.box.outside if self.box else self.placed[0].size

    def take(self, unit: Unit) -> bool:
        """Put a unit in, if it fits."""
        if self.box is None or self._grams + unit.grams > self.box.max_grams:
            return False
        for at in sorted(self._points, key=lambda point: point[::-1]):
            for size in _positions(unit.size):
                if self._is_free(self.box, at, size):
                    self._put(unit, at, size)
                    return True
        return False

    def _is_free(self, box: Box, at: Size, size: Size) -> bool:
        if any(a + s > most for a, s, most in zip(at, size, box.inside, strict=True)):
            return False
        return not any(placed.overlaps(at, size) for placed in self.placed)

    def _put(self, unit: Unit, at: Size, size: Size) -> None:
        self.placed.append(Placed(unit, at, size))
        self._grams += unit.grams
        (x, y, z), (length, width, height) = at, size
        self._points.remove(at)
        self._points += [(x + length, y, z), (x, y + width, z), (x, y, z + height)]


def fill_cartons(units: Iterable[Unit], boxes: Sequence[Box]) -> Sequence[Carton]:
    """Return cartons that hold each unit once."""
    by_volume = sorted(boxes, key=lambda box: volume(box.inside))
    cartons: list[Carton] = []
    for unit in sorted(units, key=lambda unit: (-volume(unit.size), -max(unit.size))):
        if not any(carton.take(unit) for carton in cartons):
            cartons.append(_opened(unit, by_volume))
    return [_in_the_smallest(carton, by_volume) for carton in cartons]


def _opened(unit: Unit, by_volume: Sequence[Box]) -> Carton:
    for box in reversed(by_volume):
        carton = Carton(box)
        if carton.take(unit):
            return carton
    return Carton(None, [Placed(unit, (0, 0, 0), unit.size)])


def _in_the_smallest(carton: Carton, by_volume: Sequence[Box]) -> Carton:
    for box in by_volume:
        smaller = Carton(box)
        if carton.box in (None, box):
            break
        if all(smaller.take(placed.unit) for placed in carton.placed):
            return smaller
    return carton


def _positions(size: Size) -> Iterable[Size]:
    return dict.fromkeys((a, b, c) for a, b, c in permutations(size))


def volume(size: Size) -> int:
    """Return a volume in cubic millimetres."""
    return size[0] * size[1] * size[2]


def assumed_size(weight_grams: int) -> Size:
    """Return the cube that a thing of this weight is taken for: dry food has about 0.4 kg/l."""
    side = round((max(1, weight_grams) / _GRAMS_PER_LITRE * 1_000_000) ** (1 / 3))
    return (side, side, side)


def read_boxes(text: str) -> tuple[Box, ...]:
    """Return the boxes in a list of ``NAME:LENGTHxWIDTHxHEIGHT:GRAMS``, inside in millimetres.

    Raises ``ValueError`` naming what is none.
    """
    return tuple(_read_box(each.strip()) for each in text.split(",") if each.strip())


def _read_box(text: str) -> Box:
    try:
        code, sides, grams = text.split(":")
        length, width, height = (int(side) for side in sides.lower().split("x"))
        box = Box(code, (length, width, height), int(grams))
    except ValueError as error:
        raise ValueError(f"{text} is no box: NAME:300x200x100:10000") from error
    if min(*box.inside, box.max_grams) < 1 or box.max_grams > MAX_PARCEL_GRAMS:
        raise ValueError(f"{text}: sides from 1 mm, up to {MAX_PARCEL_GRAMS} g")
    return box
