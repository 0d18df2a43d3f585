"""Packing items into parcels by weight: first fit, heaviest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kibble.kernel.ids import ProductId

MAX_PARCEL_GRAMS = 30_000


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of a product; ``weight_grams`` of one unit."""

    product_id: ProductId
    quantity: int
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A box on its own label; ``items`` is empty when only its weight is known."""

    weight_grams: int
    items: tuple[Item, ...] = ()


@dataclass(slots=True)
class _Box:
    room: int
    items: list[Item] = field(default_factory=list[Item])

    def take(self, item: Item, units: int) -> None:
        self.items.append(Item(item.product_id, units, item.weight_grams))
        self.room -= units * item.weight_grams


def pack(items: Iterable[Item]) -> tuple[Parcel, ...]:
    """Pack every unit into parcels of at most 30 kg (first-fit decreasing).

    A unit that is heavier than that travels in a parcel of its own. Equal units are packed
    together, so the work grows with lines and parcels, not with units.
    """
    boxes: list[_Box] = []
    for item in sorted(items, key=lambda item: -item.weight_grams):
        _pack_line(boxes, item)
    return tuple(_parcel(box.items) for box in boxes)


def split_weight(weight_grams: int) -> tuple[Parcel, ...]:
    """Return the fewest parcels that carry a weight of which nothing else is known."""
    full, rest = divmod(max(1, weight_grams), MAX_PARCEL_GRAMS)
    return (Parcel(MAX_PARCEL_GRAMS),) * full + ((Parcel(rest),) if rest else ())


def total_weight(parcels: Sequence[Parcel]) -> int:
    """Return what the parcels weigh together, in grams."""
    return sum(parcel.weight_grams for parcel in parcels)


def _pack_line(boxes: list[_Box], item: Item) -> None:
    weight, left = max(1, item.weight_grams), item.quantity
    for box in boxes:
        if left and (units := min(left, box.room // weight)) > 0:
            box.take(item, units)
            left -= units
    while left > 0:
        box = _Box(MAX_PARCEL_GRAMS)
        units = min(left, max(1, box.room // weight))
        box.take(item, units)
        boxes.append(box)
        left -= units


def _parcel(items: list[Item]) -> Parcel:
    return Parcel(sum(item.quantity * item.weight_grams for item in items), tuple(items))
