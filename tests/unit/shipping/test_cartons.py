"""Putting units into boxes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.ids import ProductId
from kibble.services.shipping.model.cartons import (
    MAX_PARCEL_GRAMS,
    MAX_UNITS,
    STANDARD_BOXES,
    Box,
    Carton,
    Unit,
    fill_cartons,
    read_boxes,
    volume,
)
from kibble.services.shipping.model.handling import Handling
from kibble.services.shipping.model.packing import Item, pack
from kibble.services.shipping.model.tariff import billable_grams

SIDES = st.integers(1, 700)
UNITS = st.lists(
    st.builds(Unit, st.integers(0, 5), st.tuples(SIDES, SIDES, SIDES), st.integers(0, 32_000)),
    max_size=14,
)
BOXES = st.lists(
    st.builds(
        Box,
        st.sampled_from("abcd"),
        st.tuples(*[st.integers(50, 600)] * 3),
        st.integers(1_000, MAX_PARCEL_GRAMS),
    ),
    min_size=1,
    max_size=4,
)


@given(UNITS, BOXES)
def test_every_unit_is_packed_once(units: list[Unit], boxes: list[Box]) -> None:
    packed = [placed.unit for carton in fill_cartons(units, boxes) for placed in carton.placed]
    assert Counter(packed) == Counter(units)


@given(UNITS, BOXES)
def test_no_box_is_over_its_weight_or_volume(units: list[Unit], boxes: list[Box]) -> None:
    for carton in fill_cartons(units, boxes):
        if carton.box is not None:
            assert sum(placed.unit.grams for placed in carton.placed) <= carton.box.max_grams
            filled = sum(volume(placed.size) for placed in carton.placed)
            assert filled <= volume(carton.box.inside)


@given(UNITS, BOXES)
def test_nothing_overlaps_or_sticks_out(units: list[Unit], boxes: list[Box]) -> None:
    for carton in fill_cartons(units, boxes):
        for one, other in combinations(carton.placed, 2):
            assert not one.overlaps(other.at, other.size)
            assert not other.overlaps(one.at, one.size)
        for placed in carton.placed:
            assert sorted(placed.size) == sorted(placed.unit.size)
            if carton.box is not None:
                ends = [a + s for a, s in zip(placed.at, placed.size, strict=True)]
                assert all(e <= most for e, most in zip(ends, carton.box.inside, strict=True))


@given(UNITS, BOXES)
def test_only_what_fits_into_no_box_travels_without_one(
    units: list[Unit], boxes: list[Box]
) -> None:
    for carton in fill_cartons(units, boxes):
        if carton.box is None:
            (alone,) = carton.placed
            assert not any(Carton(box).take(alone.unit) for box in boxes)


def test_a_unit_is_turned_until_it_fits() -> None:
    (carton,) = fill_cartons([Unit(0, (10, 290, 140), 100)], [Box("flat", (300, 150, 12))])
    assert carton.box_code == "flat"
    assert carton.placed[0].size == (290, 140, 10)


def test_a_box_is_filled_to_the_last_corner() -> None:
    cubes = [Unit(0, (100, 100, 100), 10) for _ in range(24)]
    (carton,) = fill_cartons(cubes, [Box("tight", (400, 300, 200))])
    assert len(carton.placed) == 24


def test_the_smallest_box_is_taken_that_holds_the_same() -> None:
    (carton,) = fill_cartons([Unit(0, (200, 150, 70), 900)], STANDARD_BOXES)
    assert carton.box_code == "XS"


class TestParcels:
    def test_of_sized_things_are_boxes_with_an_outside(self) -> None:
        bag = Item(ProductId("bag"), 2, 4_000, (380, 250, 110))
        (parcel,) = pack([bag])
        assert (parcel.weight_grams, parcel.box, parcel.items) == (8_000, "M", (bag,))
        assert parcel.size_mm == (410, 310, 260)

    def test_assume_a_size_of_what_has_none_beside_what_has_one(self) -> None:
        bag, leash = Item(ProductId("bag"), 1, 4_000, (380, 250, 110)), Item(ProductId("l"), 1, 300)
        (parcel,) = pack([bag, leash])
        assert {item.product_id for item in parcel.items} == {"bag", "l"}

    def test_keep_apart_what_is_handled_otherwise(self) -> None:
        handled = [Item(ProductId(h.value), 1, 500, None, h) for h in Handling]
        parcels = pack(handled)
        assert len(parcels) == len(Handling)
        assert {parcel.handling for parcel in parcels} == {*Handling}
        for parcel in parcels:
            assert {item.handling for item in parcel.items} == {parcel.handling}

    def test_of_a_great_many_units_are_filled_by_weight(self) -> None:
        many = Item(ProductId("tin"), MAX_UNITS + 1, 500, (80, 80, 40))
        assert [parcel.weight_grams for parcel in pack([many])] == [30_000, 500]

    @given(
        st.lists(
            st.builds(
                Item,
                st.sampled_from([ProductId(name) for name in "abc"]),
                st.integers(1, 8),
                st.integers(1, 9_000),
                st.none() | st.tuples(*[st.integers(20, 500)] * 3),
                st.sampled_from(Handling),
            ),
            max_size=6,
        )
    )
    def test_have_every_unit_once_and_weigh_what_it_weighs(self, items: list[Item]) -> None:
        parcels = pack(items)
        packed: Counter[tuple[str, int, Handling]] = Counter()
        for parcel in parcels:
            for one in parcel.items:
                packed[one.product_id, one.weight_grams, one.handling] += one.quantity
            inside = sum(one.quantity * one.weight_grams for one in parcel.items)
            assert parcel.weight_grams == inside
        wanted: Counter[tuple[str, int, Handling]] = Counter()
        for one in items:
            wanted[one.product_id, one.weight_grams, one.handling] += one.quantity
        assert packed == wanted


class TestBillableWeight:
    @pytest.mark.parametrize(
        ("grams", "size_mm", "billable"),
        [
            (1_000, None, 1_000),
            (1_905, (282, 206, 105), 1_905),  # 12 x 9 x 5 in: 540 / 139 = 4 lb, which is 1,815 g
            (500, (282, 206, 105), 1_815),
            (500, (305, 305, 305), 7_258),  # 13 x 13 x 13 in, since 12.01 in is 13: 16 lb
        ],
    )
    def test_is_that_of_the_size_where_it_is_more(
        self, grams: int, size_mm: tuple[int, int, int] | None, billable: int
    ) -> None:
        assert billable_grams(grams, size_mm) == billable


class TestBoxes:
    def test_are_read_from_a_setting(self) -> None:
        assert read_boxes("A:300x200x100:5000, B:600x400x400:30000") == (
            Box("A", (300, 200, 100), 5_000),
            Box("B", (600, 400, 400), 30_000),
        )
        assert read_boxes("") == ()

    @pytest.mark.parametrize(
        "text", ["A", "A:300x200:5000", "A:axbxc:1", "A:0x1x1:1", "A:1x1x1:30001"]
    )
    def test_that_are_none_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="A"):
            read_boxes(text)
