"""Packing items into parcels: by size where it is known, else by weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from kibble.kernel.ids import ProductId
from kibble.services.shipping.model.cartons import (
    MAX_PARCEL_GRAMS,
    MAX_UNITS,
    STANDARD_BOXES,
    Box,
    Carton,
    Size,
    Unit,
    assumed_size,
    fill_cartons,
)
from kibble.services.shipping.model.handling import Handling


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of a product; ``weight_grams`` and ``size_mm`` of one unit."""

    product_id: ProductId
    quantity: int
    weight_grams: int
    size_mm: Size | None = None
    handling: Handling = Handling.PLAIN


@dataclass(frozen=True, slots=True)
class Parcel:
    """A box on its own label; ``items`` is empty when only its weight is known.

    ``box`` names one of the shop's, and ``size_mm`` is its outside; both are None where sizes are
    not known. What has a size and fits into no box travels as it is, without a ``box``.
    """

    weight_grams: int
    items: tuple[Item, ...] = ()
    box: str | None = None
    size_mm: Size | None = None
    handling: Handling = Handling.PLAIN


@dataclass(slots=True)
class _Load:
    room: int
    items: list[Item] = field(default_factory=list[Item])

    def take(self, item: Item, units: int) -> None:
        self.items.append(replace(item, quantity=units))
        self.room -= units * item.weight_grams


def pack(items: Iterable[Item], boxes: Sequence[Box] = STANDARD_BOXES) -> tuple[Parcel, ...]:
    """Pack every unit into parcels of at most 30 kg, things of different handling apart.

    Where sizes are known, units are put into the boxes, in any of their six positions; of things
    without a size a usual one is assumed. Where none is known, or of a great many units, parcels
    are filled by weight alone (first-fit decreasing). A unit that is too heavy or too large for any
    box travels in a parcel of its own.
    """
    ordered = sorted(items, key=lambda item: item.handling.value)
    return tuple(
        parcel
        for handling, group in groupby(ordered, key=lambda item: item.handling)
        for parcel in _pack_group(list(group), handling, boxes)
    )


def _pack_group(
    items: Sequence[Item], handling: Handling, boxes: Sequence[Box]
) -> Iterator[Parcel]:
    is_sized = any(item.size_mm for item in items)
    if is_sized and sum(item.quantity for item in items) <= MAX_UNITS:
        yield from (_boxed(items, carton, handling) for carton in _cartons(items, boxes))
        return
    loads: list[_Load] = []
    for item in sorted(items, key=lambda item: -item.weight_grams):
        _load_line(loads, item)
    yield from (Parcel(_weight(load.items), tuple(load.items), handling=handling) for load in loads)


def _cartons(items: Sequence[Item], boxes: Sequence[Box]) -> Sequence[Carton]:
    units = [
        Unit(place, item.size_mm or assumed_size(item.weight_grams), item.weight_grams)
        for place, item in enumerate(items)
        for _ in range(item.quantity)
    ]
    return fill_cartons(units, boxes)


def _boxed(items: Sequence[Item], carton: Carton, handling: Handling) -> Parcel:
    counts: dict[int, int] = {}
    for placed in carton.placed:
        counts[placed.unit.line] = counts.get(placed.unit.line, 0) + 1
    inside = [replace(items[line], quantity=count) for line, count in sorted(counts.items())]
    return Parcel(_weight(inside), tuple(inside), carton.box_code, carton.outside, handling)


def split_weight(weight_grams: int) -> tuple[Parcel, ...]:
    """Return the fewest parcels that carry a weight of which nothing else is known."""
    full, rest = divmod(max(1, weight_grams), MAX_PARCEL_GRAMS)
    return (Parcel(MAX_PARCEL_GRAMS),) * full + ((Parcel(rest),) if rest else ())


def by_handling(parcels: Sequence[Parcel]) -> dict[Handling, tuple[Parcel, ...]]:
    """Return the parcels of each handling, in order."""
    return {
        handling: tuple(group) for handling, group in groupby(parcels, key=lambda p: p.handling)
    }


def _load_line(loads: list[_Load], item: Item) -> None:
    weight, left = max(1, item.weight_grams), item.quantity
    for load in loads:
        if left and (units := min(left, load.room // weight)) > 0:
            load.take(item, units)
            left -= units
    while left > 0:
        load = _Load(MAX_PARCEL_GRAMS)
        units = min(left, max(1, load.room // weight))
        load.take(item, units)
        loads.append(load)
        left -= units


def _weight(items: Sequence[Item]) -> int:
    return sum(item.quantity * item.weight_grams for item in items)
