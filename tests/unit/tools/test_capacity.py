"""The arithmetic of the capacity plan: from the cost of a request to pods."""

from __future__ import annotations

import pytest

from kibble.runtime.names import GATEWAY, SERVICES
from tools.deploy.capacity import Apart, Costs, measured, measured_apart, need

NAMES = [f"{name}-1" for name in (*SERVICES, GATEWAY)]
NOTHING = dict.fromkeys([*NAMES, "postgres"], 0.0)
COSTS = Costs(read=0.0, search=1.0, cart=0.0, order=0.0)
HOUR = 15_000
"""Daily users of whom one visits a second at the peak: 12 % in the busiest hour, twice that."""


class TestPods:
    def test_are_two_of_each_service_for_a_shop_that_nobody_visits(self) -> None:
        found = need(0, COSTS, Apart(NOTHING, NOTHING, NOTHING, NOTHING))
        assert set(found.pods.values()) == {2}
        assert len(found.pods) == 9

    def test_grow_with_what_a_service_alone_spends(self) -> None:
        # 8 searches a visit, of which the edge answers 60 %: 3.2 CPUs, of which 65 % are used
        apart = Apart(NOTHING, NOTHING | {"product-1": 1000.0}, NOTHING, NOTHING)
        found = need(HOUR, COSTS, apart)
        assert found.pods["product"] == 5
        assert sum(found.pods.values()) == 5 + 8 * 2

    def test_leave_engines_out_which_are_told_apart(self) -> None:
        apart = Apart(NOTHING, NOTHING, NOTHING, NOTHING | {"postgres": 100.0})
        found = need(HOUR, COSTS, apart)
        assert found.engines == pytest.approx(0.003)  # 3 % of visits order
        assert set(found.pods.values()) == {2}


class TestMeasuredCosts:
    def test_name_every_service(self) -> None:
        apart, _ = measured_apart()
        assert set(NAMES) <= set(apart.order)
        assert set(NAMES) <= set(apart.read) == set(apart.search) == set(apart.cart)

    def test_are_more_for_a_search_than_for_a_read(self) -> None:
        apart, _ = measured_apart()
        assert measured().search > measured().read
        assert apart.search["product-1"] > apart.read["product-1"]
