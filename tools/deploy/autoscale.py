"""``python -m tools.deploy.autoscale``: what the autoscaler would have done under a recorded load.

The arithmetic is Kubernetes' (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale,
"Algorithm details"), with the chart's settings. A load is requests a second, second by second, as
Locust recorded them; it is multiplied, and each request costs what the benchmarks measured.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

PROJECT = Path(__file__).parents[2]
TOLERANCE = 0.1
LOCUST_RATE = "Requests/s"
LOOK_SECONDS = 15
POD_READY_SECONDS = 20
"""From the decision to a pod that serves: scheduling, image on the node, start (2 s), readiness."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a service grows: the chart's values, and what a pod has."""

    least: int
    most: int
    target: float
    pods_a_look: int
    hold_seconds: int
    requested_cpu: float

    @classmethod
    def of_chart(cls, service: str) -> Policy:
        """Read a service's values over the defaults of the chart."""
        values = msgspec.yaml.decode((PROJECT / "deploy" / "chart" / "values.yaml").read_bytes())
        default, own = values["defaults"], values["services"][service]
        scaling = default["autoscaling"] | own.get("autoscaling", {})
        requested = default["resources"]["requests"]["cpu"]
        return cls(
            scaling["min"],
            scaling["max"],
            scaling["cpu"] / 100,
            scaling["scaleUpPods"],
            scaling["scaleDownSeconds"],
            int(requested.removesuffix("m")) / 1000,
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """A look of the autoscaler: CPU that is wanted, pods that serve, and what it decides."""

    second: int
    requests: float
    wanted_cpu: float
    serving: int
    desired: int
    missing: float


def simulate(load: Sequence[float], cost_ms: float, policy: Policy, pod_cpu: float) -> list[Moment]:
    """Return what happens every quarter of a minute.

    ``pod_cpu`` is what a pod can use at most; work beyond that is ``missing`` and is refused.
    """
    pods = policy.least
    coming: list[tuple[int, int]] = []
    recommended: list[tuple[int, int]] = []
    moments = []
    for second in range(0, len(load), LOOK_SECONDS):
        window = load[second : second + LOOK_SECONDS]
        requests = sum(window) / len(window)
        wanted = requests * cost_ms / 1000
        serving = pods - sum(count for at, count in coming if at > second)
        used = min(wanted, serving * pod_cpu)
        ratio = used / (serving * policy.requested_cpu) / policy.target
        desired = pods if abs(ratio - 1) <= TOLERANCE else math.ceil(serving * ratio)
        most = pods + max(policy.pods_a_look, pods)
        desired = max(policy.least, min(desired, most, policy.most))
        recommended = [r for r in recommended if r[0] > second - policy.hold_seconds]
        recommended.append((second, desired))
        if desired < pods:
            desired = max(count for _, count in recommended)
        if desired > pods:
            coming.append((second + POD_READY_SECONDS, desired - pods))
        moments.append(Moment(second, requests, wanted, serving, desired, max(0.0, wanted - used)))
        pods = desired
    return moments


def recorded(path: Path) -> list[float]:
    """Return the requests a second of a recording, one for each second."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    if rows and LOCUST_RATE in rows[0]:
        return [float(row[LOCUST_RATE]) for row in rows if row["Name"] == "Aggregated"]
    return [float(row["requests"]) for row in rows]


def main() -> None:
    """Print the looks of the autoscaler under the recorded load."""
    parser = argparse.ArgumentParser(description="The autoscaler under a recorded load.")
    parser.add_argument("--recorded", type=Path, required=True, help="the load, as CSV")
    parser.add_argument("--times", type=float, default=100, help="multiply the recorded load")
    parser.add_argument("--cost", type=float, default=1.1, help="CPU of a request, ms")
    parser.add_argument("--service", default="product", help="whose settings of the chart")
    chosen = parser.parse_args()
    load = [one * chosen.times for one in recorded(chosen.recorded)]
    policy = Policy.of_chart(chosen.service)
    print("   s requests/s CPU wanted  serving  desired  missing")
    for moment in simulate(load, chosen.cost, policy, pod_cpu=1.0):
        print(
            f"{moment.second:>4} {moment.requests:>10.0f} {moment.wanted_cpu:>10.2f}"
            f" {moment.serving:>8} {moment.desired:>8} {moment.missing:>8.2f}"
        )


if __name__ == "__main__":
    main()
