"""The autoscaler's arithmetic, with the settings of the chart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tools.deploy.autoscale import PROJECT, Policy, recorded, simulate

POLICY = Policy(least=2, most=10, target=0.65, pods_a_look=4, hold_seconds=300, requested_cpu=0.25)


class TestAutoscaler:
    def test_leaves_a_steady_load_alone(self) -> None:
        # 2 pods that request 0.25 CPU, 65 % of it: 0.325 CPU are just right
        moments = simulate([325.0] * 120, 1.0, POLICY, pod_cpu=1.0)
        assert {moment.desired for moment in moments} == {2}
        assert not any(moment.missing for moment in moments)

    def test_grows_at_once_by_four_pods_a_look_and_no_further_than_it_may(self) -> None:
        moments = simulate([100.0] * 30 + [5000.0] * 120, 1.0, POLICY, pod_cpu=1.0)
        assert [moment.desired for moment in moments][:5] == [2, 2, 6, 10, 10]
        assert moments[2].missing == 3.0  # until the new pods are ready
        assert moments[-1].missing == 0

    def test_shrinks_only_when_the_load_has_been_low_for_a_while(self) -> None:
        moments = simulate([2000.0] * 60 + [10.0] * 600, 1.0, POLICY, pod_cpu=1.0)
        after = {moment.second: moment.desired for moment in moments}
        assert after[60] == after[300]
        assert after[480] < after[60]


class TestSettings:
    def test_are_those_of_the_chart(self) -> None:
        product = Policy.of_chart("product")
        assert (product.least, product.most, product.requested_cpu) == (2, 20, 0.25)


class TestTheRecordedSale:
    def test_is_short_of_pods_a_hundredfold_until_they_are_ready_and_then_no_more(self) -> None:
        load = [one * 100 for one in recorded(PROJECT / "bench/load/recorded/sale.csv")]
        moments = simulate(load, 1.1, Policy.of_chart("product"), pod_cpu=1.0)
        assert max(moment.missing for moment in moments) > 1
        assert moments[-1].missing == 0

    def test_is_served_whole_where_its_pods_were_there_before(self) -> None:
        load = [one * 100 for one in recorded(PROJECT / "bench/load/recorded/sale.csv")]
        ready = replace(Policy.of_chart("product"), least=7)
        moments = simulate(load, 1.1, ready, pod_cpu=1.0)
        assert not any(moment.missing for moment in moments)


class TestRecording:
    def test_of_locust_is_read_by_its_aggregated_rows(self, tmp_path: Path) -> None:
        file = tmp_path / "load_stats_history.csv"
        file.write_text("Name,Requests/s\nsearch,1\nAggregated,2.5\nAggregated,3\n")
        assert recorded(file) == [2.5, 3.0]
