"""Packing items into parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.ids import ProductId
from kibble.services.shipping.model.cartons import MAX_PARCEL_GRAMS
from kibble.services.shipping.model.packing import Item, Parcel, pack, split_weight


def item(name: str, quantity: int, weight_grams: int) -> Item:
    return Item(ProductId(name), quantity, weight_grams)


LIGHT = st.builds(
    item, st.sampled_from("abcdef"), st.integers(1, 60), st.integers(0, MAX_PARCEL_GRAMS)
)
ANY_WEIGHT = st.builds(item, st.sampled_from("abcdef"), st.integers(1, 20), st.integers(0, 80_000))


def total_weight(parcels: Sequence[Parcel]) -> int:
    return sum(parcel.weight_grams for parcel in parcels)


def units(items: list[Item]) -> Counter[tuple[str, int]]:
    counted: Counter[tuple[str, int]] = Counter()
    for one in items:
        counted[(one.product_id, one.weight_grams)] += one.quantity
    return counted


@given(st.lists(ANY_WEIGHT, max_size=12))
def test_keeps_every_unit(items: list[Item]) -> None:
    packed = [one for parcel in pack(items) for one in parcel.items]
    assert units(packed) == units(items)


@given(st.lists(LIGHT, max_size=12))
def test_makes_no_parcel_too_heavy(items: list[Item]) -> None:
    assert all(parcel.weight_grams <= MAX_PARCEL_GRAMS for parcel in pack(items))


@given(st.lists(ANY_WEIGHT, max_size=12))
def test_only_a_unit_that_is_too_heavy_alone_exceeds_the_limit(items: list[Item]) -> None:
    for parcel in pack(items):
        if parcel.weight_grams > MAX_PARCEL_GRAMS:
            assert [one.quantity for one in parcel.items] == [1]


@given(st.lists(ANY_WEIGHT, max_size=12))
def test_weighs_what_the_items_weigh(items: list[Item]) -> None:
    assert total_weight(pack(items)) == sum(one.quantity * one.weight_grams for one in items)


@given(st.lists(LIGHT, min_size=1, max_size=12))
def test_leaves_no_two_parcels_that_would_fit_into_one(items: list[Item]) -> None:
    weights = sorted(parcel.weight_grams for parcel in pack(items))
    assert len(weights) == 1 or weights[0] + weights[1] > MAX_PARCEL_GRAMS or weights[0] == 0


def test_fills_the_room_that_heavy_items_leave() -> None:
    parcels = pack([item("tin", 4, 5_000), item("sack", 2, 20_000)])
    assert [parcel.weight_grams for parcel in parcels] == [30_000, 30_000]


def test_packs_a_large_quantity_without_touching_each_unit() -> None:
    assert len(pack([item("tin", 3_000_000, 10)])) == 1_000


@given(st.integers(0, 500_000))
def test_splits_a_weight_into_the_fewest_parcels(weight: int) -> None:
    parcels = split_weight(weight)
    assert total_weight(parcels) == max(1, weight)
    assert len(parcels) == max(1, -(-weight // MAX_PARCEL_GRAMS))
