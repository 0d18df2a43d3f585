"""Zones and prices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.errors import InvalidInput
from kibble.kernel.money import Money
from kibble.services.shipping.adapters.zip_table import read_zip_table
from kibble.services.shipping.model.tariff import (
    FEDEX,
    FREE,
    METHODS,
    UPS,
    Method,
    by_cost,
    carrier_methods,
    method_of,
    rate,
)
from kibble.services.shipping.model.zones import FARTHEST_ZONE, ZoneMap, miles_between

NOW = datetime(2026, 3, 9, 15, tzinfo=UTC)
TABLE = read_zip_table()
COLUMBUS = ZoneMap(TABLE, "43215")

PAID = st.sampled_from([method for method in METHODS.values() if method is not FREE])
ZONES = st.integers(2, FARTHEST_ZONE)
GRAMS = st.integers(1, 200_000)


class TestZones:
    @pytest.mark.parametrize(
        ("zip_code", "zone"),
        [("43085", 2), ("60601", 3), ("10001", 4), ("33101", 5), ("80202-1234", 6), ("98101", 8)],
    )
    def test_grow_with_the_distance(self, zip_code: str, zone: int) -> None:
        assert COLUMBUS.zone(zip_code) == zone

    @pytest.mark.parametrize("zip_code", ["99501", "96801", "00901", "96910"])
    def test_offshore_is_the_farthest(self, zip_code: str) -> None:
        assert COLUMBUS.knows(zip_code)
        assert COLUMBUS.zone(zip_code) == FARTHEST_ZONE

    @pytest.mark.parametrize("zip_code", ["00000", "09012", "34012"])
    def test_does_not_know_a_zip_code_outside_the_table(self, zip_code: str) -> None:
        assert not COLUMBUS.knows(zip_code)
        assert COLUMBUS.zone(zip_code) == FARTHEST_ZONE

    def test_refuses_to_send_from_an_unknown_place(self) -> None:
        with pytest.raises(ValueError, match="00000"):
            ZoneMap(TABLE, "00000")

    def test_measures_as_the_crow_flies(self) -> None:
        new_york, los_angeles = (40.71, -74.01), (34.05, -118.24)
        assert miles_between(new_york, los_angeles) == pytest.approx(2446, abs=5)

    def test_the_table_lies_inside_the_united_states(self) -> None:
        assert len(TABLE) == 916
        assert all(13 < latitude < 72 for latitude, _ in TABLE.values())
        assert all(longitude < -64 or prefix == "969" for prefix, (_, longitude) in TABLE.items())


class TestTariff:
    def test_prices_a_light_parcel_nearby(self) -> None:
        assert method_of("ups-standard").tariff.cost(2, 400) == Money(799)

    def test_prices_weight_and_distance(self) -> None:
        cost = method_of("ups-standard").tariff.cost(5, 1_600)
        assert cost == Money(799 + 45 * 3 + 3 * (25 + 4 * 3))

    @given(PAID, ZONES, GRAMS, st.integers(0, 100_000))
    def test_more_weight_never_costs_less(
        self, method: Method, zone: int, grams: int, more: int
    ) -> None:
        assert method.tariff.cost(zone, grams) <= method.tariff.cost(zone, grams + more)

    @given(PAID, st.integers(2, FARTHEST_ZONE - 1), GRAMS)
    def test_farther_never_costs_less_nor_arrives_sooner(
        self, method: Method, zone: int, grams: int
    ) -> None:
        near, far = rate(method, zone, [grams], NOW), rate(method, zone + 1, [grams], NOW)
        assert near.cost <= far.cost
        assert near.estimated_delivery <= far.estimated_delivery

    @given(st.sampled_from(["ups", "fedex"]), ZONES, GRAMS)
    def test_a_faster_method_costs_more(self, carrier: str, zone: int, grams: int) -> None:
        rates = [
            rate(method_of(f"{carrier}-{speed}"), zone, [grams], NOW)
            for speed in ("overnight", "expedited", "standard")
        ]
        assert [r.cost for r in rates] == sorted((r.cost for r in rates), reverse=True)

    @given(ZONES, GRAMS)
    def test_the_free_method_costs_nothing(self, zone: int, grams: int) -> None:
        assert rate(FREE, zone, [grams], NOW).cost == Money(0)

    def test_each_carrier_offers_three_methods_at_a_price(self) -> None:
        assert [len(carrier_methods(name)) for name in (UPS, FEDEX)] == [3, 3]
        assert FREE not in carrier_methods(UPS)

    def test_sorts_the_cheapest_first(self) -> None:
        rates = by_cost([rate(method, 5, [2_000], NOW) for method in METHODS.values()])
        assert [r.method.code for r in rates][:2] == ["standard", "ups-standard"]
        assert [r.cost for r in rates] == sorted(r.cost for r in rates)

    def test_rejects_an_unknown_method_and_lists_the_known(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            method_of("pigeon")
        assert caught.value.errors[0].pointer == "/method"
        assert "fedex-overnight" in caught.value.errors[0].detail
